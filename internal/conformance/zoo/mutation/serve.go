package mutation

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"

	"google.golang.org/grpc"

	"github.com/dragoman-auth/dragoman/internal/memnet"
	"github.com/dragoman-auth/dragoman/reference"
)

// NoHostError says that this machine lacks the address that a server has to listen on.
type NoHostError struct {
	Host string
	Err  error
}

func (e *NoHostError) Error() string { return fmt.Sprintf("this machine has no %s: %v", e.Host, e.Err) }

func (e *NoHostError) Unwrap() error { return e.Err }

// Serve makes the reference server with some dialects, changes it, serves it on
// two free ports of this machine, and stops it when use has returned. The
// server's Manifest says where it is. The error says that it could not be
// started (a *NoHostError where the machine lacks its address) or stopped, or is that of use.
func Serve(ctx context.Context, name string, dialects []string, change func(*Server), use func(*Server) error) error {
	server := newServer(name)
	server.Dialects = dialects
	change(server)
	server.Manifest.Name = name
	running, err := server.start(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := errors.Join(use(server), running.stop()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// running is a server that answers on two loopback ports.
type running struct {
	http   *http.Server
	grpc   *grpc.Server
	served sync.WaitGroup
}

// start serves HTTP and gRPC and points the manifest at them.
func (s *Server) start(ctx context.Context) (*running, error) {
	server, err := reference.New(s.Config)
	if err != nil {
		return nil, err
	}
	s.reference = server
	s.HTTP.Handler = server.Handler()
	for _, around := range s.wraps {
		s.HTTP.Handler = around(s.HTTP.Handler)
	}
	options := s.GRPCOptions
	if len(s.calls) > 0 {
		// This one option comes before the reference's own interceptor.
		options = append(options, grpc.UnaryInterceptor(chain(s.calls)))
	}
	httpListener, grpcListener, err := s.listen(ctx)
	if err != nil {
		return nil, err
	}
	s.Manifest.Subject.Builtin = false
	s.Manifest.Subject.URL = "http://" + httpListener.Addr().String()
	s.Manifest.Subject.GRPC = grpcListener.Addr().String()
	if s.HTTP.TLSConfig != nil {
		s.Manifest.Subject.URL = "https://" + httpListener.Addr().String()
		httpListener = tls.NewListener(httpListener, s.HTTP.TLSConfig)
	}
	r := &running{http: s.HTTP, grpc: server.GRPC(options...)}
	r.served.Go(func() { _ = r.http.Serve(httpListener) }) // ends with stop
	r.served.Go(func() { _ = r.grpc.Serve(grpcListener) })
	return r, nil
}

// listen opens the listeners for HTTP and gRPC.
func (s *Server) listen(ctx context.Context) (http, grpc net.Listener, err error) {
	if s.Memory {
		http, grpc := memnet.Listen("127.0.0.1:1"), memnet.Listen("127.0.0.1:2")
		s.Dial = func(ctx context.Context, _, address string) (net.Conn, error) {
			if address == http.Addr().String() {
				return http.Dial(ctx)
			}
			return grpc.Dial(ctx)
		}
		return http, grpc, nil
	}
	free := net.JoinHostPort(s.Host, "0")
	http, grpc, err = reference.Listen(ctx, free, free)
	if err != nil && s.Host != usualHost {
		err = &NoHostError{s.Host, err}
	}
	return http, grpc, err
}

// stop ends the server at once.
func (r *running) stop() error {
	err := r.http.Close()
	r.grpc.Stop()
	r.served.Wait()
	if err != nil {
		return fmt.Errorf("stop a server: %w", err)
	}
	return nil
}

// chain is several interceptors as one, the last of them outermost.
func chain(calls []grpc.UnaryServerInterceptor) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		for _, around := range slices.Clone(calls) {
			inner := next
			next = func(ctx context.Context, request any) (any, error) { return around(ctx, request, info, inner) }
		}
		return next(ctx, request)
	}
}
