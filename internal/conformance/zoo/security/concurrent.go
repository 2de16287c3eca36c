package security

import (
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// concurrent are mistakes that show when many requests come at once.
func concurrent(e Endpoints) []mutation.Mutant {
	return []mutation.Mutant{
		{
			Name: "few-logins-at-once", Breaks: []string{"SEC-05"},
			Why:    "The pool of connections to the directory is small, and who finds none is turned away.",
			Change: func(s *mutation.Server) { limitsInside(s, e.Login, 4) },
		},
		{
			Name: "racing-renewals-both-win", Breaks: []string{"SEC-05"},
			Why:    "Renewals read, change and write without a lock, and what two of them have written is taken for stolen when it is used.",
			Change: func(s *mutation.Server) { races(s, e) },
		},
	}
}

// limitsInside rejects whoever comes while too many others are served.
func limitsInside(s *mutation.Server, where mutation.Match, most int64) {
	var inside atomic.Int64
	s.Wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !where(r) {
				inner.ServeHTTP(w, r)
				return
			}
			defer inside.Add(-1)
			if inside.Add(1) > most {
				mutation.Answer(http.StatusServiceUnavailable, map[string]string{"error": "try again"})(w, r)
				return
			}
			s.Stay(r)
			inner.ServeHTTP(w, r)
		})
	})
}

// races rejects all tokens that come out of a renewal which met another one of
// the same token.
func races(s *mutation.Server, e Endpoints) {
	var mu sync.Mutex
	inside := map[string]int{}
	met := map[string]bool{}      // by what was renewed
	origin := map[string]string{} // of a token, what was renewed
	s.Instead(func(r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		return e.Resource(r) && met[origin[e.Token(r)]]
	}, mutation.Answer(http.StatusUnauthorized, map[string]string{"error": "this token was stolen"}))
	s.Wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			renewed := ""
			if e.Renew(r) {
				renewed = e.Renewed(r)
			}
			if renewed == "" {
				inner.ServeHTTP(w, r)
				return
			}
			mu.Lock()
			inside[renewed]++
			met[renewed] = met[renewed] || inside[renewed] > 1
			mu.Unlock()
			s.Stay(r)
			recorded := mutation.Record(inner, r)
			mu.Lock()
			inside[renewed]--
			origin[recorded.Member(e.TokenMember)] = renewed
			mu.Unlock()
			recorded.Send(w)
		})
	})
}
