package rpc

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/sdk/headerfield"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/sdk"
)

// Option changes a setting of [Password].
type Option func(*settings)

// settings are what the options set.
type settings struct {
	path         string
	authenticate string // method names
	renew        string
	rest         string // path of the REST routes; "": none
	factor       func(ctx context.Context, challenge Challenge) (code string, err error)
	channel      Channel // nil: HTTP
}

// WithPath says where the server takes calls. The default is "/grpc".
func WithPath(path string) Option { return func(s *settings) { s.path = path } }

// WithV2Names uses the method names AuthenticateEx2 and RenewSession2, which some
// servers have in place of the documented ones (RPC-24).
func WithV2Names() Option {
	return func(s *settings) { s.authenticate, s.renew = wire.RPCAuthenticateEx2, wire.RPCRenewSession2 }
}

// WithChannel sends the calls of the authentication service another way than HTTP;
// grpcauth.Over makes such an option from a gRPC connection.
func WithChannel(channel Channel) Option { return func(s *settings) { s.channel = channel } }

// WithREST uses the REST routes of the authentication service, as web clients do,
// to log in (anonymously), renew and close. They stand below path, which is
// "/v1/authentication" if empty; other calls go where [WithPath] says.
func WithREST(path string) Option {
	return func(s *settings) {
		if s.rest = strings.TrimRight(path, "/"); s.rest == "" {
			s.rest = wire.RPCRESTPath
		}
	}
}

// restRoutes are the methods that have a route of their own.
var restRoutes = map[string]struct{ verb, path string }{
	wire.RPCAuthenticateEx:  {http.MethodPost, "/authenticate_ex2"},
	wire.RPCAuthenticateEx2: {http.MethodPost, "/authenticate_ex2"},
	wire.RPCRenewSession:    {http.MethodGet, "/renew"},
	wire.RPCRenewSession2:   {http.MethodGet, "/renew2"},
	wire.RPCCloseSession:    {http.MethodGet, "/close"},
}

// Channel carries the calls of the authentication service. A method is a
// full name, as in "axxonsoft.bl.auth.AuthenticationService.RenewSession". An
// implementation is safe for concurrent use and returns errors of type
// [*sdk.Error].
type Channel interface {
	Authenticate(ctx context.Context, method string, credentials Credentials) (Authentication, error)
	Renew(ctx context.Context, method string, token sdk.Token) (Authentication, error)
	Close(ctx context.Context, method string, token sdk.Token) (CloseAnswer, error)
	AuthenticateBySecondFactor(ctx context.Context, method string, answer SecondFactorAnswer) (Authentication, error)
	GetSessionInfo(ctx context.Context, method string, token sdk.Token) (SessionInfo, error)
}

// What a [Channel] carries, with the members of the protocol buffers.
type (
	// Credentials are UserName and Password.
	Credentials = wire.RPCCredentials
	// Authentication is the answer to a login and a renewal: TokenName,
	// TokenValue, ExpiresAt, ExpiresIn, IsUnrestricted, UserID, RolesIDs and
	// ErrorCode, and SecondFactor where one is needed.
	Authentication = wire.RPCAuthentication
	// CloseAnswer is the answer to the end of a session: ErrorCode.
	CloseAnswer = wire.RPCClosed
	// SecondFactorAnswer is SessionID and VerificationCode.
	SecondFactorAnswer = wire.RPCSecondFactorAnswer
	// SessionInfo is Login and ExpiresAt, in RFC 3339.
	SessionInfo = wire.RPCSessionInfo
)

// password is the dialect.
type password struct {
	sdk.Bearer
	user     string
	password *sdk.Credential // nil: there is a token that was handed over
	handed   sdk.Token
	settings settings
}

var (
	_ sdk.Renewer    = (*password)(nil)
	_ sdk.Revoker    = (*password)(nil)
	_ sdk.Keyed      = (*password)(nil)
	_ sdk.Validator  = (*password)(nil)
	_ sdk.ErrorCoder = (*password)(nil)
)

