package session

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/sdk"
)

// password is the dialect with e-mail and password.
type password struct {
	sdk.Bearer
	email    string
	secret   sdk.Secret
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
	return &password{email: email, secret: secret, settings: settingsOf(options)}
}

// Name implements [sdk.Dialect].
func (d *password) Name() string { return wire.Session }

// Key implements [sdk.Keyed].
func (d *password) Key() string { return d.email }

// Validate implements [sdk.Validator].
func (d *password) Validate() error {
	if d.email == "" || d.secret.IsZero() {
		return fmt.Errorf("session.Password needs an e-mail address and a password: %w", sdk.ErrConfig)
	}
	return d.settings.validate()
}

// Login implements [sdk.Dialect].
func (d *password) Login(ctx context.Context, x *sdk.TokenClient) (sdk.Token, error) {
	reply, err := x.Do(ctx, sdk.Call{
		Op: "login", Method: http.MethodPost, Path: d.settings.paths.Sessions, Repeatable: true,
		JSON: wire.SessionLogin{Session: wire.SessionCredentials{Email: d.email, Password: d.secret.Reveal()}},
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
