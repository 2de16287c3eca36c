package reference

import (
	"net/http"
	"strings"
	"sync"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/reference/prefix"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

const (
	// clockPath serves the clock control.
	clockPath  = "/_dragoman/clock"
	healthPath = "/healthz"
)

// pages are where the paths of the server itself begin.
var pages = []string{"/_dragoman", healthPath, "/.well-known", "/openapi"}

// collections are where each dialect's documented paths begin. No two dialects share a
// beginning; each dialect routes the rest of the path itself.
var collections = map[string][]string{
	wire.Session: {
		wire.SessionSessionsPath, wire.SessionSessionsPathIT, wire.SessionTokensPath,
		wire.SessionUsersPath, wire.SessionUsersPathIT,
	},
	wire.Form:   {wire.FormLoginPath, wire.FormItemsPath},
	wire.RPC:    {wire.RPCPath, wire.RPCRESTPath, wire.RPCProductVersionPath, wire.RPCCurrentUserPath},
	wire.Scoped: {wire.ScopedPrefix},
}

// routes sends a request to its dialect.
type routes struct {
	index http.Handler
	jwks  http.Handler
	clock http.Handler            // nil: the clock cannot be moved
	docs  map[string]http.Handler // the descriptions, by path
	roots []root
	// prefixes are those of the dialects; the pages are below each of them, too.
	prefixes prefix.Set
}

// root is a prefix of a dialect's paths.
type root struct {
	prefix  string
	dialect string
	handler func() http.Handler
}

// add adds the routes of a dialect. They are made with the first request to it: a
// server of a test is rarely asked for all.
func (t *routes) add(dialect string, routes func() http.Handler) {
	at := t.prefixes[dialect]
	handler := sync.OnceValue(func() http.Handler { return withDeadline(prefix.Handler(at, routes())) })
	for _, collection := range collections[dialect] {
		t.roots = append(t.roots, root{at + collection, dialect, handler})
	}
}

func (t *routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	if handler := t.find(path); handler != nil && unambiguous(path) {
		handler.ServeHTTP(w, r)
		return
	}
	httpio.WriteJSON(w, http.StatusNotFound, map[string]string{"error": httpio.ErrNotFound.Error()})
}

func (t *routes) find(path string) http.Handler {
	if page := t.page(path); page != nil {
		return page
	}
	for _, root := range t.roots {
		if strings.HasPrefix(path, root.prefix) {
			return root.handler()
		}
	}
	for _, prefix := range t.prefixes.All() {
		if rest, below := strings.CutPrefix(path, prefix); below {
			if page := t.page(rest); page != nil {
				return page
			}
		}
	}
	return nil
}

// page returns what stands outside of the dialects, or nil.
func (t *routes) page(path string) http.Handler {
	switch path {
	case "/":
		return t.index
	case healthPath:
		return static("text/plain; charset=utf-8", []byte("ok\n"))
	case jwksPath:
		return t.jwks
	case clockPath:
		return t.clock
	}
	return t.docs[path]
}

// getOnly serves GET and HEAD.
func getOnly(serve http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		serve(w, r)
	})
}

// static serves one body to GET and HEAD.
func static(contentType string, body []byte) http.Handler {
	return getOnly(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(body)
	})
}
