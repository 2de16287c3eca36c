// Package wiretest is a server for the tests of one dialect: it gives the
// answers that a test has written, in their order, and keeps what was asked.
package wiretest

import (
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Answer is one answer. A zero Status is 200.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Server answers the n-th request with the n-th answer, and further ones with
// 599.
type Server struct {
	mu      sync.Mutex
	answers []Answer
	asked   []string
}

// New returns a server with these answers.
func New(answers ...Answer) *Server { return &Server{answers: answers} }

// JSON is an answer with 200 and this body.
func JSON(body string) Answer { return Answer{Body: body} }

// Asked returns the requests so far, each as "METHOD URI [credentials] body".
// The credentials are Authorization, X-Auth-Bearer and X-Api-Key, where set.
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	line := fmt.Sprintf("%s %s", r.Method, r.URL.RequestURI())
	for _, key := range []string{"Authorization", "X-Auth-Bearer", "X-Api-Key"} {
		if value := r.Header.Get(key); value != "" {
			line += " [" + value + "]"
		}
	}
	if len(body) > 0 {
		line += " " + string(body)
	}
	s.asked = append(s.asked, line)
	if len(s.asked) > len(s.answers) {
		const unexpected = 599
		w.WriteHeader(unexpected)
		return
	}
	answer := s.answers[len(s.asked)-1]
	for key, values := range answer.Header {
		w.Header()[key] = values
	}
	w.WriteHeader(max(answer.Status, http.StatusOK))
	_, _ = io.WriteString(w, answer.Body)
}
