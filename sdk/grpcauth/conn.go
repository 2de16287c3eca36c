package grpcauth

import (
	"context"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/sdk"
)

// DialOptions makes a new connection present the client's token and makes unary
// calls again as the package comment says. The connection's transport
// credentials are the caller's to give.
func DialOptions(client *sdk.Client, options ...Option) []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithPerRPCCredentials(Credentials(client, options...)),
		grpc.WithChainUnaryInterceptor(UnaryInterceptor(client)),
		grpc.WithChainStreamInterceptor(StreamInterceptor(client)),
	}
}

// Conn is a connection that presents the client's token, made of one that does
// not: what [DialOptions] does, for a connection that exists already.
func Conn(client *sdk.Client, bare *grpc.ClientConn, options ...Option) grpc.ClientConnInterface {
	return &conn{bare: bare, credentials: grpc.PerRPCCredentials(Credentials(client, options...)), unary: UnaryInterceptor(client), stream: StreamInterceptor(client)}
}

type conn struct {
	bare        *grpc.ClientConn
	credentials grpc.CallOption
	unary       grpc.UnaryClientInterceptor
	stream      grpc.StreamClientInterceptor
}

// Invoke implements [grpc.ClientConnInterface].
func (c *conn) Invoke(ctx context.Context, method string, in, out any, options ...grpc.CallOption) error {
	invoke := func(ctx context.Context, method string, in, out any, cc *grpc.ClientConn, options ...grpc.CallOption) error {
		return cc.Invoke(ctx, method, in, out, append(options[:len(options):len(options)], c.credentials)...)
	}
	return c.unary(ctx, method, in, out, c.bare, invoke, options...)
}

// NewStream implements [grpc.ClientConnInterface].
func (c *conn) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, options ...grpc.CallOption) (grpc.ClientStream, error) {
	open := func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, options ...grpc.CallOption) (grpc.ClientStream, error) {
		return cc.NewStream(ctx, desc, method, append(options[:len(options):len(options)], c.credentials)...)
	}
	return c.stream(ctx, desc, c.bare, method, open, options...)
}

// UnaryInterceptor makes a call that was answered UNAUTHENTICATED once more with
// the next token. It needs [Credentials] on the same connection.
func UnaryInterceptor(client *sdk.Client) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, in, out any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		if isAnonymous(ctx) {
			return invoke(ctx, method, in, out, cc, options...)
		}
		var callErr error
		tokenErr := client.Try(ctx, func(token sdk.Token) bool {
			attempt := &attempt{token: token}
			callErr = invoke(context.WithValue(ctx, attemptKey{}, attempt), method, in, out, cc, options...)
			return attempt.presented.Load() && status.Code(callErr) == codes.Unauthenticated
		})
		if tokenErr != nil {
			return statusOf(ctx, tokenErr)
		}
		return callErr
	}
}

// StreamInterceptor takes the token of a stream that ends with UNAUTHENTICATED
// out of use. It needs [Credentials] on the same connection.
func StreamInterceptor(client *sdk.Client) grpc.StreamClientInterceptor {
	return func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
		if isAnonymous(ctx) {
			return open(ctx, desc, cc, method, options...)
		}
		token, err := client.Token(ctx)
		if err != nil {
			return nil, statusOf(ctx, err)
		}
		attempt := &attempt{token: token}
		watch := func(err error) {
			if attempt.presented.Load() && status.Code(err) == codes.Unauthenticated {
				client.Reject(ctx, token)
			}
		}
		opened, err := open(context.WithValue(ctx, attemptKey{}, attempt), desc, cc, method, options...)
		if err != nil {
			watch(err)
			return nil, err
		}
		return &watchedStream{ClientStream: opened, watch: watch}, nil
	}
}

// watchedStream tells of the error that a stream ends with, once.
type watchedStream struct {
	grpc.ClientStream
	once  sync.Once
	watch func(error)
}

func (s *watchedStream) see(err error) {
	if err != nil {
		s.once.Do(func() { s.watch(err) })
	}
}

// RecvMsg implements [grpc.ClientStream].
func (s *watchedStream) RecvMsg(message any) error {
	err := s.ClientStream.RecvMsg(message)
	s.see(err)
	return err
}

// Header implements [grpc.ClientStream].
func (s *watchedStream) Header() (metadata.MD, error) {
	header, err := s.ClientStream.Header()
	s.see(err)
	return header, err
}
