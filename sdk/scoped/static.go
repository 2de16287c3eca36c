package scoped

import (
	"context"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/sdk/headerfield"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/sdk"
)

// static is the dialect with a token that was issued by hand.
type static struct {
	bearer
	token sdk.Secret
}

var (
	_ sdk.Keyed      = (*static)(nil)
	_ sdk.Validator  = (*static)(nil)
	_ sdk.ErrorCoder = (*static)(nil)
)

// Static uses a token that was issued before. It is not renewed, and not revoked
// when the client is closed. If it is a JSON Web Token with an end, the client
// refuses to use it after that.
func Static(token sdk.Secret, options ...Option) sdk.Dialect {
	return &static{bearer: bearer{settings: settingsOf(options)}, token: token}
}

// Key implements [sdk.Keyed]. Another token is another login, so it is known by
// its digest.
func (d *static) Key() string {
	return "static " + d.token.Digest()
}

// Validate implements [sdk.Validator].
func (d *static) Validate() error {
	if d.token.IsZero() {
		return fmt.Errorf("scoped.Static needs a token: %w", sdk.ErrConfig)
	}
	if !headerfield.IsValue(d.token.Reveal()) {
		return fmt.Errorf("scoped.Static needs a token that a header can carry, without line breaks: %w", sdk.ErrConfig)
	}
	return d.settings.validate()
}

// Login implements [sdk.Dialect], without I/O.
func (d *static) Login(_ context.Context, x *sdk.TokenClient) (sdk.Token, error) {
	now := x.Now()
	token := sdk.Token{Access: d.token, Issued: now}
	if end, ok := wire.JWTExpiry(d.token.Reveal()); ok {
		if !now.Before(end) {
			return sdk.Token{}, &sdk.Error{Op: "login", Dialect: d.Name(), Err: fmt.Errorf("%w: the static token has expired; issue another", sdk.ErrRefused)}
		}
		token.Expires = end
	}
	return token, nil
}
