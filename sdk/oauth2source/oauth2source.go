// Package oauth2source lends the token of an [sdk.Client] to libraries that take
// an [oauth2.TokenSource]:
//
//	source := oauth2source.New(ctx, client)
//	httpClient := oauth2.NewClient(ctx, source)
//
// The client goes on renewing; the source never shows the refresh token, which
// only the client may spend. Where a program has the choice, client.HTTPClient
// is better: it binds the token to its origin and heals after a rejection.
package oauth2source

import (
	"context"
	"fmt"
	"net/http"

	"golang.org/x/oauth2"

	"github.com/dragoman-auth/dragoman/sdk"
)

// New returns a source that is safe for concurrent use. As package oauth2 has
// it, ctx is for all calls of Token: when it ends, they fail.
//
// Token returns the client's errors, and an error that wraps
// [sdk.ErrUnsupported] if the dialect does not present its token as
// "Authorization: Bearer", which is all that package oauth2 can do.
func New(ctx context.Context, client *sdk.Client) oauth2.TokenSource {
	return source(func() (sdk.Token, error) {
		token, err := client.Token(ctx)
		if err == nil && !isBearer(client.Dialect(), token) {
			err = fmt.Errorf("token source: tokens of dialect %s are no bearer tokens: %w", client.Dialect().Name(), sdk.ErrUnsupported)
		}
		return token, err
	})
}

// source makes a function an [oauth2.TokenSource].
type source func() (sdk.Token, error)

// Token implements [oauth2.TokenSource].
func (s source) Token() (*oauth2.Token, error) {
	token, err := s()
	if err != nil {
		return nil, err
	}
	return &oauth2.Token{AccessToken: token.Access.Reveal(), TokenType: "Bearer", Expiry: token.Expires}, nil
}

func isBearer(dialect sdk.Dialect, token sdk.Token) bool {
	header := make(http.Header)
	dialect.Authorize(header, token)
	return len(header) == 1 && header.Get("Authorization") == "Bearer "+token.Access.Reveal()
}
