package reference

import (
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
)

// guard is the outermost handler. It dates the answer, forbids caching it, rejects
// oversized headers and turns a panic into a 500.
func (s *Server) guard(next http.Handler) http.Handler {
	var dates dateHeader
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header["Date"] = dates.at(s.clock.Now())
		header["Cache-Control"] = noStore
		header["X-Content-Type-Options"] = noSniff
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { //nolint:errorlint // a panic value, as net/http compares it
				panic(cause)
			}
			s.panicked()
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

// Header values that all answers share. They are never changed: Add copies a
// slice that is full.
var (
	noStore = []string{"no-store"}
	noSniff = []string{"nosniff"}
)

// dateHeader formats the Date header once per second.
type dateHeader struct{ last atomic.Pointer[date] }

type date struct {
	second int64
	header []string
}

func (d *dateHeader) at(now time.Time) []string {
	second := now.Unix()
	if last := d.last.Load(); last != nil && last.second == second {
		return last.header
	}
	header := []string{now.UTC().Format(http.TimeFormat)}
	d.last.Store(&date{second, header})
	return header
}

// headerSize is the size of the request's header in bytes. Serve's listener has a
// limit of its own; another server around the handler may have a higher one.
func headerSize(r *http.Request) int {
	size := len(r.RequestURI)
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return size
}
