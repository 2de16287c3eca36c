package mockserver

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/dragoman-auth/dragoman/internal/reference/rpc"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// grpcMethod is the method of a call over gRPC in the journal.
const grpcMethod = "gRPC"

// calls takes calls over gRPC through a mock.
type calls struct{ mock *Server }

var _ stats.Handler = calls{}

// intercept is [Server.serveHTTP] for a call.
func (c calls) intercept(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	x := c.receive(ctx, req, info.FullMethod)
	if err := c.mock.begin(ctx, x); err != nil {
		err = ended(err)
		c.complete(ctx, x, req, nil, err)
		return nil, err
	}
	resp, err := c.answer(ctx, req, x, next)
	c.complete(ctx, x, req, resp, err)
	return resp, c.drop(ctx, x, err)
}

// drop closes the connection of an exchange where its fault does, and returns its error.
func (c calls) drop(ctx context.Context, x *exchange, err error) error {
	if x.fault == nil {
		return err
	}
	switch x.fault.Effect {
	case Reset, Close, LostReply:
		c.mock.dropPeer(ctx, x.fault.Effect == Reset)
		return status.Error(codes.Unavailable, "the connection was closed by a fault")
	}
	return err
}

// ended is what a call ends with that was not answered.
func ended(err error) error {
	if errors.Is(err, errClosed) {
		return status.Error(codes.Unavailable, err.Error())
	}
	return status.FromContextError(err).Err()
}

// interceptStream is [calls.intercept] for a stream. The journal has it when it ends.
func (c calls) interceptStream(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	ctx := stream.Context()
	x := c.receive(ctx, nil, info.FullMethod)
	switch {
	case !c.knows(info.FullMethod): // nobody asks it for a token
		return unknown(service, stream)
	case x.route.operation == Other: // health and reflection
		return next(service, stream)
	}
	x.stream = true
	if err := c.mock.begin(ctx, x); err != nil {
		err = ended(err)
		c.complete(ctx, x, nil, nil, err)
		return err
	}
	_, err := c.answer(ctx, nil, x, func(ctx context.Context, _ any) (any, error) {
		served := &changedStream{ServerStream: stream, ctx: ctx}
		if x.fault != nil {
			served.effect = x.fault.Effect
		}
		err := next(service, served)
		if err == nil && served.effect == Truncate { // it had one message at most
			err = errCut
		}
		return nil, err
	})
	c.complete(ctx, x, nil, nil, err)
	return c.drop(ctx, x, err)
}

// knows says whether the server has a method.
func (c calls) knows(fullMethod string) bool {
	service, method, _ := strings.Cut(strings.TrimPrefix(fullMethod, "/"), "/")
	return slices.ContainsFunc(c.mock.grpcMethods[service].Methods, func(m grpc.MethodInfo) bool { return m.Name == method })
}

// errCut ends a stream that a fault truncates.
var errCut = status.Error(codes.Unavailable, "the stream was cut by a fault")

// changedStream is a stream as the server behind the mock sees it.
type changedStream struct {
	grpc.ServerStream
	ctx    context.Context //nolint:containedctx // a stream has its context
	effect Effect
	sent   int
}

// Context implements [grpc.ServerStream].
func (s *changedStream) Context() context.Context { return s.ctx }

// SendMsg implements [grpc.ServerStream].
func (s *changedStream) SendMsg(message any) error {
	switch {
	case s.effect == LostReply:
		return nil
	case s.effect == Truncate && s.sent > 0:
		return errCut
	}
	s.sent++
	return s.ServerStream.SendMsg(message)
}

func (c calls) receive(ctx context.Context, req any, method string) *exchange {
	md, _ := metadata.FromIncomingContext(ctx)
	x := &exchange{route: grpcRoute(method)}
	x.presented = append(tokensIn(asJSON(req)), grpcTokens(md)...)
	for _, value := range md.Get("authorization") {
		x.basic = x.basic || strings.HasPrefix(strings.ToLower(value), "basic ")
	}
	x.entry = Request{At: c.mock.clock.Now(), Method: grpcMethod, Path: method, Host: first(md.Get(":authority"))}
	return x
}

