package reference_test

import (
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/reference"
)

func TestPrefixes(t *testing.T) {
	t.Parallel()
	o := open(t, func(c *reference.Config) {
		c.Prefixes = map[string]string{"session": "/api", "form": "/api", "scoped": "/b/o.2"}
		c.AllowedOrigins = []string{"https://app.example"}
	})
	form := o.want("the form login", o.send("POST", "/api/login", "login=root&pass=root", "Content-Type: application/x-www-form-urlencoded"), 200).member("token")
	o.want("items", o.send("GET", "/api/items", "", "X-Auth-Bearer: "+form), 200)
	o.want("the head of items", o.send("HEAD", "/api/items", "", "X-Auth-Bearer: "+form), 200)
	o.want("the literal path", o.send("GET", "/api/login&token="+form, ""), 200)
	clerk := o.want("a login without rights", o.send("POST", "/b/o.2/api/v1/auth/token", `{"username":"clerk","password":"clerk"}`), 200).member("token")
	o.want("objects without the right", o.send("GET", "/b/o.2/api/v1/objects", "", "Authorization: Bearer "+clerk), 403)
	root := o.want("a login", o.send("POST", "/b/o.2/api/v1/auth/token", `{"username":"root","password":"root"}`), 200).member("token")
	o.want("an object", o.send("GET", "/b/o.2/api/v1/objects/42", "", "Authorization: Bearer "+root), 200)
	for _, documented := range []string{"/login", "/items", "/api/v1/objects", "/api", "/apiitems", "/%61pi/items", "/api//items", "/api/../items", "/b/o.2/items"} {
		o.want(documented, o.send("GET", documented, "", "X-Auth-Bearer: "+form, "Authorization: Bearer "+root), 404)
	}
	o.want("a dialect without a prefix", o.send("GET", "/product/version", ""), 401)
	preflight := o.send("OPTIONS", "/api/items", "", "Origin: https://app.example", "Access-Control-Request-Method: GET")
	if got := preflight.header.Get("Access-Control-Allow-Origin"); got != "https://app.example" {
		t.Errorf("a page may not ask below a prefix: %v", preflight)
	}

	// The pages of the server are at the root and below each prefix.
	for _, at := range []string{"", "/api", "/b/o.2"} {
		o.want("health", o.send("GET", at+"/healthz", ""), 200)
		o.want("keys", o.send("GET", at+"/.well-known/jwks.json", ""), 200)
		index := string(o.want("the index", o.send("GET", at+"/", ""), 200).body)
		for _, want := range []string{`"/api/login"`, `"/b/o.2/api/v1"`, `"/grpc"`, `"/api/openapi/form.json"`, `"/.well-known/jwks.json"`} {
			if !strings.Contains(index, want) {
				t.Errorf("the index at %s/ lacks %s", at, want)
			}
		}
	}
	if description := o.send("GET", "/api/openapi/form.json", ""); !strings.Contains(string(description.body), `"servers": [{ "url": "/api/" }]`) {
		t.Errorf("the description is %.400s", description.body)
	}
}

func TestPrefixesThatCannotWork(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prefixes map[string]string
		dialects []string
		want     string
	}{
		"unknown dialect":   {map[string]string{"soap": "/api"}, nil, `the dialect "soap" is not served`},
		"dialect off":       {map[string]string{"form": "/api"}, []string{"rpc"}, `the dialect "form" is not served`},
		"no slash":          {map[string]string{"form": "api"}, nil, "it is a path as /api"},
		"a slash at end":    {map[string]string{"form": "/api/"}, nil, "it is a path as /api"},
		"empty":             {map[string]string{"form": ""}, nil, "it is a path as /api"},
		"dots":              {map[string]string{"form": "/api/.."}, nil, "it is a path as /api"},
		"an escape":         {map[string]string{"form": "/a%2fb"}, nil, "it is a path as /api"},
		"a parameter":       {map[string]string{"form": "/:id"}, nil, "it is a path as /api"},
		"below another":     {map[string]string{"form": "/api/v1"}, nil, `lies below /api/v1 of "scoped"`},
		"another below it":  {map[string]string{"scoped": "/items"}, nil, `lies below /items of "form"`},
		"the server's page": {map[string]string{"form": "/openapi"}, nil, "pages of its own at /openapi"},
	} {
		_, err := reference.New(reference.Config{Prefixes: c.prefixes, Dialects: c.dialects})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want %s", name, err, c.want)
		}
	}
}

// One input has one error, also where several prefixes are wrong.
func TestWrongPrefixesHaveOneError(t *testing.T) {
	t.Parallel()
	for range 20 {
		_, err := reference.New(reference.Config{Prefixes: map[string]string{"session": "a", "form": "b", "scoped": "c"}})
		if err == nil || !strings.Contains(err.Error(), `"form"`) {
			t.Errorf("the error is %v, want the first dialect of the alphabet", err)
		}
	}
}