// Password logs in with a user name and a password (RPC-01), renews the session
// while it is active (RPC-07), and closes it when the client is closed
// (RPC-09).
func Password(user string, secret sdk.Secret, options ...Option) sdk.Dialect {
	return &password{user: user, password: sdk.NewCredential(secret), settings: settingsOf(options)}
}

// PasswordFunc is [Password] with a password that is asked for when it is needed,
// and again after the server has refused it.
func PasswordFunc(user string, ask sdk.SecretFunc, options ...Option) sdk.Dialect {
	return &password{user: user, password: sdk.NewCredentialFunc(ask), settings: settingsOf(options)}
}

// FromToken begins with a session that somebody else has logged in to, and renews
// it at once. Closing the client ends the session; [sdk.Client.Stop] does not.
// When it has ended, the client's errors wrap [sdk.ErrRefused].
func FromToken(token sdk.Secret, options ...Option) sdk.Dialect {
	return &password{handed: sdk.Token{Access: token}, settings: settingsOf(options)}
}

func settingsOf(options []Option) settings {
	s := settings{path: wire.RPCPath, authenticate: wire.RPCAuthenticateEx, renew: wire.RPCRenewSession}
	for _, option := range options {
		if option != nil {
			option(&s)
		}
	}
	return s
}

// Name implements [sdk.Dialect].
func (d *password) Name() string { return wire.RPC }

// Key implements [sdk.Keyed].
func (d *password) Key() string {
	if d.password == nil {
		return "token " + d.handed.Access.Digest()
	}
	return d.user
}

// Validate implements [sdk.Validator].
func (d *password) Validate() error {
	switch {
	case d.password == nil && (d.handed.IsZero() || !headerfield.IsValue(d.handed.Access.Reveal())):
		return fmt.Errorf("rpc.FromToken needs a token that a header can carry: %w", sdk.ErrConfig)
	case d.password != nil && (d.user == "" || d.password.IsZero()):
		return fmt.Errorf("rpc.Password needs a user name and a password: %w", sdk.ErrConfig)
	case d.settings.channel != nil: // what follows is about HTTP
		if validator, ok := d.settings.channel.(sdk.Validator); ok {
			return validator.Validate()
		}
		return nil
	case strings.Contains(d.user, ":") && d.settings.rest == "":
		return fmt.Errorf("rpc.Password: Basic authorization has no room for a colon in a user name: %w", sdk.ErrConfig)
	case !strings.HasPrefix(d.settings.path, "/") || d.settings.rest != "" && !strings.HasPrefix(d.settings.rest, "/"):
		return fmt.Errorf("rpc.WithPath and rpc.WithREST need paths that start with /: %w", sdk.ErrConfig)
	}
	return nil
}

// Login implements [sdk.Dialect].
func (d *password) Login(ctx context.Context, x *sdk.TokenClient) (sdk.Token, error) {
	if d.password == nil {
		return d.Renew(ctx, x, d.handed)
	}
	var used sdk.Secret
	var a answer
	token, err := d.password.Login(ctx, func(secret sdk.Secret) (sdk.Token, error) {
		var err error
		used = secret
		a, err = d.ask(ctx, x, secret, d.settings.authenticate, wire.RPCCredentials{UserName: d.user, Password: secret.Reveal()})
		if err != nil || aboutSecondFactor(a.ErrorCode) {
			return sdk.Token{}, err
		}
		return a.token()
	})
	switch {
	case err != nil || !token.IsZero():
		return token, err
	case a.ErrorCode == wire.RPCCodeSecondFactor:
		return d.bySecondFactor(ctx, x, used, a)
	default:
		return a.token()
	}
}

