package mockserver

import (
	"net/http"
	"sync"
)

// routes are those that a test adds.
type routes struct {
	mu  sync.Mutex
	mux *http.ServeMux // nil: none
}

// Handle adds a route of your own behind the authentication of the mock's dialects:
// handler serves the requests whose token one of them accepts. In the scoped
// dialect the scopes of the token must allow the route. The pattern is that of
// [http.ServeMux], as in "GET /orders/{id}", and takes precedence over the mock's
// own routes. Like ServeMux, Handle panics where a pattern is no pattern, or
// conflicts with an earlier one.
func (s *Server) Handle(pattern string, handler http.Handler) {
	s.routes.mu.Lock()
	defer s.routes.mu.Unlock()
	if s.routes.mux == nil {
		s.routes.mux = http.NewServeMux()
	}
	s.routes.mux.Handle(pattern, s.backend.Protect(handler))
}

// find returns the handler that a test has added for a request.
func (r *routes) find(req *http.Request) http.Handler {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.mux == nil {
		return nil
	}
	if _, pattern := r.mux.Handler(req); pattern == "" {
		return nil
	}
	return r.mux
}

// handler is who answers a request.
func (s *Server) handler(r *http.Request) http.Handler {
	if own := s.routes.find(r); own != nil {
		return own
	}
	return s.backend.Handler()
}
