package form

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/sdk/headerfield"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/sdk"
)

// Option changes a setting of [Password].
type Option func(*settings)

// settings are what the options set.
type settings struct {
	long     bool
	prefix   string
	location *time.Location
}

// WithLongToken asks for tokens of 30 days instead of 24 hours, at the login and at
// every extension (FRM-03, FRM-11).
func WithLongToken() Option { return func(s *settings) { s.long = true } }

// WithPrefix stands before /login, as in "/api". The default is none.
func WithPrefix(prefix string) Option {
	return func(s *settings) { s.prefix = strings.TrimRight(prefix, "/") }
}

// WithLocation is the time zone of the server's validTo where that names none. The
// default is UTC. A wrong zone does little harm: a token is never taken to live
// longer than its documented life.
func WithLocation(location *time.Location) Option { return func(s *settings) { s.location = location } }

// password is the dialect.
type password struct {
	login    string
	password *sdk.Credential // nil: there is a token that was handed over
	handed   sdk.Secret
	settings settings
}

var (
	_ sdk.Renewer   = (*password)(nil)
	_ sdk.Revoker   = (*password)(nil)
	_ sdk.Prober    = (*password)(nil)
	_ sdk.Keyed     = (*password)(nil)
	_ sdk.Validator = (*password)(nil)
)

// Password logs in with a login name and a password, as an HTML form does
// (FRM-01), extends the token before it ends (FRM-11), and deletes it when the
// client is closed (FRM-14).
func Password(login string, secret sdk.Secret, options ...Option) sdk.Dialect {
	return &password{login: login, password: sdk.NewCredential(secret), settings: settingsOf(options)}
}

// PasswordFunc is [Password] with a password that is asked for when it is needed,
// and again after the server has refused it.
func PasswordFunc(login string, ask sdk.SecretFunc, options ...Option) sdk.Dialect {
	return &password{login: login, password: sdk.NewCredentialFunc(ask), settings: settingsOf(options)}
}

// FromToken begins with a token that somebody else has obtained: the client asks
// the server about it (FRM-08) and extends it from then on. Closing the client
// deletes it; [sdk.Client.Stop] does not. When it has ended, the client's errors
// wrap [sdk.ErrRefused].
func FromToken(token sdk.Secret, options ...Option) sdk.Dialect {
	return &password{handed: token, settings: settingsOf(options)}
}

func settingsOf(options []Option) settings {
	var s settings
	for _, option := range options {
		if option != nil {
			option(&s)
		}
	}
	return s
}

// Name implements [sdk.Dialect].
func (d *password) Name() string { return wire.Form }

// Key implements [sdk.Keyed].
func (d *password) Key() string {
	if d.password == nil {
		return "token " + d.handed.Digest()
	}
	return fmt.Sprintf("%s long=%t", d.login, d.settings.long)
}

// Validate implements [sdk.Validator].
func (d *password) Validate() error {
	switch {
	case d.password == nil && (d.handed.IsZero() || !headerfield.IsValue(d.handed.Reveal())):
		return fmt.Errorf("form.FromToken needs a token that a header can carry: %w", sdk.ErrConfig)
	case d.password != nil && (d.login == "" || d.password.IsZero()):
		return fmt.Errorf("form.Password needs a login and a password: %w", sdk.ErrConfig)
	case d.settings.prefix != "" && !strings.HasPrefix(d.settings.prefix, "/"):
		return fmt.Errorf("form.WithPrefix needs a prefix that starts with /: %w", sdk.ErrConfig)
	}
	return nil
}

// life is the documented life of the tokens that are asked for.
func (d *password) life() time.Duration {
	if d.settings.long {
		return wire.FormLongLife
	}
	return wire.FormShortLife
}

// Login implements [sdk.Dialect].
func (d *password) Login(ctx context.Context, x *sdk.TokenClient) (sdk.Token, error) {
	if d.password == nil {
		return d.begin(ctx, x)
	}
	return d.password.Login(ctx, func(secret sdk.Secret) (sdk.Token, error) { return d.logIn(ctx, x, secret) })
}

// begin asks about the token that was handed over.
func (d *password) begin(ctx context.Context, x *sdk.TokenClient) (sdk.Token, error) {
	reply, err := x.Do(ctx, d.about("login", http.MethodGet, sdk.Token{Access: d.handed}))
	if sdk.TokenGone(err) {
		return sdk.Token{}, &sdk.Error{Op: "login", Dialect: wire.Form, Err: fmt.Errorf("%w: the token that was handed over has ended; hand over another", sdk.ErrRefused)}
	}
	if err != nil {
		return sdk.Token{}, err
	}
	return d.token(reply)
}

