package wire_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

func TestParseScope(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{ // want "": an error
		{"GET /objects", "GET /objects"},
		{"GET /objects/:id", "GET /objects/:id"},
		{"POST /objects/:id/commands/:command", "POST /objects/:id/commands/:command"},
		{"GET /api/v1/objects", "GET /objects"},
		{"GET /api/v1/api/v1/objects", "GET /api/v1/api/v1/objects"},
		{"GET /api/v2/objects", "GET /api/v2/objects"},
		{"GET /api/v1", "GET /api/v1"},
		{"GET /objects/*", "GET /objects/*"},
		{"GET /*", "GET /*"},
		{"HEAD /x", "HEAD /x"},
		{"GET /", ""},
		{"GET /objects/", ""},
		{"GET //objects", ""},
		{"GET /objects/../x", ""},
		{"GET /objects/.", ""},
		{"GET /objects/*/x", ""},
		{"GET /obj*", ""},
		{"GET /objects/:", ""},
		{"GET /objects/:1", ""},
		{"GET /objects/%2f", ""},
		{"GET /objects?x=1", ""},
		{"GET objects", ""},
		{"GET  /objects", ""},
		{" GET /objects", ""},
		{"GET /objects ", ""},
		{"get /objects", ""},
		{"TRACE /objects", ""},
		{"GET", ""},
		{"/objects", ""},
		{"*", ""},
		{"", ""},
	} {
		scope, err := wire.ParseScope(c.text)
		if scope.String() != c.want || (err == nil) != (c.want != "") || err != nil && !errors.Is(err, wire.ErrScope) {
			t.Errorf("%q: got %q, %v; want %q", c.text, scope, err, c.want)
		}
	}
}

func TestScopeAllows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scope, method, path string
		want                bool
	}{
		{"GET /objects", "GET", "/objects", true},
		{"GET /objects", "GET", "/api/v1/objects", true},
		{"GET /api/v1/objects", "GET", "/objects", true},
		{"GET /objects", "POST", "/objects", false},
		{"GET /objects", "HEAD", "/objects", false},
		{"GET /objects", "GET", "/objects/42", false},
		{"GET /objects", "GET", "/object", false},
		{"GET /objects", "GET", "/objectsX", false},
		{"GET /objects", "GET", "/Objects", false},
		{"GET /objects", "GET", "/objects/", false},
		{"GET /objects", "GET", "//objects", false},
		{"GET /objects", "GET", "objects", false},
		{"GET /objects", "GET", "", false},
		{"GET /objects/:id", "GET", "/objects/42", true},
		{"GET /objects/:id", "GET", "/objects/a%20b", true},
		{"GET /objects/:id", "GET", "/objects", false},
		{"GET /objects/:id", "GET", "/objects/", false},
		{"GET /objects/:id", "GET", "/objects/42/packets", false},
		{"GET /objects/:id", "GET", "/objects/42%2Fpackets", false},
		{"GET /objects/:id", "GET", "/objects/42%2fpackets", false},
		{"GET /objects/:id", "GET", "/objects/%2e%2e", false},
		{"GET /objects/:id", "GET", "/objects/42%5cpackets", false},
		{"GET /objects/:id", "GET", "/objects/..", false},
		{"GET /objects/:id/packets", "GET", "/objects/42/packets", true},
		{"GET /objects/:id/packets", "GET", "/objects//packets", false},
		{"GET /objects/*", "GET", "/objects", true},
		{"GET /objects/*", "GET", "/objects/42/packets", true},
		{"GET /objects/*", "GET", "/objects/42/../../tokens", false},
		{"GET /objects/*", "GET", "/objectsX", false},
		{"GET /*", "GET", "/anything/below", true},
	} {
		scope, err := wire.ParseScope(c.scope)
		if err != nil {
			t.Fatal(err)
		}
		if got := scope.Allows(c.method, c.path); got != c.want {
			t.Errorf("%q allows %s %s: got %t", c.scope, c.method, c.path, got)
		}
	}
	if (wire.Scope{}).Allows("", "/") {
		t.Error("the zero scope allows something")
	}
}

func TestScopeCovers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wide, narrow string
		want         bool
	}{
		{"GET /objects", "GET /objects", true},
		{"GET /objects/:id", "GET /objects/42", true},
		{"GET /objects/:id", "GET /objects/:other", true},
		{"GET /objects/42", "GET /objects/:id", false},
		{"GET /objects/*", "GET /objects/:id/packets", true},
		{"GET /objects/*", "GET /objects/*", true},
		{"GET /objects/*", "GET /objects", true},
		{"GET /objects/:id", "GET /objects/*", false},
		{"GET /objects/42/*", "GET /objects/*", false},
		{"GET /*", "GET /objects/*", true},
		{"GET /objects", "POST /objects", false},
	} {
		wide, wideErr := wire.ParseScopes([]string{c.wide})
		narrow, narrowErr := wire.ParseScopes([]string{c.narrow})
		if wideErr != nil || narrowErr != nil {
			t.Fatal(wideErr, narrowErr)
		}
		if got := wide.Covers(narrow); got != c.want {
			t.Errorf("%q covers %q: got %t", c.wide, c.narrow, got)
		}
	}
	if (wire.Scopes)(nil).Covers(wire.Scopes{{}}) || !(wire.Scopes)(nil).Covers(nil) {
		t.Error("the zero scope is covered, or no scopes are not")
	}
}

func TestParseScopesStopsAtTheFirstError(t *testing.T) {
	t.Parallel()
	scopes, err := wire.ParseScopes([]string{"GET /objects", "nonsense"})
	if scopes != nil || !errors.Is(err, wire.ErrScope) || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("got %v, %v", scopes, err)
	}
}

func FuzzParseScope(f *testing.F) {
	f.Add("GET /objects/:id", "/objects/42")
	f.Add("GET /api/v1/objects/*", "/api/v1/objects")
	f.Add("GET /api/v1/api/v1/x", "/api/v1/x")
	f.Fuzz(func(t *testing.T, text, path string) {
		scope, err := wire.ParseScope(text)
		if err != nil {
			return
		}
		again, err := wire.ParseScope(scope.String())
		if err != nil || again.String() != scope.String() {
			t.Fatalf("%q is written %q, which reads as %q, %v", text, scope, again, err)
		}
		if !scope.Covers(scope) {
			t.Errorf("%q does not cover itself", text)
		}
		method, _, _ := strings.Cut(text, " ")
		if got := again.Allows(method, path); got != scope.Allows(method, path) {
			t.Errorf("%q and %q differ on %q", text, scope, path)
		}
		if scope.Allows(method, path) && (strings.Contains(path, "..") && !strings.Contains(path, "...") && strings.Contains(path, "/../") || strings.Contains(path, "//")) {
			t.Errorf("%q allows %q", text, path)
		}
	})
}
