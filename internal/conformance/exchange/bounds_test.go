package exchange

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

type realTime struct{ Clock }

func (realTime) Now() time.Time { return time.Now() }

// newBounded is a client of a server, as the judge reaches it.
func newBounded(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return NewClient(&Subject{
		HTTP: server.URL, Transport: &http.Transport{MaxResponseHeaderBytes: MaxHeader},
		Clock: realTime{}, Secrets: &evidence.Secrets{}, Timeout: time.Minute,
	}, "form", &evidence.Log{})
}

// TestBounds: what a server can make the judge read and keep has an end, the
// error says which, and no token of it is shown.
func TestBounds(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("secret-", longestToken)
	body := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, text) }
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string // of the error; "" for an answer
	}{
		"a long body":        {body(`{"text":"` + strings.Repeat("x", maxAnswer-100) + `"}`), ""},
		"a longer body":      {body(`{"token":"secret-1234567890","text":"` + strings.Repeat("x", maxAnswer) + `"}`), "the body is longer than 4194304 bytes"},
		"a long token":       {body(`{"token":"` + long[:longestToken] + `"}`), ""},
		"a longer token":     {body(`{"token":"` + long[:longestToken+1] + `"}`), "a token of 16385 bytes"},
		"a longer JWT":       {body("eyJhbGciOiJIUzI1NiJ9." + long + "." + long), "a token of"},
		"many tokens":        {body(`[` + strings.Repeat(`{"token":"secret-1234567890"},`, maxTokens) + `1]`), ""},
		"more tokens":        {body(`[` + strings.Repeat(`{"token":"secret-1234567890"},`, maxTokens+1) + `1]`), "holds 1001 tokens"},
		"a token cut off":    {body(`{"token":"secret-1234567890`), ""},
		"a token in a form":  {body(`ok=1&access_token=secret-1234567890&x=2`), ""},
		"a token in a query": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Location", "/a?token=secret-1234567890") }, ""},
		"a long header":      {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-A", strings.Repeat("x", MaxHeader/2)) }, ""},
		"a longer header":    {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-A", strings.Repeat("x", MaxHeader)) }, "headers exceeded"},
		"a long name": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header()[strings.Repeat("X", MaxHeader/2)] = []string{"a"}
		}, ""},
		"many fields": {func(w http.ResponseWriter, _ *http.Request) {
			for i := range 5000 {
				w.Header()[fmt.Sprintf("X-%d", i)] = []string{"a"}
			}
		}, ""},
		"a long line that is no HTTP": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = fmt.Fprintf(conn, "%s\r\n\r\n", strings.Repeat("x", MaxHeader/2))
				_ = conn.Close()
			}
		}, "malformed HTTP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for how, do := range map[string]func(*Client) (*Answer, error){
				"plain":     func(c *Client) (*Answer, error) { return c.Do(t.Context(), Request{Method: "GET", Path: "/"}) },
				"oversized": func(c *Client) (*Answer, error) { return c.DoOversized(t.Context(), Request{Method: "GET", Path: "/"}) },
			} {
				c := newBounded(t, test.handler)
				_, err := do(c)
				tolerant := how == "oversized" && (strings.Contains(name, "body") || strings.Contains(name, "header"))
				if !tolerant && (err == nil) != (test.want == "") || err != nil && (len(err.Error()) > 2*longestError || how == "plain" && !strings.Contains(err.Error(), test.want)) {
					t.Errorf("%s: want an error with %q, got %.300v", how, test.want, err)
				}
				for _, e := range c.Log.Exchanges(c.Subject.Secrets) {
					if shown := fmt.Sprintf("%+v", e); strings.Contains(shown, "secret-") || len(shown) > 2*keptBody {
						t.Errorf("%s: the evidence has %d bytes: %.500s", how, len(shown), shown)
					}
				}
			}
		})
	}
}

// TestBoundsOfARun: evidence and secrets of all exchanges together have an end.
func TestBoundsOfARun(t *testing.T) {
	t.Parallel()
	var k kept
	size := 0
	for range 3 * maxKept / keptBody {
		size += len(k.part(strings.Repeat("x", 2*keptBody), keptBody))
	}
	if most := maxKept + 3*maxKept/keptBody*2*keptScarce; size > most {
		t.Errorf("kept %d bytes, want at most %d", size, most)
	}
	c := newBounded(t, func(http.ResponseWriter, *http.Request) {})
	for n := 0; ; n++ {
		err := c.hideAnswer(&Answer{Header: http.Header{}, Body: fmt.Sprintf(`{"token":"%d%s"}`, n, strings.Repeat("t", longestToken/2))})
		if err == nil && n < 10_000 {
			continue
		}
		if err == nil || n*longestToken/2 < maxSecrets-longestToken || !strings.Contains(err.Error(), "all that the judge can hide") {
			t.Errorf("after %d tokens: %v", n, err)
		}
		return
	}
}
