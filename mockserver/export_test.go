package mockserver

import (
	"net/http"
	"net/http/httptest"
)

// ServeForTest sends a request to the mock without a connection.
func (s *Server) ServeForTest() {
	s.serveHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/items", http.NoBody))
}
