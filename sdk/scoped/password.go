package scoped

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/sdk"
)

// Option changes a setting of [Password] or [Static].
type Option func(*settings)

// settings are what the options set.
type settings struct {
	prefix  string
	methods string
	life    string
	scopes  []string
}

// WithLifetime asks for tokens that live so long: "30 minutes", "12 hours", "8 days",
// "5 years" (SCP-03). The default is the server's, one day. [Static] ignores
// it.
func WithLifetime(words string) Option { return func(s *settings) { s.life = words } }

// WithScopes asks for tokens that may do only this: scopes like "GET /objects/:id"
// (SCP-08). The default is everything that the user may do. A token that is to
// end itself when the client is closed needs "DELETE /tokens/:id". [Static]
// ignores it.
func WithScopes(scopes ...string) Option { return func(s *settings) { s.scopes = scopes } }

// WithPrefix stands before all paths. The default is "/api/v1".
func WithPrefix(prefix string) Option {
	return func(s *settings) { s.prefix = strings.TrimRight(prefix, "/") }
}

// WithMethodsPath is where the list of methods is, below the prefix. The source of
// the dialect does not give it; the default is "/methods".
func WithMethodsPath(path string) Option { return func(s *settings) { s.methods = path } }

func settingsOf(options []Option) settings {
	s := settings{prefix: wire.ScopedPrefix, methods: wire.ScopedMethodsPath}
	for _, option := range options {
		if option != nil {
			option(&s)
		}
	}
	return s
}

func (s *settings) validate() error {
	if s.prefix != "" && !strings.HasPrefix(s.prefix, "/") || !strings.HasPrefix(s.methods, "/") {
		return fmt.Errorf("scoped.WithPrefix and scoped.WithMethodsPath need paths that start with /: %w", sdk.ErrConfig)
	}
	if s.life != "" {
		if _, err := wire.ParseLifetime(s.life); err != nil {
			return fmt.Errorf("scoped.WithLifetime: %w: %w", err, sdk.ErrConfig)
		}
	}
	if _, err := wire.ParseScopes(s.scopes); err != nil {
		return fmt.Errorf("scoped.WithScopes: %w: %w", err, sdk.ErrConfig)
	}
	return nil
}

// bearer is what the dialects of this package have in common.
type bearer struct {
	sdk.Bearer
	settings settings
}

// Name implements [sdk.Dialect].
func (b *bearer) Name() string { return wire.Scoped }

// password is the dialect with credentials.
type password struct {
	bearer
	username string
	password *sdk.Credential
}

var (
	_ sdk.Revoker    = (*password)(nil)
	_ sdk.Inspector  = (*password)(nil)
	_ sdk.Keyed      = (*password)(nil)
	_ sdk.Validator  = (*password)(nil)
	_ sdk.ErrorCoder = (*password)(nil)
)

// Password obtains tokens with a user name and a password (SCP-01), a new one
// whenever the old one ends: the dialect has no renewal. Closing the client
// revokes the token (SCP-20).
func Password(username string, secret sdk.Secret, options ...Option) sdk.Dialect {
	return &password{bearer: bearer{settings: settingsOf(options)}, username: username, password: sdk.NewCredential(secret)}
}

// PasswordFunc is [Password] with a password that is asked for when it is needed,
// and again after the server has refused it.
func PasswordFunc(username string, ask sdk.SecretFunc, options ...Option) sdk.Dialect {
	return &password{bearer: bearer{settings: settingsOf(options)}, username: username, password: sdk.NewCredentialFunc(ask)}
}

// Key implements [sdk.Keyed].
func (d *password) Key() string {
	return fmt.Sprintf("%s %q %q", d.username, d.settings.life, d.settings.scopes)
}

// Validate implements [sdk.Validator].
func (d *password) Validate() error {
	if d.username == "" || d.password.IsZero() {
		return fmt.Errorf("scoped.Password needs a user name and a password: %w", sdk.ErrConfig)
	}
	return d.settings.validate()
}

// Login implements [sdk.Dialect].
func (d *password) Login(ctx context.Context, x *sdk.TokenClient) (sdk.Token, error) {
	return d.password.Login(ctx, func(secret sdk.Secret) (sdk.Token, error) { return d.login(ctx, x, secret) })
}

func (d *password) login(ctx context.Context, x *sdk.TokenClient, secret sdk.Secret) (sdk.Token, error) {
	reply, err := x.Do(ctx, sdk.Call{
		Op: "login", Method: http.MethodPost, Path: d.settings.prefix + wire.ScopedAuthPath, Repeatable: true,
		JSON: wire.ScopedLogin{Username: d.username, Password: secret.Reveal(), ExpiresIn: d.settings.life, Scopes: d.settings.scopes},
	})
	if err != nil {
		return sdk.Token{}, err
	}
	issued, err := readIssued(reply)
	if err != nil {
		return sdk.Token{}, err
	}
	token := sdk.Token{
		Access: issued.Token, ID: issued.ID, Subject: issued.User, Scopes: d.settings.scopes,
		Issued: reply.Sent, Expires: issued.ExpiresAt,
	}
	if token.Subject == "" {
		token.Subject = d.username
	}
	return token, nil
}

// Revoke implements [sdk.Revoker].
func (d *password) Revoke(ctx context.Context, x *sdk.TokenClient, token sdk.Token) error {
	if token.ID == "" {
		return nil // the server gave the token no name to revoke it by
	}
	_, err := x.Do(ctx, sdk.Call{
		Op: "revoke", Method: http.MethodDelete, Token: token,
		Path: d.settings.prefix + wire.ScopedTokensPath + "/" + url.PathEscape(token.ID),
	})
	if sdk.TokenGone(err) {
		return nil
	}
	return err
}

// Inspect implements [sdk.Inspector]: it looks the token up in the list of
// tokens.
func (d *password) Inspect(ctx context.Context, x *sdk.TokenClient, token sdk.Token) (sdk.Token, error) {
	reply, err := x.Do(ctx, sdk.Call{Op: "inspect", Path: d.settings.prefix + wire.ScopedTokensPath, Token: token})
	if err != nil {
		return sdk.Token{}, err
	}
	listed, err := readListed(reply)
	if err != nil {
		return sdk.Token{}, err
	}
	for _, entry := range listed {
		if entry.ID == token.ID {
			token.Expires, token.Scopes = entry.ExpiresAt, entry.Scopes
			return token, nil
		}
	}
	return sdk.Token{}, &sdk.Error{Op: "inspect", Dialect: wire.Scoped, Status: reply.Status, Err: sdk.ErrNotFound}
}
