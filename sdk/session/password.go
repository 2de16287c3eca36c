package session

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/sdk/headerfield"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/sdk"
)

// password is the dialect with e-mail and password.
type password struct {
	sdk.Bearer
	email    string
	password *sdk.Credential // nil: there is a token that was handed over
	handed   sdk.Token
	settings settings
}

var (
	_ sdk.Renewer   = (*password)(nil)
	_ sdk.Keyed     = (*password)(nil)
	_ sdk.Validator = (*password)(nil)
)

// Password logs in with an e-mail address and a password (SES-01), and refreshes
// with the refresh token (SES-08). The dialect documents no way to end a
// session by its token, so closing the client ends nothing at the server; see
// [API.End].
func Password(email string, secret sdk.Secret, options ...Option) sdk.Dialect {
	return &password{email: email, password: sdk.NewCredential(secret), settings: settingsOf(options)}
}

// PasswordFunc is [Password] with a password that is asked for when it is needed,
// and again after the server has refused it.
func PasswordFunc(email string, ask sdk.SecretFunc, options ...Option) sdk.Dialect {
	return &password{email: email, password: sdk.NewCredentialFunc(ask), settings: settingsOf(options)}
}

// FromToken begins with a session that somebody else has logged in to, by its
// refresh token and the latest access token, which may have expired. It works
// once: keep what follows in a store (see [sdk.WithStore]) and end the client
// with [sdk.Client.Stop]. When the session has ended, the client's errors wrap
// [sdk.ErrRefused].
func FromToken(access, refresh sdk.Secret, options ...Option) sdk.Dialect {
	return &password{handed: sdk.Token{Access: access, Refresh: refresh}, settings: settingsOf(options)}
}

// Name implements [sdk.Dialect].
func (d *password) Name() string { return wire.Session }

// Key implements [sdk.Keyed].
func (d *password) Key() string {
	if d.password == nil {
		return "token " + d.handed.Refresh.Digest()
	}
	return d.email
}

// Validate implements [sdk.Validator].
func (d *password) Validate() error {
	if d.password == nil && (d.handed.Refresh.IsZero() || !headerfield.IsValue(d.handed.Access.Reveal())) {
		return fmt.Errorf("session.FromToken needs a refresh token, and an access token that a header can carry: %w", sdk.ErrConfig)
	}
	if d.password != nil && (d.email == "" || d.password.IsZero()) {
		return fmt.Errorf("session.Password needs an e-mail address and a password: %w", sdk.ErrConfig)
	}
	return d.settings.validate()
}

// Login implements [sdk.Dialect].
func (d *password) Login(ctx context.Context, x *sdk.TokenClient) (sdk.Token, error) {
	if d.password == nil {
		return d.Renew(ctx, x, d.handed)
	}
	return d.password.Login(ctx, func(secret sdk.Secret) (sdk.Token, error) { return d.login(ctx, x, secret) })
}

func (d *password) login(ctx context.Context, x *sdk.TokenClient, secret sdk.Secret) (sdk.Token, error) {
	reply, err := x.Do(ctx, sdk.Call{
		Op: "login", Method: http.MethodPost, Path: d.settings.paths.Sessions, Repeatable: true,
		JSON: wire.SessionLogin{Session: wire.SessionCredentials{Email: d.email, Password: secret.Reveal()}},
	})
	if err != nil {
		return sdk.Token{}, err
	}
	return d.token(reply)
}

// Renew implements [sdk.Renewer]. The bearer goes beside the refresh token, as
// documented, although it may have expired (SES-16).
func (d *password) Renew(ctx context.Context, x *sdk.TokenClient, token sdk.Token) (sdk.Token, error) {
	reply, err := x.Do(ctx, sdk.Call{
		Op: "renew", Method: http.MethodPost, Path: d.settings.paths.Tokens, Token: token,
		JSON: wire.SessionRefresh{RefreshToken: token.Refresh.Reveal()},
	})
	if err != nil {
		return sdk.Token{}, err
	}
	renewed, err := d.token(reply)
	if err == nil && renewed.Refresh.IsZero() {
		renewed.Refresh = token.Refresh // RFC 6749 section 6: none means that the old one stays good
	}
	return renewed, err
}

func (d *password) token(reply *sdk.Reply) (sdk.Token, error) {
	var tokens wire.SessionTokens
	if err := reply.JSON(&tokens); err != nil {
		return sdk.Token{}, err
	}
	switch {
	case tokens.AccessToken == "":
		return sdk.Token{}, reply.Protocol("access_token is missing")
	case tokens.TokenType != "" && !strings.EqualFold(tokens.TokenType, wire.SessionTokenType):
		return sdk.Token{}, reply.Protocol("token_type is not Bearer")
	}
	life := tokens.ExpiresIn.Life()
	if life == 0 {
		life = wire.SessionAccessLife // documented, whether or not the answer says so
	}
	return sdk.Token{
		Access: sdk.NewSecret(tokens.AccessToken), Refresh: sdk.NewSecret(tokens.RefreshToken), Subject: d.email,
		Issued: reply.Sent, Expires: reply.ExpiresIn(life),
	}, nil
}
