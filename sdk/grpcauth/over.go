package grpcauth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/sdk/secretscan"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
)

// Over makes [rpc.Password] log in, renew and close over a gRPC connection: the
// login is anonymous (RPC-14), and the token travels as metadata under the name
// that the server gave it (RPC-15). A nil conn is an error of [sdk.New].
func Over(conn grpc.ClientConnInterface, options ...Option) rpc.Option {
	return rpc.WithChannel(&channel{conn: conn, allowed: settingsOf(options).allowed})
}

// channel implements [rpc.Channel].
type channel struct {
	conn    grpc.ClientConnInterface
	allowed func(host string) bool
}

// Validate implements [sdk.Validator]. A nil pointer is found, too: it is what an
// error of grpc.NewClient that nobody looked at leaves behind.
func (c *channel) Validate() error {
	if conn, pointer := c.conn.(*grpc.ClientConn); c.conn == nil || pointer && conn == nil {
		return fmt.Errorf("grpcauth.Over needs a connection: %w", sdk.ErrConfig)
	}
	return nil
}

// Authenticate implements [rpc.Channel].
func (c *channel) Authenticate(ctx context.Context, method string, credentials rpc.Credentials) (rpc.Authentication, error) {
	in := &rpcpb.AuthenticateRequest{UserName: credentials.UserName, Password: credentials.Password}
	return c.authentication(ctx, "login", method, in, sdk.Token{})
}

// Renew implements [rpc.Channel].
func (c *channel) Renew(ctx context.Context, method string, token sdk.Token) (rpc.Authentication, error) {
	return c.authentication(ctx, "renew", method, &rpcpb.RenewSessionRequest{}, token)
}

// Close implements [rpc.Channel].
func (c *channel) Close(ctx context.Context, method string, token sdk.Token) (rpc.CloseAnswer, error) {
	out := new(rpcpb.CloseSessionResponse)
	if err := c.invoke(ctx, "revoke", method, &rpcpb.CloseSessionRequest{}, out, token); err != nil {
		return wire.RPCClosed{}, err
	}
	return wire.RPCClosed{ErrorCode: out.GetErrorCode().String()}, nil
}

// AuthenticateBySecondFactor implements [rpc.Channel].
func (c *channel) AuthenticateBySecondFactor(ctx context.Context, method string, answer rpc.SecondFactorAnswer) (rpc.Authentication, error) {
	in := &rpcpb.SecondFactorRequest{SessionId: answer.SessionID, VerificationCode: answer.VerificationCode}
	return c.authentication(ctx, "login", method, in, sdk.Token{})
}

// GetSessionInfo implements [rpc.Channel].
func (c *channel) GetSessionInfo(ctx context.Context, method string, token sdk.Token) (rpc.SessionInfo, error) {
	out := new(rpcpb.GetSessionInfoResponse)
	if err := c.invoke(ctx, "inspect", method, &rpcpb.GetSessionInfoRequest{SessionToken: token.Access.Reveal()}, out, token); err != nil {
		return wire.RPCSessionInfo{}, err
	}
	info := wire.RPCSessionInfo{Login: out.GetLogin()}
	if end := out.GetExpiresAt(); end.IsValid() {
		info.ExpiresAt = end.AsTime().Format(time.RFC3339Nano)
	}
	return info, nil
}

func (c *channel) authentication(ctx context.Context, op, method string, in any, token sdk.Token) (rpc.Authentication, error) {
	out := new(rpcpb.AuthenticateResponseEx)
	if err := c.invoke(ctx, op, method, in, out, token); err != nil {
		return wire.RPCAuthentication{}, err
	}
	factor := out.GetAuthSecondFactorInfo()
	return wire.RPCAuthentication{
		TokenName: out.GetTokenName(), TokenValue: out.GetTokenValue(), ExpiresAt: out.GetExpiresAt(), ExpiresIn: wire.Whole(out.GetExpiresIn()),
		IsUnrestricted: out.GetIsUnrestricted(), UserID: out.GetUserId(), RolesIDs: out.GetRolesIds(), ErrorCode: wire.RPCCode(out.GetErrorCode().String()),
		SecondFactor: wire.RPCSecondFactorInfo{
			Type: wire.RPCFactorType(factor.GetType().String()), SessionID: factor.GetSessionId(), SessionExpiresAt: factor.GetSessionExpiresAt(),
		},
	}, nil
}

