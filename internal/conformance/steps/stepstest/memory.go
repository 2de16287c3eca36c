package stepstest

import (
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
)

// inMemory carries requests to a handler without a network, as far as a handler
// can tell.
func inMemory(handler http.Handler) http.RoundTripper {
	return memhttp.Transport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("User-Agent") == "" {
			r.Header.Set("User-Agent", "Go-http-client/1.1")
		}
		handler.ServeHTTP(w, r)
	}))
}
