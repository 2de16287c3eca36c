package reference

import (
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
)

// guard is what every request passes first: it dates the answer, keeps it out
// of caches, refuses oversized headers and survives a panic.
func (s *Server) guard(next http.Handler) http.Handler {
	var today dates
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header["Date"] = today.at(s.clock.Now())
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

// Header values that all answers share. Nobody changes them: Add copies a slice
// that is full.
var (
	noStore = []string{"no-store"}
	noSniff = []string{"nosniff"}
)

// dates writes the Date header once per second.
type dates struct{ last atomic.Pointer[date] }

type date struct {
	second int64
	header []string
}

func (d *dates) at(now time.Time) []string {
	second := now.Unix()
	if last := d.last.Load(); last != nil && last.second == second {
		return last.header
	}
	header := []string{now.UTC().Format(http.TimeFormat)}
	d.last.Store(&date{second, header})
	return header
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
