package rpc

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/reference/proxy"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// Register adds the dialect's services to a gRPC server that was made with
// [Server.Intercept].
func (s *Server) Register(server grpc.ServiceRegistrar) {
	rpcpb.RegisterAuthenticationServiceServer(server, authService{server: s})
	rpcpb.RegisterDomainServiceServer(server, domainService{server: s})
}

// anonymousMethods need no token (RPC-14). Health and reflection need none either.
var anonymousMethods = map[string]bool{
	rpcpb.AuthenticationService_Authenticate_FullMethodName:    true,
	rpcpb.AuthenticationService_Authenticate2_FullMethodName:   true,
	rpcpb.AuthenticationService_AuthenticateEx_FullMethodName:  true,
	rpcpb.AuthenticationService_AuthenticateEx2_FullMethodName: true,

	rpcpb.AuthenticationService_AuthenticateBySecondFactor_FullMethodName: true,
}

// Intercept is the unary interceptor that authenticates the caller, rejects calls
// without a live token, and gives errors their codes.
func (s *Server) Intercept(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	ctx, err := s.admit(ctx, info.FullMethod)
	if err != nil {
		return nil, s.coded(ctx, info.FullMethod, err)
	}
	resp, err := next(ctx, req)
	if err != nil {
		return nil, s.coded(ctx, info.FullMethod, err)
	}
	return resp, nil
}

// InterceptStream is Intercept for streams. The token is looked at when a stream begins:
// one that ends later does not end it.
func (s *Server) InterceptStream(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	ctx, err := s.admit(stream.Context(), info.FullMethod)
	if err == nil {
		err = next(service, &admitted{ServerStream: stream, ctx: ctx})
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)): // the client has left, or its own deadline has passed
		return status.FromContextError(ctx.Err()).Err()
	}
	return s.coded(ctx, info.FullMethod, err)
}

// admitted is a stream whose context knows the caller.
type admitted struct {
	grpc.ServerStream
	ctx context.Context //nolint:containedctx // a stream has its context
}

// Context implements [grpc.ServerStream].
func (a *admitted) Context() context.Context { return a.ctx }

// maxLook is how long the look at a token may take; a stream has no deadline of its own.
const maxLook = 20 * time.Second

// admit authenticates the caller of a method. The context is valid with an error, too.
func (s *Server) admit(ctx context.Context, method string) (context.Context, error) {
	c := caller{address: s.client(ctx)}
	ctx = audit.WithAddress(ctx, c.address)
	if !anonymousMethods[method] && !strings.HasPrefix(method, "/grpc.") {
		if c.token = metadataToken(ctx); c.token == "" {
			return ctx, httpio.ErrUnauthorized
		}
		look, cancel := context.WithTimeout(ctx, maxLook)
		defer cancel()
		var err error
		if c.login, err = s.byToken(look, c.token); err != nil {
			return ctx, err
		}
	}
	return withCaller(ctx, c), nil
}

// coded is an error with its code.
func (s *Server) coded(ctx context.Context, method string, err error) error {
	if _, isStatus := status.FromError(err); isStatus {
		return err
	}
	return s.failed(ctx, method, err)
}

// failed returns an error with its code, and logs it when it is unexpected.
func (s *Server) failed(ctx context.Context, method string, err error) error {
	if problem, _ := classify(err); problem.Unexpected {
		s.cfg.Log.ErrorContext(ctx, "call failed", "method", method, "error", err)
	}
	return toStatus(err)
}

// metadataToken reads the token from the metadata, under its own name or as a
// bearer. Two values under one name are no token.
func metadataToken(ctx context.Context) string {
	md, _ := metadata.FromIncomingContext(ctx)
	if values := md.Get(wire.RPCTokenName); len(values) > 0 {
		if len(values) > 1 {
			return ""
		}
		return values[0]
	}
	token, _ := httpio.ParseBearer(md.Get("authorization"))
	return token
}

// client returns the client's address.
func (s *Server) client(ctx context.Context) string {
	md, _ := metadata.FromIncomingContext(ctx)
	return s.cfg.Proxies.Client(peerAddress(ctx), md.Get(proxy.Header))
}

