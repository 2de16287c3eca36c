package reference_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/reference"
)

func TestIndex(t *testing.T) {
	t.Parallel()
	o := open(t, func(c *reference.Config) { c.Dialects = []string{"form", "scoped"} })

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
	for _, want := range []string{"<!DOCTYPE html>", `<a href="/openapi/session.json">`, `<a href="/openapi/rpc.json">`, "<code>/sessioni</code>", "<code>/grpc</code>", "/healthz"} {
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
