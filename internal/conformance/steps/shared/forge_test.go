package shared

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// answering is a transport that answers all requests with one body and keeps
// the last.
type answering struct {
	body  string
	asked *http.Request
}

func (a *answering) RoundTrip(r *http.Request) (*http.Response, error) {
	a.asked = r
	return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// stillClock is a subject's clock that nobody moves.
type stillClock struct{}

func (stillClock) Now() time.Time                               { return time.Unix(1_800_000_000, 0) }
func (stillClock) Advance(context.Context, time.Duration) error { return nil }

// TestForgeWithPublishedKeys: the keys that a subject publishes are asked for,
// and each makes forgeries of its own.
func TestForgeWithPublishedKeys(t *testing.T) {
	t.Parallel()
	const way = `an HS256 signature by a key that others can have`
	forge := func(published string) (wrong []string, asked string) {
		subject := &answering{body: published}
		w := &World{Client: exchange.NewClient(&exchange.Subject{
			HTTP: "http://subject.example", Transport: subject, Clock: stillClock{}, Secrets: &evidence.Secrets{}, Timeout: time.Minute,
		}, "rpc", &evidence.Log{})}
		wrong, err := w.Forge(t.Context(), way, someJWT)
		if err != nil {
			t.Fatal(err)
		}
		return wrong, subject.asked.URL.Path
	}
	without, asked := forge(`{"keys":[]}`)
	if asked != "/.well-known/jwks.json" {
		t.Errorf("asked for %s", asked)
	}
	with, _ := forge(`{"keys":[{"kty":"RSA","n":"w7Zdfmece8iaB0kiTY8pCtiBtzbptJmP28nSWwtdjRu0f2GFpajvWE4VhfJAjEsOcwYzay7XGN0b-X84BfC8hmCTOj2b2eHT7NsZegFPKRUQzJ9wW8ipn_aDJWMGDuB1XyqT1E7DYqjUCEOD1b4FLpy_xPn6oV_TYOfQ9fZdbE5HGxJUzekuGcOKqOQ8M7wfYHhHHLxGpQVgL0apWuP2gDDOdTtpuld4D2LK1MZK99s9gaSjRHE8JDb1Z4IGhEcEyzkxswVdPndUWzfvWBBWXWxtSUvQGBRkuy1BHOa4sP6FKjWEeeF7gm7UMs2Nm2QUgNZw6xvEDGaLk4KASdIxRQ","e":"AQAB"}]}`)
	if len(with) <= len(without) || slices.Contains(with, someJWT) {
		t.Errorf("%d forgeries without a published key, %d with one", len(without), len(with))
	}
}
