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

	"github.com/dragoman-auth/dragoman/internal/wire"
)

// GRPC returns a new gRPC server with the rpc dialect (when it is on), health
// and reflection. The caller serves and stops it. Options come after the
// server's own. Chained interceptors run inside the server's, for calls whose
// token is good; one given by [grpc.UnaryInterceptor] runs outside of it, for
// all calls.
func (s *Server) GRPC(opts ...grpc.ServerOption) *grpc.Server {
	server, _ := s.calls(opts)
	return server
}

// calls makes the gRPC server and the health that it tells.
func (s *Server) calls(opts []grpc.ServerOption) (*grpc.Server, *health.Server) {
	own := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.MaxHeaderListSize(maxHeader),
		grpc.ConnectionTimeout(10 * time.Second),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
		grpc.ChainUnaryInterceptor(s.watchCall),
		grpc.ChainStreamInterceptor(s.watchStream),
	}
	if s.rpc != nil {
		own = append(own, grpc.ChainUnaryInterceptor(s.rpc.Intercept))
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

// watchCall is the outermost interceptor: a panic becomes INTERNAL, and the
// observer hears of the call.
func (s *Server) watchCall(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	defer s.watched(ctx, info.FullMethod, time.Now(), &err)
	return next(ctx, req)
}

// watchStream is watchCall for streams, of which only health and reflection
// have some.
func (s *Server) watchStream(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	defer s.watched(stream.Context(), info.FullMethod, time.Now(), &err)
	return next(service, stream)
}

func (s *Server) watched(ctx context.Context, method string, began time.Time, err *error) {
	if cause := recover(); cause != nil {
		s.panicked()
		s.log.ErrorContext(ctx, "panic", "method", method, "cause", cause, "stack", string(debug.Stack()))
		*err = status.Error(codes.Internal, "internal error")
	}
	if s.observer != nil {
		s.observer.Request(Request{Dialect: wire.RPC, Route: method, Status: status.Code(*err).String(), Took: time.Since(began)})
	}
}
