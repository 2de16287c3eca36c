//go:build !race

package openapi_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

// inspector compares every exchange between clients and the server.
type inspector struct {
	dialects map[string]described

	mu        sync.Mutex
	seen      map[string]int // request and status, without credentials
	compared  map[string]int // "operation status" -> exchanges
	refused   map[string]int // "operation" -> requests that the description refuses
	beyond    map[string]int // a limit of OpenAPI -> exchanges
	deviating map[string][]string
}

func newInspector(t *testing.T) *inspector {
	i := &inspector{
		dialects: map[string]described{}, seen: map[string]int{}, compared: map[string]int{}, refused: map[string]int{}, beyond: map[string]int{},
		deviating: map[string][]string{},
	}
	for _, dialect := range wire.Dialects() {
		i.dialects[dialect] = load(t, dialect)
	}
	return i
}

func (i *inspector) inspect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		asked := r.Clone(context.Background())
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		i.compare(exchange{asked, body, answer})
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

// english replaces localised paths by those that are described.
var english = strings.NewReplacer("/sessioni", "/sessions", "/utenti", "/users")

// compare records what is not as described.
func (i *inspector) compare(e exchange) {
	r := e.request
	dialect := dialectOf(r.URL.Path)
	if dialect == "" || strings.Contains(r.URL.EscapedPath(), "&") {
		return // the index, the clock, and the query in the path, which OpenAPI cannot describe
	}
	r.URL.Path, r.URL.RawPath = english.Replace(r.URL.Path), ""
	r.URL.Scheme, r.URL.Host, r.Host = "", "", ""
	if !i.isNew(e) {
		return
	}
	j := i.dialects[dialect].judge(e)
	i.mu.Lock()
	defer i.mu.Unlock()
	operation := dialect + " " + j.operation
	key := fmt.Sprintf("%s %d", operation, e.answer.Code)
	i.compared[key]++
	if j.refused != nil {
		i.refused[operation]++
	}
	if j.beyond != "" {
		i.beyond[j.beyond]++
	}
	if j.problem != nil {
		i.deviating[key] = append(i.deviating[key], j.problem.Error())
	}
}

// isNew says whether an exchange can show anything that three like it have not
// shown: a suite and the tests log in hundreds of times.
func (i *inspector) isNew(e exchange) bool {
	header := e.request.Header.Clone()
	header.Del("Authorization")
	header.Del("X-Auth-Bearer")
	key := fmt.Sprintln(e.request.Method, e.request.URL, header, e.answer.Code, string(e.asked))
	i.mu.Lock()
	defer i.mu.Unlock()
	i.seen[key]++
	return i.seen[key] <= 3
}

func dialectOf(path string) string {
	for _, known := range []struct{ prefix, dialect string }{
		{"/sessions", wire.Session}, {"/sessioni", wire.Session}, {"/users", wire.Session}, {"/utenti", wire.Session}, {"/tokens", wire.Session},
		{"/login", wire.Form}, {"/items", wire.Form}, {"/grpc", wire.RPC}, {wire.RPCRESTPath, wire.RPC},
		{wire.RPCProductVersionPath, wire.RPC}, {wire.RPCCurrentUserPath, wire.RPC}, {"/api/v1", wire.Scoped},
	} {
		if strings.HasPrefix(path, known.prefix) {
			return known.dialect
		}
	}
	return ""
}

// conclude fails for every deviation, and for every wanted exchange that was not
// seen.
func (i *inspector) conclude(t *testing.T, kinds int, wanted ...string) {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	for key, problems := range i.deviating {
		t.Errorf("%s: %d exchanges are not as described, the first: %s", key, len(problems), problems[0])
	}
	if len(i.compared) < kinds {
		t.Errorf("only %d kinds of exchanges were seen: %v", len(i.compared), i.compared)
	}
	for _, one := range wanted {
		if i.compared[one] == 0 {
			t.Errorf("no %s was seen", one)
		}
	}
}

// concludeRefused fails for an operation whose description has refused no request,
// and for a limit that no exchange has met.
func (i *inspector) concludeRefused(t *testing.T, operations ...string) {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, operation := range operations {
		if i.refused[operation] == 0 {
			t.Errorf("%s: the description has refused no request", operation)
		}
	}
	for _, limit := range limits {
		if i.beyond[limit.what] == 0 {
			t.Errorf("no request has met the limit: %s", limit.what)
		}
	}
}
