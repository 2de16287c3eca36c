package dialect

import (
	"context"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// access asks for the protected resource over HTTP, with a token unless it is
// "".
func access(ctx context.Context, on *exchange.Client, c Client, token string) (*exchange.Answer, error) {
	r := c.Protected()
	if token != "" {
		r = c.Authorize(r, token)
	}
	return on.Do(ctx, r)
}

// bearing is a request with a token where most dialects want it.
func bearing(r exchange.Request, token string) exchange.Request {
	return r.With("Authorization", "Bearer "+token)
}
