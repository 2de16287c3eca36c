package reference

import (
	"net/http"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/reference/form"
	"github.com/dragoman-auth/dragoman/reference/httpio"
	"github.com/dragoman-auth/dragoman/sdk/wire"
)

// clockPath serves the clock control.
const clockPath = "/_dragoman/clock"

// collections are the first segments of the dialects' paths; the scoped
// dialect has all of its prefix.
var collections = map[string][]string{
	wire.Session: {
		wire.SessionSessionsPath, wire.SessionSessionsPathIT, wire.SessionTokensPath,
		wire.SessionUsersPath, wire.SessionUsersPathIT,
	},
	wire.Form:   {wire.FormLoginPath, wire.FormItemsPath},
	wire.RPC:    {wire.RPCPath},
	wire.Scoped: {wire.ScopedPrefix},
}

// routes sends a request to its dialect. A nil handler is a dialect that is
// off.
type routes struct {
	session, form, rpc, scoped http.Handler
	clock                      http.Handler
	index                      []byte
}

func (t *routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	if handler := t.find(path); handler != nil && plain(path) {
		handler.ServeHTTP(w, r)
		return
	}
	httpio.WriteJSON(w, http.StatusNotFound, map[string]string{"error": httpio.ErrNotFound.Error()})
}

func (t *routes) find(path string) http.Handler {
	switch {
	case path == "/":
		return readOnly("application/json", t.index)
	case path == "/healthz":
		return readOnly("text/plain; charset=utf-8", []byte("ok\n"))
	case path == clockPath:
		return t.clock
	case strings.HasPrefix(path, form.LiteralPath):
		return t.form
	}
	for _, dialect := range []struct {
		name    string
		handler http.Handler
	}{
		{wire.Session, t.session}, {wire.Form, t.form}, {wire.RPC, t.rpc}, {wire.Scoped, t.scoped},
	} {
		if slices.ContainsFunc(collections[dialect.name], func(root string) bool { return below(path, root) }) {
			return dialect.handler
		}
	}
	return nil
}

// below says whether path is root or stands under it.
func below(path, root string) bool {
	rest, found := strings.CutPrefix(path, root)
	return found && (rest == "" || rest[0] == '/')
}

// readOnly serves one body to GET and HEAD.
func readOnly(contentType string, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(body)
	})
}
