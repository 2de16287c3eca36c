package rpc

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/dragoman-auth/dragoman/internal/reference/backoffice"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/reference/proxy"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Config holds the parts of both transports; all but Proxies are required.
type Config struct {
	Grants   *grant.Service
	Accounts *account.Directory
	// Store holds the logins that wait for a second factor.
	Store store.Store
	Clock clock.Clock
	Rand  io.Reader // of their ids and codes
	Log   *slog.Logger
	// Proxies are the proxies whose metadata names the client's address over
	// gRPC; zero: none. HTTP requests have the client's address already.
	Proxies proxy.Trusted
}

// Server is the dialect on both transports. It is safe for concurrent use.
type Server struct {
	cfg Config
}

// New returns the dialect; see [Server.Handler] and [Server.Register].
func New(cfg Config) *Server { return &Server{cfg: cfg} }

// caller is the authenticated caller; the transport sets it before it calls the
// service.
type caller struct {
	// login is empty for an anonymous login over gRPC.
	login string
	// user is set after a login with Basic; nil with a token.
	user *account.User
	// token is the live token of the call; empty with Basic, which allows
	// methods but is not a session to renew or close.
	token string
	// basicName and basicPassword have been checked already; empty with a token.
	basicName, basicPassword string
	address                  string
	// unproven is a login with Basic whose second factor is not known: it can log
	// in, and nothing else.
	unproven bool
}

type callerKey struct{}

