package session

import (
	"context"
	"fmt"
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/sdk/headerfield"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/sdk"
)

// apiKey is the dialect with a key that was made in the back office.
type apiKey struct {
	sdk.Bearer // but for its own header
	key        sdk.Secret
	settings   settings
}

var (
	_ sdk.Keyed     = (*apiKey)(nil)
	_ sdk.Validator = (*apiKey)(nil)
)

// APIKey presents a key in x-api-key (SES-21). There is no login, no renewal and
// no end: what a rejected key grants is for its owner to correct.
func APIKey(key sdk.Secret, options ...Option) sdk.Dialect {
	return &apiKey{key: key, settings: settingsOf(options)}
}

// Name implements [sdk.Dialect].
func (d *apiKey) Name() string { return wire.Session }

// Key implements [sdk.Keyed]. Another key is another token, so it is known by
// its digest.
func (d *apiKey) Key() string {
	return "api key " + d.key.Digest()
}

// Validate implements [sdk.Validator].
func (d *apiKey) Validate() error {
	if d.key.IsZero() {
		return fmt.Errorf("session.APIKey needs a key: %w", sdk.ErrConfig)
	}
	if !headerfield.IsValue(d.key.Reveal()) {
		return fmt.Errorf("session.APIKey needs a key that a header can carry, without line breaks: %w", sdk.ErrConfig)
	}
	return d.settings.validate()
}

// Login implements [sdk.Dialect], without I/O.
func (d *apiKey) Login(_ context.Context, x *sdk.TokenClient) (sdk.Token, error) {
	return sdk.Token{Access: d.key, Issued: x.Now()}, nil
}

// Authorize implements [sdk.Dialect].
func (d *apiKey) Authorize(header http.Header, token sdk.Token) {
	header.Set(wire.SessionAPIKeyHeader, token.Access.Reveal())
}