// grpcTokens are the tokens of a call's metadata.
func grpcTokens(md metadata.MD) []string {
	found := md.Get(wire.RPCTokenName)
	for _, value := range md.Get("authorization") {
		if scheme, token, is := strings.Cut(value, " "); is && strings.EqualFold(scheme, "Bearer") {
			found = append(found, token)
		}
	}
	return found
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// answer lets the server answer, unless the fault does.
func (c calls) answer(ctx context.Context, req any, x *exchange, next grpc.UnaryHandler) (any, error) {
	dead := c.mock.tokens.rejected(x.route, x.presented)
	if f := x.fault; f != nil {
		switch f.Effect {
		case Status, Outage, Quota:
			if f.RetryAfter > 0 {
				x.retryAfter = c.mock.retryAfter(f)
				_ = grpc.SetHeader(ctx, metadata.Pairs("retry-after", x.retryAfter))
			}
			return nil, status.Error(rpc.Code(f.Status), strings.ToLower(http.StatusText(f.Status)))
		case Refuse:
			if answersCode(strings.ReplaceAll(strings.TrimPrefix(x.entry.Path, "/"), "/", ".")) {
				return refusal(f.Error), nil
			}
			return nil, status.Error(codes.Unauthenticated, strings.ToLower(f.Error))
		case Reset, Close:
			return nil, status.Error(codes.Unavailable, "the connection was closed by a fault")
		case Reject:
			dead = x.presented
		}
	}
	return next(withoutTokens(ctx, dead), req)
}

// withoutTokens returns a context whose metadata holds unknown tokens in place of
// the dead ones.
func withoutTokens(ctx context.Context, dead []string) context.Context {
	md, _ := metadata.FromIncomingContext(ctx)
	if len(dead) == 0 {
		return ctx
	}
	md = md.Copy()
	for _, values := range md {
		for i := range values {
			for _, token := range dead {
				values[i] = strings.ReplaceAll(values[i], token, unknownToken(token))
			}
		}
	}
	return metadata.NewIncomingContext(ctx, md)
}

// complete writes the call to the journal, before the client sees the answer.
func (c calls) complete(ctx context.Context, x *exchange, req, resp any, err error) {
	x.entry.Status = int(status.Code(err))
	answered := asJSON(resp)
	secrets := x.presented
	if err == nil {
		issued := tokensIn(answered)
		secrets = append(secrets, issued...)
		c.mock.follow(x, issued)
	}
	md, _ := metadata.FromIncomingContext(ctx)
	header := http.Header{}
	for name, values := range md {
		header[http.CanonicalHeaderKey(name)] = values
	}
	c.mock.misuses.answered(x, x.retryAfter, c.mock.clock.Now())
	c.mock.record(x, seen{requestHeader: header, requestBody: asJSON(req), responseBody: answered}, secrets)
	if tagged, is := ctx.Value(callKey{}).(*call); is {
		tagged.written = true
	}
}

func asJSON(message any) []byte {
	m, is := message.(proto.Message)
	if !is || m == nil || !m.ProtoReflect().IsValid() {
		return nil
	}
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err != nil {
		return nil
	}
	return text
}

// dropPeer closes the connection of a call.
func (s *Server) dropPeer(ctx context.Context, reset bool) {
	if from, known := peer.FromContext(ctx); known {
		s.grpcConns.drop(from.Addr.String(), reset)
	}
}

type callKey struct{}

// call is what the mock knows of a call from its beginning. Only the goroutine that
// serves the call uses it.
type call struct {
	entry   Request
	written bool // the entry is in the journal
}

// TagRPC implements [stats.Handler].
func (c calls) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	entry := Request{At: c.mock.clock.Now(), Method: grpcMethod, Path: info.FullMethodName, Operation: grpcRoute(info.FullMethodName).operation}
	return context.WithValue(ctx, callKey{}, &call{entry: entry})
}

// HandleRPC implements [stats.Handler]: it adds the entries of calls that the
// interceptor does not see, such as those of unknown methods, at their end.
func (c calls) HandleRPC(ctx context.Context, event stats.RPCStats) {
	end, is := event.(*stats.End)
	seen, tagged := ctx.Value(callKey{}).(*call)
	if !is || !tagged || seen.written {
		return
	}
	seen.written = true
	seen.entry.Status = int(status.Code(end.Error))
	c.mock.journal.add(seen.entry, func(*Request) {}, false)
}

// unknown answers calls of unknown methods with the same code as a server without
// it. Such a call has a stream, so that HandleRPC sees its end.
func unknown(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	return status.Errorf(codes.Unimplemented, "unknown method %s", method)
}

// TagConn implements [stats.Handler].
func (calls) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements [stats.Handler].
func (calls) HandleConn(context.Context, stats.ConnStats) {}