func withCaller(ctx context.Context, c caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// byToken checks a token.
func (s *Server) byToken(ctx context.Context, token string) (login string, err error) {
	g, err := s.cfg.Grants.CheckRPC(ctx, token)
	return g.Login, err
}

// byPassword checks name and password.
func (s *Server) byPassword(ctx context.Context, name, password, address string) (*account.User, error) {
	user, err := s.cfg.Accounts.Verify(ctx, account.Attempt{Dialect: wire.RPC, Account: name, Address: address, AsksSecond: true}, password)
	if err != nil {
		return nil, err
	}
	return &user, nil
}

// authenticate issues a token for the credentials in the data, or asks for the second
// factor. Where the caller is authenticated already it must be the same user. All
// that is refused is an error (RPC-26).
func (s *Server) authenticate(ctx context.Context, data *rpcpb.AuthenticateRequest) (*rpcpb.AuthenticateResponseEx, error) {
	c := callerOf(ctx)
	user := c.user
	// The same credentials need not be checked twice.
	if user == nil || data.GetUserName() != c.basicName || data.GetPassword() != c.basicPassword {
		var err error
		if user, err = s.byPassword(ctx, data.GetUserName(), data.GetPassword(), c.address); err != nil {
			return nil, err
		}
	}
	if c.login != "" && c.login != user.Login {
		return nil, account.ErrWrongCredentials
	}
	if user.SecondFactor != account.NoSecondFactor {
		info, err := s.challenge(ctx, user)
		return &rpcpb.AuthenticateResponseEx{
			ErrorCode:            rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_SECOND_FACTOR_AUTH_NEEDED,
			AuthSecondFactorInfo: info,
		}, err
	}
	token, err := s.cfg.Grants.OpenRPC(ctx, subject(user))
	if err != nil {
		return nil, err
	}
	return issued(user, token), nil
}

// authenticateEx is authenticate for the methods that refuse credentials with a
// code (RPC-12). Other errors are errors there too.
func (s *Server) authenticateEx(ctx context.Context, data *rpcpb.AuthenticateRequest) (*rpcpb.AuthenticateResponseEx, error) {
	resp, err := s.authenticate(ctx, data)
	if errors.Is(err, account.ErrWrongCredentials) {
		return refused(rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_WRONG_CREDENTIALS, err), nil
	}
	return resp, err
}

func subject(user *account.User) grant.Subject {
	return grant.Subject{Login: user.Login, Epoch: user.Epoch, UserID: user.ID, Roles: user.Roles}
}

// issued is the answer to a login and to a renewal.
func issued(user *account.User, token grant.RPCToken) *rpcpb.AuthenticateResponseEx {
	return &rpcpb.AuthenticateResponseEx{
		TokenName: wire.RPCTokenName, TokenValue: token.Token,
		ExpiresAt: wire.FormatCompactTime(token.ExpiresAt), ExpiresIn: int64(token.ExpiresIn.Seconds()),
		IsUnrestricted: user.Unrestricted, UserId: user.ID, RolesIds: user.Roles,
	}
}

// refused is the answer without a token.
func refused(code rpcpb.AuthenticateResponseEx_EAuthenticateCode, why error) *rpcpb.AuthenticateResponseEx {
	return &rpcpb.AuthenticateResponseEx{ErrorCode: code, ErrorDescription: &rpcpb.ErrorDescription{Description: why.Error()}}
}

// short is the answer of the methods without Ex.
func short(full *rpcpb.AuthenticateResponseEx) *rpcpb.AuthenticateResponse {
	return &rpcpb.AuthenticateResponse{
		TokenName: full.GetTokenName(), TokenValue: full.GetTokenValue(), ExpiresAt: full.GetExpiresAt(), ExpiresIn: full.GetExpiresIn(),
		IsUnrestricted: full.GetIsUnrestricted(), UserId: full.GetUserId(), RolesIds: full.GetRolesIds(),
		AuthSecondFactorInfo: full.GetAuthSecondFactorInfo(),
	}
}

func (s *Server) renew(ctx context.Context) (*rpcpb.AuthenticateResponseEx, error) {
	c := callerOf(ctx)
	if c.token == "" {
		return nil, grant.ErrInvalid // Basic has no session
	}
	user, err := s.cfg.Accounts.ByLogin(ctx, c.login)
	if err != nil {
		return nil, err
	}
	token, err := s.cfg.Grants.RenewRPC(ctx, c.token, subject(&user))
	if err != nil {
		return nil, err
	}
	return issued(&user, token), nil
}

func (s *Server) closeSession(ctx context.Context) (*rpcpb.CloseSessionResponse, error) {
	if err := s.cfg.Grants.CloseRPC(ctx, callerOf(ctx).token); err != nil {
		return nil, err
	}
	return &rpcpb.CloseSessionResponse{ErrorCode: rpcpb.CloseSessionResponse_OK}, nil
}

// sessionInfo tells of a live token, by default that of the call, whose it is and
// when it ends (RPC-31).
func (s *Server) sessionInfo(ctx context.Context, req *rpcpb.GetSessionInfoRequest) (*rpcpb.GetSessionInfoResponse, error) {
	g, err := s.cfg.Grants.CheckRPC(ctx, cmp.Or(req.GetSessionToken(), callerOf(ctx).token))
	if err != nil {
		return nil, err
	}
	return &rpcpb.GetSessionInfoResponse{Login: g.Login, ExpiresAt: timestamppb.New(g.ExpiresAt)}, nil
}

func version() *rpcpb.GetVersionResponse {
	return &rpcpb.GetVersionResponse{Version: backoffice.Version}
}

// cameras answers one page. The token of a page is its first access point.
func cameras(req *rpcpb.ListCamerasRequest) (*rpcpb.ListCamerasResponse, error) {
	if req.GetPageSize() < 0 {
		return nil, httpio.BadRequest("page_size must not be negative; 0 is all")
	}
	size := int(req.GetPageSize())
	page := &rpcpb.ListCamerasResponse{}
	started := req.GetPageToken() == ""
	for _, camera := range backoffice.Cameras() {
		started = started || camera.AccessPoint == req.GetPageToken()
		switch {
		case !started:
		case size > 0 && len(page.Items) == size:
			page.NextPageToken = camera.AccessPoint
			return page, nil
		default:
			page.Items = append(page.Items, &rpcpb.Camera{
				AccessPoint: camera.AccessPoint, DisplayName: camera.DisplayName, IsActivated: camera.Activated,
			})
		}
	}
	if !started {
		return nil, httpio.BadRequest("unknown page_token")
	}
	return page, nil
}