// invoke calls a method by its full name, "package.Service.Method".
func (c *channel) invoke(ctx context.Context, op, method string, in, out any, token sdk.Token) error {
	dot := strings.LastIndexByte(method, '.')
	path := "/" + method[:max(dot, 0)] + "/" + method[dot+1:]
	// The metadata of the caller's own call is not for this one.
	alone := metadata.NewOutgoingContext(anonymous(ctx), nil)
	err := c.conn.Invoke(alone, path, in, out, grpc.PerRPCCredentials(given{token: token, allowed: c.allowed}))
	if err == nil {
		return nil
	}
	return errorOf(ctx, op, err, secretsOf(in, token))
}

// secretsOf are the texts that an error of the call must not quote.
func secretsOf(in any, token sdk.Token) []string {
	secrets := []string{token.Access.Reveal()}
	switch in := in.(type) {
	case *rpcpb.AuthenticateRequest:
		secrets = append(secrets, in.GetPassword())
	case *rpcpb.SecondFactorRequest:
		secrets = append(secrets, in.GetSessionId(), in.GetVerificationCode())
	}
	return secrets
}

// given presents one given token, or none, on a connection that nobody can
// listen to: the password of a login needs that as much as a token.
type given struct {
	token   sdk.Token
	allowed func(host string) bool
}

// RequireTransportSecurity implements [credentials.PerRPCCredentials]; secure
// does the work, because it knows the host.
func (g given) RequireTransportSecurity() bool { return false }

// GetRequestMetadata implements [credentials.PerRPCCredentials].
func (g given) GetRequestMetadata(ctx context.Context, uri ...string) (map[string]string, error) {
	if err := secure(ctx, uri, g.allowed); err != nil {
		return nil, err
	}
	if g.token.IsZero() {
		return nil, nil //nolint:nilnil // no metadata is an answer
	}
	named := g.token
	if named.MetadataKey == "" {
		named.MetadataKey = wire.RPCTokenName
	}
	return metadataOf(nil, named)
}

// errorOf turns a gRPC status into the client's error. The message of the
// server is left out: nobody knows what it quotes.
func errorOf(ctx context.Context, op string, err error, secrets []string) error {
	if ctx.Err() != nil {
		err = ctx.Err()
		return &sdk.Error{Op: op, Dialect: wire.RPC, Temporary: true, OutcomeUnknown: true, Err: err}
	}
	code := status.Code(err)
	e := &sdk.Error{Op: op, Dialect: wire.RPC, Code: wire.GRPCCodeName(int64(code))}
	if status.Convert(err).Message() == inClear {
		e.Code, e.Err = "", fmt.Errorf("%s: %w", inClear, sdk.ErrConfig)
		return e
	}
	switch code {
	case codes.Unauthenticated, codes.InvalidArgument, codes.FailedPrecondition, codes.OutOfRange, codes.AlreadyExists:
		e.Err = sdk.ErrRefused
	case codes.PermissionDenied:
		e.Err = sdk.ErrForbidden
	case codes.NotFound:
		e.Err = sdk.ErrNotFound
	case codes.Unimplemented:
		e.Err = sdk.ErrUnsupported
	case codes.ResourceExhausted:
		e.Err, e.Temporary = sdk.ErrUnavailable, true
	default:
		e.Err, e.Temporary, e.OutcomeUnknown = sdk.ErrUnavailable, true, true
		if why := noConnection(err); why != "" && !secretscan.In(why, secrets...) {
			e.Err, e.OutcomeUnknown = fmt.Errorf("%w: %s", sdk.ErrUnavailable, why), false
		}
	}
	return e
}

// dialing are how the errors of gRPC itself begin when there is no connection:
// no name, nobody there, no handshake. Nothing was sent then. A server could
// write the same, so a text that quotes a secret does not count.
var dialing = []string{"connection error: ", "name resolver error: ", "last connection error: ", "no children to pick from"}

// noConnection is why there is no connection, or "".
func noConnection(err error) string {
	message := status.Convert(err).Message()
	begins := func(start string) bool { return strings.HasPrefix(message, start) }
	if status.Code(err) != codes.Unavailable || !slices.ContainsFunc(dialing, begins) {
		return ""
	}
	return message
}