// ask calls a method that logs in. The request is anonymous but for Basic, which
// servers want of every first call over HTTP.
func (d *password) ask(ctx context.Context, x *sdk.TokenClient, secret sdk.Secret, method string, data any) (answer, error) {
	const op = "login"
	if d.settings.channel != nil {
		a := answer{op: op, sent: x.Now()}
		var err error
		switch in := data.(type) {
		case wire.RPCCredentials:
			a.RPCAuthentication, err = d.settings.channel.Authenticate(ctx, method, in)
		case wire.RPCSecondFactorAnswer:
			a.RPCAuthentication, err = d.settings.channel.AuthenticateBySecondFactor(ctx, method, in)
		}
		return a, err
	}
	header := make(http.Header)
	basic := http.Request{Header: header}
	basic.SetBasicAuth(d.user, secret.Reveal())
	call := d.call(op, method, data, header, sdk.Token{})
	call.Repeatable = method != wire.RPCBySecondFactor // a code works once
	reply, err := x.Do(ctx, call)
	return overHTTP(op, reply, err)
}

// Renew implements [sdk.Renewer].
func (d *password) Renew(ctx context.Context, x *sdk.TokenClient, token sdk.Token) (sdk.Token, error) {
	const op = "renew"
	a, err := answer{op: op, sent: x.Now()}, error(nil)
	if d.settings.channel != nil {
		a.RPCAuthentication, err = d.settings.channel.Renew(ctx, d.settings.renew, token)
	} else {
		reply, callErr := x.Do(ctx, d.call(op, d.settings.renew, struct{}{}, nil, token))
		a, err = overHTTP(op, reply, callErr)
	}
	if err != nil {
		return sdk.Token{}, err
	}
	return a.token()
}

// Revoke implements [sdk.Revoker].
func (d *password) Revoke(ctx context.Context, x *sdk.TokenClient, token sdk.Token) error {
	err := d.closeSession(ctx, x, token)
	if sdk.TokenGone(err) {
		return nil
	}
	return err
}

func (d *password) closeSession(ctx context.Context, x *sdk.TokenClient, token sdk.Token) error {
	const op = "revoke"
	if d.settings.channel != nil {
		closed, err := d.settings.channel.Close(ctx, wire.RPCCloseSession, token)
		if err == nil && !closedOK(closed) {
			err = &sdk.Error{Op: op, Dialect: wire.RPC, Code: shownCode(closed.ErrorCode), Temporary: true, Err: sdk.ErrUnavailable}
		}
		return err
	}
	reply, err := x.Do(ctx, d.call(op, wire.RPCCloseSession, struct{}{}, nil, token))
	if unauthenticatedBy(reply, err) {
		return nil // the token is gone already
	}
	if err != nil {
		return err
	}
	var closed wire.RPCClosed
	if err := reply.JSON(&closed); err != nil {
		return err
	}
	if !closedOK(closed) {
		return reply.Unavailable(shownCode(closed.ErrorCode))
	}
	return nil
}

// call is a call of a method over HTTP.
func (d *password) call(op, method string, data any, header http.Header, token sdk.Token) sdk.Call {
	if route, ok := restRoutes[method]; ok && d.settings.rest != "" {
		call := sdk.Call{Op: op, Method: route.verb, Path: d.settings.rest + route.path, Token: token}
		if route.verb == http.MethodPost {
			call.JSON = data
		}
		return call
	}
	return sdk.Call{Op: op, Method: http.MethodPost, Path: d.settings.path, Header: header, Token: token, JSON: envelope{method, data}}
}

// envelope is [wire.RPCEnvelope] with data that is still to be encoded.
type envelope struct {
	Method string `json:"method"`
	Data   any    `json:"data"`
}

// maxErrorBody is how much of an answer is searched for a gRPC code.
const maxErrorBody = 16 << 10

// Rejected implements [sdk.Dialect]: 401, or any other failure whose body says
// UNAUTHENTICATED.
func (d *password) Rejected(response *http.Response) bool {
	switch {
	case d.Bearer.Rejected(response):
		return true
	case response.StatusCode < 400:
		return false
	}
	body, err := sdk.PeekBody(response, maxErrorBody)
	return err == nil && grpcCode(body) == unauthenticated
}
