package reference

import (
	"context"
	"runtime/debug"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/reference/tracing"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// What one connection over gRPC may have: calls at once, and time without any. A
// connection whose client does not answer pings ends too.
const (
	maxStreams = 100
	maxIdle    = 5 * time.Minute
)

// GRPC returns a new gRPC server with the rpc dialect (when it is on), health
// and reflection. The caller serves and stops it. Options come after the
// server's own. Chained interceptors run inside the server's, for calls and streams
// whose token is accepted; one set by [grpc.UnaryInterceptor] or
// [grpc.StreamInterceptor] runs outside of it, for all. The same holds for services
// that the caller registers, but for those whose names begin with "grpc." and for
// all where the rpc dialect is off: then nobody looks at tokens. A stream goes on
// as long as it likes, also after its token has ended.
func (s *Server) GRPC(opts ...grpc.ServerOption) *grpc.Server {
	server, _ := s.newGRPC(opts)
	return server
}

// newGRPC returns the gRPC server and the health service on it.
func (s *Server) newGRPC(opts []grpc.ServerOption) (*grpc.Server, *health.Server) {
	own := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.MaxHeaderListSize(maxHeader),
		grpc.ConnectionTimeout(10 * time.Second),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: maxIdle, Time: time.Minute, Timeout: 20 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
		grpc.ChainUnaryInterceptor(s.observeCall),
		grpc.ChainStreamInterceptor(s.observeStream),
	}
	if s.rpc != nil {
		own = append(own, grpc.ChainUnaryInterceptor(s.rpc.Intercept), grpc.ChainStreamInterceptor(s.rpc.InterceptStream))
	}
	server := grpc.NewServer(append(own, opts...)...)
	if s.rpc != nil {
		s.rpc.Register(server)
	}
	checks := health.NewServer()
	for name := range server.GetServiceInfo() {
		checks.SetServingStatus(name, grpc_health_v1.HealthCheckResponse_SERVING)
	}
	grpc_health_v1.RegisterHealthServer(server, checks)
	reflection.Register(server)
	return server, checks
}

// observeCall is the outermost interceptor: it turns a panic into INTERNAL, gives the
// call its deadline and reports it to the observer and the tracer.
func (s *Server) observeCall(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	ctx, span := s.tracer.Call(ctx, info.FullMethod)
	defer s.callEnded(ctx, info.FullMethod, time.Now(), span, &err)
	ctx, cancel := context.WithTimeout(ctx, maxRequest)
	defer cancel()
	return next(ctx, req)
}

// observeStream is observeCall for streams, which may go on as long as they like.
func (s *Server) observeStream(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	ctx, span := s.tracer.Call(stream.Context(), info.FullMethod)
	defer s.callEnded(ctx, info.FullMethod, time.Now(), span, &err)
	return next(service, stream)
}

func (s *Server) callEnded(ctx context.Context, method string, began time.Time, span tracing.Span, err *error) {
	if cause := recover(); cause != nil {
		s.panicked()
		s.log.ErrorContext(ctx, "panic", "method", method, "cause", cause, "stack", string(debug.Stack()))
		*err = status.Error(codes.Internal, "internal error")
	}
	if s.observer != nil {
		s.observer.Request(Request{Dialect: wire.RPC, Route: method, Status: status.Code(*err).String(), Took: time.Since(began)})
	}
	span.Returned(wire.RPC, status.Code(*err))
}
