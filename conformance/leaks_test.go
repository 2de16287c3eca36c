package conformance_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"index/suffixarray"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
)

// shortestSecret is the length from which a secret is looked for: the suite
// sends empty passwords too, and those prove nothing.
const shortestSecret = 8

// spoken collects the secrets that go over the wire: tokens that the server
// gives out, and passwords that clients send, the wrong ones too.
type spoken struct {
	mu                sync.Mutex
	tokens, passwords map[string]bool
}

func newSpoken() *spoken { return &spoken{tokens: map[string]bool{}, passwords: map[string]bool{}} }

func (s *spoken) token(token string)       { s.note(s.tokens, token) }
func (s *spoken) password(password string) { s.note(s.passwords, password) }

func (s *spoken) note(among map[string]bool, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(secret) >= shortestSecret {
		among[secret] = true
	}
}

var tokenMember = regexp.MustCompile(`"(?:token|access_token|refresh_token|token_value)":"([^"]+)"`)

// listen is a handler that hears every request and every answer of the next.
func (s *spoken) listen(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.request(r, body)
		copied := &copying{ResponseWriter: w}
		next.ServeHTTP(copied, r)
		for _, found := range tokenMember.FindAllSubmatch(copied.body.Bytes(), -1) {
			s.token(string(found[1]))
		}
	})
}

// request looks where the dialects put a password: Basic, a form, and JSON at
// any depth.
func (s *spoken) request(r *http.Request, body []byte) {
	if _, password, is := r.BasicAuth(); is {
		s.password(password)
	}
	var object any
	if json.Unmarshal(body, &object) == nil {
		s.members(object)
		return
	}
	if form, err := url.ParseQuery(string(body)); err == nil && form.Has("pass") {
		s.password(form.Get("pass"))
	}
}

func (s *spoken) members(value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if text, is := member.(string); is && (name == "password" || name == "pass") {
				s.password(text)
			}
			s.members(member)
		}
	case []any:
		for _, element := range value {
			s.members(element)
		}
	}
}

// call hears every call over gRPC.
func (s *spoken) call(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if login, is := req.(interface{ GetPassword() string }); is {
		s.password(login.GetPassword())
	}
	resp, err := next(ctx, req)
	if granted, is := resp.(interface{ GetTokenValue() string }); is && err == nil {
		s.token(granted.GetTokenValue())
	}
	return resp, err
}

// copying keeps a copy of an answer's body.
type copying struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (c *copying) Write(body []byte) (int, error) {
	c.body.Write(body)
	return c.ResponseWriter.Write(body)
}

// search fails for every kind of secret that stands in a text, in any of its
// forms. A few more secrets come by kind.
func (s *spoken) search(t *testing.T, where, text string, more map[string][]string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	kinds := map[string][]string{"a token": nil, "a password": nil}
	for kind, secrets := range map[string]map[string]bool{"a token": s.tokens, "a password": s.passwords} {
		for secret := range secrets {
			kinds[kind] = append(kinds[kind], secret)
		}
	}
	for kind, secrets := range more {
		kinds[kind] = append(kinds[kind], secrets...)
	}
	if len(kinds["a token"]) < 200 || len(kinds["a password"]) < 30 || len(text) < 10_000 {
		t.Fatalf("the run has shown %d tokens and %d passwords, and %s has %d bytes: too few to prove anything",
			len(kinds["a token"]), len(kinds["a password"]), where, len(text))
	}
	index := suffixarray.New([]byte(text))
	for kind, secrets := range kinds {
		for _, secret := range secrets {
			if form := formIn(index, secret); form != "" {
				t.Errorf("%s holds %s, %.12s..., as %s", where, kind, secret, form)
				break // the others will be there, too
			}
		}
	}
}

// formIn says in which form a secret stands in a text, or nothing.
func formIn(text *suffixarray.Index, secret string) string {
	for form, written := range formsOf(secret) {
		for _, one := range written {
			if len(text.Lookup([]byte(one), 1)) > 0 {
				return form
			}
		}
	}
	return ""
}

// formsOf are the ways to write a secret: as it is, as the bytes that it is the
// hex or base64 of, the last part of one with dots (its signature), and each of
// these in hex and base64, also inside of longer texts.
func formsOf(secret string) map[string][]string {
	values := map[string]string{"itself": secret}
	if at := strings.LastIndex(secret, "."); at >= 0 && len(secret)-at > 16 {
		values["its last part"] = secret[at+1:]
	}
	for name, value := range maps.Clone(values) {
		raw, err := hex.DecodeString(value)
		if err != nil {
			raw, err = base64.RawURLEncoding.DecodeString(value)
		}
		if err == nil && len(raw) >= shortestSecret {
			values["the bytes encoded in "+name] = string(raw)
		}
	}
	forms := map[string][]string{}
	for name, value := range values {
		forms[name] = []string{value}
		small := hex.EncodeToString([]byte(value))
		forms["the hex of "+name] = []string{small, strings.ToUpper(small)}
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			for before := range 3 { // where it may begin in a group of three bytes
				encoded := encoding.EncodeToString(append(make([]byte, before), value...))
				from, to := (before*8+5)/6, (before+len(value))*8/6 // what no neighbour changes
				forms["the base64 of "+name] = append(forms["the base64 of "+name], encoded[from:to])
			}
		}
	}
	return forms
}

// TestFormsOf shows that a secret is found in every form that is looked for.
func TestFormsOf(t *testing.T) {
	t.Parallel()
	const secret = "Quagga-of-the-Karoo"
	raw := []byte("\x00\x01 random bytes \xfe\xff")
	for what, c := range map[string]struct{ text, secret string }{
		"as it is":              {"x" + secret + "y", secret},
		"in hex":                {"x" + hex.EncodeToString([]byte(secret)), secret},
		"in capital hex":        {strings.ToUpper(hex.EncodeToString([]byte(secret))), secret},
		"in base64":             {base64.StdEncoding.EncodeToString([]byte(secret)), secret},
		"inside of base64":      {base64.URLEncoding.EncodeToString([]byte("a" + secret + "b")), secret},
		"further inside":        {base64.URLEncoding.EncodeToString([]byte("ab" + secret + "b")), secret},
		"a hex token, as bytes": {"x" + string(raw), hex.EncodeToString(raw)},
		"a token in base64":     {string(raw) + "y", base64.RawURLEncoding.EncodeToString(raw)},
		"from hex to base64":    {base64.StdEncoding.EncodeToString(raw), hex.EncodeToString(raw)},
		"a signature":           {"x" + string(raw), "head.body." + base64.RawURLEncoding.EncodeToString(raw)},
	} {
		if formIn(suffixarray.New([]byte(c.text)), c.secret) == "" {
			t.Errorf("%s the secret is not found", what)
		}
	}
	if form := formIn(suffixarray.New([]byte(secret)), secret+"s"); form != "" {
		t.Errorf("another secret is found, as %s", form)
	}
}
