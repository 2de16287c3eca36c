package stepstest

import (
	"net/http"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
)

// inMemory carries requests to a handler without a network, as far as a handler
// can tell. Runs that break an office in one way after another use it, for
// connections are what costs most in them; the runs of right offices go over a
// real one.
func inMemory(handler http.Handler) http.RoundTripper {
	return memhttp.Transport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("User-Agent") == "" {
			r.Header.Set("User-Agent", "Go-http-client/1.1")
		}
		handler.ServeHTTP(w, r)
	}))
}

// aboutTheWire says whether a run has rows that need a real connection.
func aboutTheWire(tags string) bool { return !strings.Contains(tags, "~@SEC-06") }
