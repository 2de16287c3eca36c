package reference

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/reference/proxy"
)

func (s *Server) panicked() {
	if s.observer != nil {
		s.observer.Panic()
	}
}

// observed reports every answer to the observer and to the tracer, where there are any.
func (s *Server) observed(dialect func(path string) string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		recorder := httpio.NewStatusRecorder(w, nil)
		r, span := s.tracer.Request(r)
		// A panic that cuts the connection off is no answer, but the span ends.
		defer func() { span.Answered(dialect(r.URL.EscapedPath()), recorder.Route(), recorder.Status()) }()
		next.ServeHTTP(recorder, r)
		if s.observer != nil {
			s.observer.Request(Request{
				Dialect: dialect(r.URL.EscapedPath()), Route: cmp.Or(recorder.Route(), "other"),
				Status: strconv.Itoa(recorder.Status()), Took: time.Since(began),
			})
		}
	})
}

// dialect returns the dialect that a path belongs to, or "none".
func (t *routes) dialect(path string) string {
	for _, root := range t.roots {
		if strings.HasPrefix(path, root.prefix) {
			return root.dialect
		}
	}
	return "none"
}

// withClientAddress sets the address of the client in every request, for the
// throttle, the sessions and the audit log.
func withClientAddress(proxies TrustedProxies, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !proxies.Any() && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			next.ServeHTTP(w, r) // no event: a copy of the request would be for nothing
			return
		}
		address := proxies.Client(httpio.Address(r), r.Header.Values(proxy.Header))
		r = r.WithContext(audit.WithAddress(r.Context(), address))
		r.RemoteAddr = address
		next.ServeHTTP(w, r)
	})
}
