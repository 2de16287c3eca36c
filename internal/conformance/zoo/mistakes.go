package zoo

import (
	"net/http"
	"strings"
	"sync/atomic"
)

// These mistakes are made in several dialects.

// strayToken is a token that stands where none should.
const strayToken = "c2Vzc2lvbi10aGF0LXdhcy1tYWRlLXRvby1lYXJseQ"

// wantsJSON refuses bodies that are not called JSON.
func wantsJSON(where match) func(*Server) {
	return func(s *Server) {
		s.instead(func(r *http.Request) bool {
			return where(r) && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
		}, func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, http.StatusUnsupportedMediaType, map[string]string{"error": "send JSON"})
		})
	}
}

// cacheable forgets that an answer is not to be stored.
func cacheable(where match) func(*Server) {
	return func(s *Server) {
		s.answers(where, func(a *reply) { a.Header.Del("Cache-Control") })
	}
}

// crashesOnBadRequest answers 500 to what is malformed.
func crashesOnBadRequest(where match) func(*Server) {
	return changesStatus(where, http.StatusBadRequest, http.StatusInternalServerError)
}

// changesStatus answers one status in the place of another.
func changesStatus(where match, from, to int) func(*Server) {
	return func(s *Server) {
		s.answers(where, func(a *reply) { a.becomes(from, to) })
	}
}

// nextLoginPays refuses the login that follows a wrong password of a known
// account, even when it is right.
func (s *Server) nextLoginPays(login, known match) {
	var owed atomic.Bool
	s.answers(login, func(a *reply) {
		if owed.Swap(a.Status == http.StatusUnauthorized && known(a.Request)) && a.ok() {
			a.refuse(http.StatusUnauthorized, map[string]string{"error": "wrong credentials"})
		}
	})
}
