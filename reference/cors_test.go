package reference_test

import (
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/reference"
)

// TestCORS: pages of the named origins may log in and use tokens, others may not
// read anything; without a name nobody may.
func TestCORS(t *testing.T) {
	t.Parallel()
	const app, other = "Origin: https://app.example", "Origin: https://app.example.evil.example"
	named := open(t, func(c *reference.Config) { c.AllowedOrigins = []string{"https://app.example"} })
	preflight := func(o *office, origin string) reply {
		return o.send("OPTIONS", "/items", "", origin, "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: x-auth-bearer")
	}
	if r := preflight(named, app); r.status != 204 || r.header.Get("Access-Control-Allow-Origin") != "https://app.example" ||
		!strings.EqualFold(r.header.Get("Access-Control-Allow-Headers"), "x-auth-bearer") || r.header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("the preflight answers %d %v", r.status, r.header)
	}
	login := named.want("login", named.send("POST", "/login", "login=root&pass=root", app, "Content-Type: application/x-www-form-urlencoded"), 200)
	if login.header.Get("Access-Control-Allow-Origin") != "https://app.example" || !strings.Contains(login.header.Get("Access-Control-Expose-Headers"), "Retry-After") {
		t.Errorf("the login answers %v", login.header)
	}
	refused := named.want("a refusal", named.send("GET", "/items", "", app), 401)
	if refused.header.Get("Access-Control-Allow-Origin") == "" || !strings.Contains(strings.Join(refused.header.Values("Vary"), ","), "Origin") {
		t.Errorf("a refusal answers %v", refused.header)
	}
	for name, r := range map[string]reply{
		"another origin, preflight": preflight(named, other), "another origin": named.send("GET", "/items", "", other),
		"off, preflight": preflight(open(t), app), "off": open(t).send("GET", "/items", "", app),
	} {
		if r.header.Get("Access-Control-Allow-Origin") != "" || r.header.Get("Access-Control-Allow-Headers") != "" {
			t.Errorf("%s: the answer has %v", name, r.header)
		}
	}
	if r := preflight(open(t, func(c *reference.Config) { c.AllowedOrigins = []string{"*"} }), other); r.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("with * the preflight answers %v", r.header)
	}
	for _, origin := range []string{"", "app.example", "https://app.example/", "https://app.example/path", "https://*.example*x/", "null"} {
		if _, err := reference.New(reference.Config{AllowedOrigins: []string{origin}}); err == nil {
			t.Errorf("the origin %q is accepted", origin)
		}
	}
}
