package reference

import (
	"net/http"
	"runtime/debug"

	"github.com/dragoman-auth/dragoman/reference/httpio"
)

// guard is what every request passes first: it dates the answer, keeps it out
// of caches, refuses oversized headers and survives a panic.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Date", s.clock.Now().UTC().Format(http.TimeFormat))
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { //nolint:errorlint // a panic value, as net/http compares it
				panic(cause)
			}
			s.log.ErrorContext(r.Context(), "panic", "method", r.Method, "path", r.URL.Path, "cause", cause, "stack", string(debug.Stack()))
			httpio.WriteJSON(w, http.StatusInternalServerError, map[string]string{"error": "internal error"})
		}()
		if headerSize(r) > maxHeader {
			httpio.WriteJSON(w, http.StatusRequestHeaderFieldsTooLarge, map[string]string{"error": "the header is too large"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// headerSize adds up what the client sent. The listener has its own limit, but
// another server around the handler may be more generous.
func headerSize(r *http.Request) int {
	size := len(r.RequestURI)
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return size
}