func (d *password) logIn(ctx context.Context, x *sdk.TokenClient, secret sdk.Secret) (sdk.Token, error) {
	fields := url.Values{wire.FormFieldLogin: {d.login}, wire.FormFieldPass: {secret.Reveal()}}
	if d.settings.long {
		fields.Set(wire.FormFieldLongToken, "true")
	}
	reply, err := x.Do(ctx, sdk.Call{Op: "login", Method: http.MethodPost, Path: d.settings.prefix + wire.FormLoginPath, Form: fields, Repeatable: true})
	if err != nil {
		return sdk.Token{}, err
	}
	return d.token(reply)
}

// Renew implements [sdk.Renewer]. The answer may name the same token or a new
// one.
func (d *password) Renew(ctx context.Context, x *sdk.TokenClient, token sdk.Token) (sdk.Token, error) {
	reply, err := x.Do(ctx, sdk.Call{
		Op: "renew", Method: http.MethodPut, Path: d.settings.prefix + wire.FormLoginPath, Token: token,
		JSON: wire.FormExtend{Token: token.Access.Reveal(), LongToken: d.settings.long},
	})
	if err != nil {
		return sdk.Token{}, err
	}
	return d.token(reply)
}

// Revoke implements [sdk.Revoker].
func (d *password) Revoke(ctx context.Context, x *sdk.TokenClient, token sdk.Token) error {
	_, err := x.Do(ctx, d.about("revoke", http.MethodDelete, token))
	if sdk.TokenGone(err) {
		return nil
	}
	return err
}

// Inspect implements [sdk.Inspector]: 404 is a token that does not live (FRM-09,
// FRM-10).
func (d *password) Inspect(ctx context.Context, x *sdk.TokenClient, token sdk.Token) (sdk.Token, error) {
	reply, err := x.Do(ctx, d.about("inspect", http.MethodGet, token))
	if err != nil {
		return sdk.Token{}, err
	}
	shown, err := d.token(reply)
	if err != nil {
		return sdk.Token{}, err
	}
	shown.Issued = token.Issued
	return shown, nil
}

// about is a call that names the token in its query, as the dialect has it.
func (d *password) about(op, method string, token sdk.Token) sdk.Call {
	return sdk.Call{
		Op: op, Method: method, Path: d.settings.prefix + wire.FormLoginPath, Token: token,
		Query: url.Values{wire.FormFieldToken: {token.Access.Reveal()}},
	}
}

// token reads the shape that all answers share.
func (d *password) token(reply *sdk.Reply) (sdk.Token, error) {
	var answer wire.FormToken
	if err := reply.JSON(&answer); err != nil {
		return sdk.Token{}, err
	}
	if answer.Token == "" {
		return sdk.Token{}, reply.Protocol("token is missing")
	}
	// The format of validTo is not documented; the life is. An end that cannot
	// be read or is over, or that is later than it may be because its zone is
	// not what we think, is the documented one.
	expires := reply.ExpiresIn(d.life())
	if end, err := wire.ParseValidTo(answer.ValidTo, d.settings.location); err == nil {
		if end = reply.ExpiresAt(end); end.After(reply.Sent) && end.Before(expires) {
			expires = end
		}
	}
	subject := wire.FormUserName(answer.User)
	if subject == "" {
		subject = d.login
	}
	return sdk.Token{Access: sdk.NewSecret(answer.Token), Subject: subject, Issued: reply.Sent, Expires: expires}, nil
}

// Authorize implements [sdk.Dialect].
func (d *password) Authorize(header http.Header, token sdk.Token) {
	header.Set(wire.FormTokenHeader, token.Access.Reveal())
}

// Rejected implements [sdk.Dialect].
func (d *password) Rejected(response *http.Response) bool {
	return response.StatusCode == http.StatusUnauthorized
}

// MaybeRejected implements [sdk.Prober]: that a dead token is answered with 401 is
// not documented (FRM-07). A server may say otherwise that access is denied,
// or lead to a page to log in at; GET /login tells for sure.
func (d *password) MaybeRejected(response *http.Response) bool {
	switch response.StatusCode {
	case http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect,
		http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound:
		return true
	}
	return false
}