func peerAddress(ctx context.Context) string {
	p, ok := peer.FromContext(ctx)
	if !ok || p.Addr == nil {
		return ""
	}
	host, _, err := net.SplitHostPort(p.Addr.String())
	if err != nil {
		return p.Addr.String()
	}
	return host
}

type authService struct {
	rpcpb.UnimplementedAuthenticationServiceServer
	server *Server
}

func (a authService) login(ctx context.Context, req *rpcpb.AuthenticateRequest) (*rpcpb.AuthenticateResponseEx, error) {
	return a.locked(a.server.authenticateEx(ctx, req))
}

// locked answers a locked user with a code and the status OK, as the dialect does;
// over HTTP there is a status for it.
func (authService) locked(resp *rpcpb.AuthenticateResponseEx, err error) (*rpcpb.AuthenticateResponseEx, error) {
	var throttled *account.ThrottledError
	if errors.As(err, &throttled) {
		return refused(rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_USER_LOCKED, err), nil
	}
	return resp, err
}

func (a authService) shortLogin(ctx context.Context, req *rpcpb.AuthenticateRequest) (*rpcpb.AuthenticateResponse, error) {
	resp, err := a.server.authenticate(ctx, req)
	if err != nil {
		return nil, err
	}
	return short(resp), nil
}

func (a authService) Authenticate(ctx context.Context, req *rpcpb.AuthenticateRequest) (*rpcpb.AuthenticateResponse, error) {
	return a.shortLogin(ctx, req)
}

func (a authService) Authenticate2(ctx context.Context, req *rpcpb.AuthenticateRequest) (*rpcpb.AuthenticateResponse, error) {
	return a.shortLogin(ctx, req)
}

func (a authService) AuthenticateEx(ctx context.Context, req *rpcpb.AuthenticateRequest) (*rpcpb.AuthenticateResponseEx, error) {
	return a.login(ctx, req)
}

func (a authService) AuthenticateEx2(ctx context.Context, req *rpcpb.AuthenticateRequest) (*rpcpb.AuthenticateResponseEx, error) {
	return a.login(ctx, req)
}

func (a authService) AuthenticateBySecondFactor(ctx context.Context, req *rpcpb.SecondFactorRequest) (*rpcpb.AuthenticateResponseEx, error) {
	return a.locked(a.server.bySecondFactor(ctx, req))
}

func (a authService) ApproveAuthentication(ctx context.Context, req *rpcpb.SupervisorRequest) (*rpcpb.ApproveResponse, error) {
	return a.server.approve(ctx, req)
}

func (a authService) DeclineAuthentication(ctx context.Context, req *rpcpb.SupervisorRequest) (*rpcpb.DeclineResponse, error) {
	return a.server.decline(ctx, req)
}

func (a authService) RenewSession(ctx context.Context, _ *rpcpb.RenewSessionRequest) (*rpcpb.AuthenticateResponseEx, error) {
	return a.server.renew(ctx)
}

func (a authService) RenewSession2(ctx context.Context, _ *rpcpb.RenewSessionRequest) (*rpcpb.AuthenticateResponseEx, error) {
	return a.server.renew(ctx)
}

func (a authService) CloseSession(ctx context.Context, _ *rpcpb.CloseSessionRequest) (*rpcpb.CloseSessionResponse, error) {
	return a.server.closeSession(ctx)
}

func (a authService) GetSessionInfo(ctx context.Context, req *rpcpb.GetSessionInfoRequest) (*rpcpb.GetSessionInfoResponse, error) {
	return a.server.sessionInfo(ctx, req)
}

type domainService struct {
	rpcpb.UnimplementedDomainServiceServer
	server *Server
}

func (domainService) GetVersion(context.Context, *rpcpb.GetVersionRequest) (*rpcpb.GetVersionResponse, error) {
	return version(), nil
}

func (domainService) ListCameras(_ context.Context, req *rpcpb.ListCamerasRequest) (*rpcpb.ListCamerasResponse, error) {
	return cameras(req)
}

func (domainService) StreamCameras(req *rpcpb.ListCamerasRequest, stream grpc.ServerStreamingServer[rpcpb.Camera]) error {
	page, err := cameras(req)
	if err != nil {
		return err
	}
	for _, camera := range page.GetItems() {
		if err := stream.Send(camera); err != nil {
			return err
		}
	}
	return nil
}
