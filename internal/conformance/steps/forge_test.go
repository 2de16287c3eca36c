package steps

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// stillTime is a subject's clock that nobody moves.
type stillTime struct{}

func (stillTime) Now() time.Time                               { return time.Unix(1_800_000_000, 0) }
func (stillTime) Advance(context.Context, time.Duration) error { return nil }

// answering is a transport that answers all requests alike and keeps the last.
type answering struct {
	status int
	body   string
	asked  *http.Request
}

func (a *answering) RoundTrip(r *http.Request) (*http.Response, error) {
	a.asked = r
	return &http.Response{StatusCode: a.status, Status: http.StatusText(a.status), Header: http.Header{}, Body: bodyOf(a.body), Request: r}, nil
}

func worldOf(transport http.RoundTripper) *World {
	return &World{log: &evidence.Log{}, subject: &Subject{
		HTTP: "http://subject.example", Transport: transport, Clock: stillTime{}, Secrets: &evidence.Secrets{}, Timeout: time.Minute,
	}}
}

func jwtOf(header, payload string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(header)) + "." + encode([]byte(payload)) + ".c2lnbmF0dXJlLXRoYXQtaXMtbG9uZy1lbm91Z2g"
}

func TestForgeriesAreWhatTheySay(t *testing.T) {
	t.Parallel()
	token := jwtOf(`{"alg":"RS256","kid":"7"}`, `{"exp":1800000000,"sub":"me"}`)
	right := strings.Split(token, ".")
	for way, check := range map[string]func(header, claims map[string]any, parts []string) bool{
		`"alg" none and no signature`: func(h, _ map[string]any, p []string) bool {
			return strings.EqualFold(h["alg"].(string), "none") && h["kid"] == "7" && p[1] == right[1] && p[2] == ""
		},
		`"alg" none and the old signature`: func(h, _ map[string]any, p []string) bool {
			return strings.EqualFold(h["alg"].(string), "none") && p[1] == right[1] && p[2] == right[2]
		},
		`a later "exp" and the old signature`: func(_, c map[string]any, p []string) bool {
			return c["exp"] == json.Number("1800086400") && c["sub"] == "me" && p[0] == right[0] && p[2] == right[2]
		},
		`another "sub" and the old signature`: func(_, c map[string]any, p []string) bool {
			return c["sub"] != "me" && c["exp"] == json.Number("1800000000") && p[2] == right[2]
		},
		`other characters in its signature`: func(_, _ map[string]any, p []string) bool {
			return p[0] == right[0] && p[1] == right[1] && p[2] != right[2]
		},
		`an HS256 signature by a key that others can have`: func(h, _ map[string]any, p []string) bool {
			return h["alg"] == "HS256" && p[1] == right[1] && p[2] != right[2]
		},
	} {
		forged, err := worldOf(&answering{status: 404}).forgeries(t.Context(), way, token)
		if err != nil || len(forged) == 0 {
			t.Errorf("%s: %d tokens, %v", way, len(forged), err)
		}
		for _, one := range forged {
			parts := strings.Split(one, ".")
			header, err := decodePart(parts[0])
			if err != nil {
				t.Fatal(err)
			}
			claims, err := decodePart(parts[1])
			if err != nil {
				t.Fatal(err)
			}
			if one == token || !check(header, claims, parts) {
				t.Errorf("%s made %v %v %q", way, header, claims, parts[2])
			}
		}
	}
}

func TestForgeriesOfWhatIsNoJWT(t *testing.T) {
	t.Parallel()
	w := worldOf(&answering{status: 404})
	forged, err := w.forgeries(t.Context(), `"alg" none and no signature`, "0123456789abcdef0123456789abcdef")
	if err != nil || len(forged) == 0 || slices.Contains(forged, "0123456789abcdef0123456789abcdef") {
		t.Errorf("got %q, %v", forged, err)
	}
	if _, err := w.forgeries(t.Context(), "good will", jwtOf(`{"alg":"RS256"}`, `{}`)); err == nil {
		t.Error("a way that is none was taken")
	}
}

func TestForgeriesByThePublishedKey(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // it protects nothing
	if err != nil {
		t.Fatal(err)
	}
	published := `{"keys":[{"kty":"EC","n":"","e":""},{"kty":"RSA","n":"` + base64.RawURLEncoding.EncodeToString(key.N.Bytes()) +
		`","e":"` + base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()) + `"}]}`
	subject := &answering{status: 200, body: published}
	forged, err := worldOf(subject).forgeries(t.Context(), `an HS256 signature by a key that others can have`, jwtOf(`{"alg":"RS256"}`, `{}`))
	if err != nil {
		t.Fatal(err)
	}
	if subject.asked.URL.Path != "/.well-known/jwks.json" {
		t.Errorf("asked for %s", subject.asked.URL)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	signed := forged[0][:strings.LastIndex(forged[0], ".")]
	mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	mac.Write([]byte(signed))
	if want := signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)); !slices.Contains(forged, want) {
		t.Error("none is signed with the PEM text of the published key")
	}
}

func FuzzDecodePart(f *testing.F) {
	f.Add("eyJhbGciOiJub25lIn0")
	f.Add("bnVsbA")
	f.Add("%")
	f.Fuzz(func(t *testing.T, part string) {
		fields, err := decodePart(part)
		if err == nil && fields != nil {
			if again, err := decodePart(encodePart(fields)); err != nil || len(again) != len(fields) {
				t.Errorf("%q was read as %v, and that as %v, %v", part, fields, again, err)
			}
		}
	})
}
