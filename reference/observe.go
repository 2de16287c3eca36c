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

// Observer hears of every request, for metrics. Implementations are safe for
// concurrent use and return quickly.
type Observer interface {
	Request(Request)
	// Panic is called once for each panic that became a 500 or INTERNAL.
	Panic()
}

// Request is an answered request. Its texts are few: none is the client's
// choice.
type Request struct {
	// Dialect is "none" for what belongs to no dialect.
	Dialect string
	// Route is a method and a path with parameters, as "GET /users/:id", or the
	// full name of a gRPC method; "other" where there is no route.
	Route string
	// Status is the HTTP status in digits, or the name of the gRPC code.
	Status string
	Took   time.Duration
}

func (s *Server) panicked() {
	if s.observer != nil {
		s.observer.Panic()
	}
}

// observed tells the observer of every answer.
func (s *Server) observed(dialect func(path string) string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		noted := &noting{ResponseWriter: w}
		next.ServeHTTP(noted, r)
		s.observer.Request(Request{
			Dialect: dialect(r.URL.EscapedPath()), Route: cmp.Or(noted.route, "other"),
			Status: strconv.Itoa(cmp.Or(noted.status, http.StatusOK)), Took: time.Since(began),
		})
	})
}

// noting notes the status of an answer and the route that gave it.
type noting struct {
	http.ResponseWriter
	status int // 0 until the header is written
	route  string
}

var _ httpio.Noting = (*noting)(nil)

func (n *noting) NoteRoute(method, path string) { n.route = method + " " + path }

func (n *noting) WriteHeader(status int) {
	if n.status == 0 && status >= 200 { // 1xx come before the answer
		n.status = status
	}
	n.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController through.
func (n *noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// dialect is whose path this is, "none" for nobody's.
func (t *routes) dialect(path string) string {
	for _, root := range t.roots {
		if strings.HasPrefix(path, root.prefix) {
			return root.dialect
		}
	}
	return "none"
}

// located gives every request the client's own address, for the throttle, the
// sessions and the audit log.
func located(proxies proxy.Trusted, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !proxies.Any() && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			next.ServeHTTP(w, r) // reading issues and ends nothing, and need not pay for a copy
			return
		}
		address := proxies.Client(httpio.Address(r), r.Header.Values(proxy.Header))
		r = r.WithContext(audit.WithAddress(r.Context(), address))
		r.RemoteAddr = address
		next.ServeHTTP(w, r)
	})
}
