package reference_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/reference"
)

func TestIndex(t *testing.T) {
	t.Parallel()
	dialects := []string{"form", "scoped"}
	o := open(t, func(c *reference.Config) { c.Dialects = dialects })
	dialects[0] = "session" // the server has a copy

	list := o.want("the index", o.send("GET", "/", ""), 200)
	var index struct {
		Dialects []struct {
			Dialect, OpenAPI string
			Paths            []string
		}
	}
	if err := json.Unmarshal(list.body, &index); err != nil || list.header.Get("Content-Type") != "application/json" {
		t.Fatalf("the index is %s: %s", list.header.Get("Content-Type"), list.body)
	}
	if len(index.Dialects) != 2 || index.Dialects[0].Dialect != "form" || !slices.Contains(index.Dialects[0].Paths, "/login") {
		t.Errorf("the index is %+v", index)
	}
	for _, dialect := range index.Dialects {
		if r := o.want("its description", o.send("GET", dialect.OpenAPI, ""), 200); r.member("openapi") != "3.1.0" {
			t.Errorf("%s is %.100s", dialect.OpenAPI, r.body)
		}
	}
	for _, off := range []string{"/openapi/session.json", "/openapi/", "/openapi/../doc.go", "/openapi/openapi.go"} {
		o.want(off, o.send("GET", off, ""), 404)
	}
	if r := o.want("POST", o.send("POST", "/openapi/form.json", "{}"), 405); r.header.Get("Allow") != "GET, HEAD" {
		t.Errorf("Allow is %q", r.header.Get("Allow"))
	}
}

func TestIndexPage(t *testing.T) {
	t.Parallel()
	o := open(t, func(c *reference.Config) { c.Dialects = []string{"session", "rpc"} })
	page := o.want("the page", o.send("GET", "/", "", "Accept: text/html,application/xhtml+xml,*/*;q=0.8"), 200)
	text := string(page.body)
	if page.header.Get("Content-Type") != "text/html; charset=utf-8" || page.header.Get("Vary") != "Accept" {
		t.Errorf("the page's header is %v", page.header)
	}
	for _, want := range []string{"<!DOCTYPE html>", `<a href="/openapi/session.json">`, `<a href="/openapi/rpc.json">`, "<code>/sessioni</code>", "<code>/grpc</code>", `<a href="healthz">`, `<a href="/.well-known/jwks.json">`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(text, "scoped") {
		t.Error("the page names a dialect that is off")
	}
	if r := o.send("GET", "/", "", "Accept: */*"); r.header.Get("Content-Type") != "application/json" {
		t.Errorf("a program is given %s", r.header.Get("Content-Type"))
	}
}

// TestDocumentedEndpoints reads the endpoints in the package comment: the server has
// each of them, and the comment has all that scopes may name.
func TestDocumentedEndpoints(t *testing.T) {
	t.Parallel()
	comment, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	o := open(t, func(c *reference.Config) { c.ClockControl = true })
	documented := map[string]bool{}
	row := regexp.MustCompile(`(?m)^//\t[a-z]* *((?:[A-Z]+, )*[A-Z]+) +(/[^\s,]*(?:, /[^\s,]+)*)`)
	for _, found := range row.FindAllStringSubmatch(string(comment), -1) {
		for method := range strings.SplitSeq(found[1], ", ") {
			for path := range strings.SplitSeq(found[2], ", ") {
				documented[method+" "+path] = true
				r := o.send(method, strings.NewReplacer("/:", "/", "<dialect>", "form").Replace(path), "")
				if r.status == 405 || strings.Contains(string(r.body), `"no such route"`) {
					t.Errorf("%s %s answers %d %s", method, path, r.status, r.body)
				}
			}
		}
	}
	var methods []string
	if err := json.Unmarshal(o.as(o.scopedToken("root", ""), "GET", api+"/methods", "").body, &methods); err != nil || len(methods) < 10 {
		t.Fatalf("the methods are %v (%v)", methods, err)
	}
	for _, name := range methods {
		if method, path, _ := strings.Cut(name, " "); !documented[method+" "+api+path] {
			t.Errorf("the comment lacks %s", name)
		}
	}
	if len(documented) < 30 {
		t.Errorf("only %d endpoints were found in the comment", len(documented))
	}
}
