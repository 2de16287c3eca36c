package shared

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
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

// signedJWT is signed by a key that has a public half.
const signedJWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyb290In0.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk"

// TestForgeWithPublicKeys: the key that the manifest names, or that a subject
// publishes where many do, makes forgeries. Without one the row is untried.
func TestForgeWithPublicKeys(t *testing.T) {
	t.Parallel()
	const key = `{"keys":[{"kty":"RSA","n":"w7Zdfmece8iaB0kiTY8pCtiBtzbptJmP28nSWwtdjRu0f2GFpajvWE4VhfJAjEsOcwYzay7XGN0b-X84BfC8hmCTOj2b2eHT7NsZegFPKRUQzJ9wW8ipn_aDJWMGDuB1XyqT1E7DYqjUCEOD1b4FLpy_xPn6oV_TYOfQ9fZdbE5HGxJUzekuGcOKqOQ8M7wfYHhHHLxGpQVgL0apWuP2gDDOdTtpuld4D2LK1MZK99s9gaSjRHE8JDb1Z4IGhEcEyzkxswVdPndUWzfvWBBWXWxtSUvQGBRkuy1BHOa4sP6FKjWEeeF7gm7UMs2Nm2QUgNZw6xvEDGaLk4KASdIxRQ","e":"AQAB"}]}`
	file := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		named     *manifest.PublicKey
		published string
		asked     string // of the subject, or of another server
		untried   string
	}{
		"published":        {nil, key, "http://subject.example/.well-known/jwks.json", ""},
		"nowhere":          {nil, `{"keys":[]}`, "http://subject.example/.well-known/jwks.json", "name it as public_key in the manifest"},
		"at a path":        {&manifest.PublicKey{URL: "/keys"}, key, "http://subject.example/keys", ""},
		"at a whole URL":   {&manifest.PublicKey{URL: "http://subject.example/keys"}, key, "http://subject.example/keys", ""},
		"of another":       {&manifest.PublicKey{URL: "https://issuer.example/keys"}, key, "https://issuer.example/keys", ""},
		"of a longer name": {&manifest.PublicKey{URL: "http://subject.example.org/keys"}, key, "http://subject.example.org/keys", ""},
		"in a file":        {&manifest.PublicKey{File: file}, "", "", ""},
		"in no file":       {&manifest.PublicKey{File: file + "x"}, "", "", "public_key cannot be read"},
		"not there":        {&manifest.PublicKey{URL: "/keys"}, "no key", "http://subject.example/keys", "holds no key"},
	} {
		subject := &answering{body: test.published}
		w := &World{Client: exchange.NewClient(&exchange.Subject{
			HTTP: "http://subject.example", Transport: subject, Clock: stillClock{}, Secrets: &evidence.Secrets{}, Timeout: time.Minute,
			Manifest: &manifest.Manifest{PublicKey: test.named},
		}, "rpc", &evidence.Log{})}
		wrong, err := w.Forge(t.Context(), `an HS256 signature by its public key`, signedJWT)
		var untried *exchange.UntriedError
		switch {
		case test.untried != "":
			if !errors.As(err, &untried) || !strings.Contains(err.Error(), test.untried) {
				t.Errorf("%s: %v", name, err)
			}
		case err != nil || len(wrong) == 0 || slices.Contains(wrong, signedJWT):
			t.Errorf("%s: %d forgeries, %v", name, len(wrong), err)
		}
		asked := ""
		if subject.asked != nil {
			asked = subject.asked.URL.String()
		}
		if asked != test.asked {
			t.Errorf("%s: asked for %q", name, asked)
		}
	}
}
