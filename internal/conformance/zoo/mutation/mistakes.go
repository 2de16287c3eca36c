package mutation

import (
	"net/http"
	"strings"
	"sync/atomic"
)

// StrayToken is a token that stands where none should.
const StrayToken = "c2Vzc2lvbi10aGF0LXdhcy1tYWRlLXRvby1lYXJseQ"

// WantsJSON rejects bodies that are not called JSON.
func WantsJSON(where Match) func(*Server) {
	return func(s *Server) {
		s.Instead(func(r *http.Request) bool {
			return where(r) && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
		}, func(w http.ResponseWriter, _ *http.Request) {
			WriteJSON(w, http.StatusUnsupportedMediaType, map[string]string{"error": "send JSON"})
		})
	}
}

// Cacheable forgets that an answer is not to be stored.
func Cacheable(where Match) func(*Server) {
	return func(s *Server) {
		s.OnAnswer(where, func(a *Reply) { a.Header.Del("Cache-Control") })
	}
}

// CrashesOnBadRequest answers 500 to what is malformed.
func CrashesOnBadRequest(where Match) func(*Server) {
	return ChangesStatus(where, http.StatusBadRequest, http.StatusInternalServerError)
}

// ChangesStatus answers one status in the place of another.
func ChangesStatus(where Match, from, to int) func(*Server) {
	return func(s *Server) {
		s.OnAnswer(where, func(a *Reply) { a.Becomes(from, to) })
	}
}

// NextLoginPays rejects the login that follows a wrong password of a known
// account, even when it is right.
func NextLoginPays(login, known Match) func(*Server) {
	return func(s *Server) {
		var owed atomic.Bool
		s.OnAnswer(login, func(a *Reply) {
			if owed.Swap(a.Status == http.StatusUnauthorized && known(a.Request)) && a.OK() {
				a.Replace(http.StatusUnauthorized, map[string]string{"error": "wrong credentials"})
			}
		})
	}
}

// ChangesEntries changes each entry of a JSON array.
func ChangesEntries(where Match, change func(entry map[string]any)) func(*Server) {
	return func(s *Server) {
		s.OnAnswer(where, func(a *Reply) {
			entries := a.Entries()
			if !a.OK() || entries == nil {
				return
			}
			for _, entry := range entries {
				change(entry)
			}
			a.Write(entries)
		})
	}
}
