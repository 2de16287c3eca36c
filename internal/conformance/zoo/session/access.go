package session

import (
	"net/http"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// access are mistakes in what tokens grant access to.
func access() []mutation.Mutant {
	return []mutation.Mutant{
		{
			Name: "session/collection-as-text", Breaks: []string{"SES-04"},
			Why: "The list is written without saying that it is JSON, and the server guesses.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(collection, func(a *mutation.Reply) { a.Header.Set("Content-Type", "text/plain; charset=utf-8") })
			},
		},
		{
			Name: "session/collection-as-script", Breaks: []string{"SES-04"},
			Why: "An old guard against script inclusion stands before the JSON.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(collection, func(a *mutation.Reply) {
					if a.OK() {
						a.Body = append([]byte("while(1);"), a.Body...)
					}
				})
			},
		},
		{
			Name: "session/collection-empty", Breaks: []string{"SES-04"},
			Why: "The serializer of the list was lost in a merge, the status was not.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(collection, func(a *mutation.Reply) {
					if a.OK() {
						a.Status, a.Body = http.StatusNoContent, nil
					}
				})
			},
		},
		{
			Name: "session/collection-public", Breaks: []string{"SES-05"},
			Why: "The filter that demands a token was not put on this route.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(collection, func(a *mutation.Reply) {
					if a.Status == http.StatusUnauthorized && a.Request.Header.Get("Authorization") == "" && !withKey(a.Request) {
						a.Status = http.StatusOK
					}
				})
			},
		},
		{
			Name: "session/token-end-unread", Breaks: []string{"SES-05", "SES-06"},
			Why: "The column that holds the tokens is too short, and so is the comparison.",
			Change: func(s *mutation.Server) {
				f := watchFamilies(s)
				s.OnRequest(collection, func(r *http.Request) {
					for _, real := range f.accessTokens() {
						if short := len(real) * 3 / 5; strings.HasPrefix(mutation.Bearer(r), real[:short]) {
							mutation.SetBearer(r, real)
						}
					}
				})
			},
		},
		{
			Name: "session/empty-token-accepted", Breaks: []string{"SES-05"},
			Why: "An empty token finds the row of a user who never logged in, whose token is empty too.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(collection, func(a *mutation.Reply) {
					if strings.TrimSpace(a.Request.Header.Get("Authorization")) == "Bearer" {
						a.Becomes(http.StatusUnauthorized, http.StatusOK)
					}
				})
			},
		},
		{
			Name: "session/no-token-is-403", Breaks: []string{"SES-06"},
			Why: "401 and 403 are mixed up.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(collection, func(a *mutation.Reply) {
					if a.Request.Header.Get("Authorization") == "" && a.Status == http.StatusUnauthorized {
						a.Status = http.StatusForbidden
					}
				})
			},
		},
		{
			Name: "session/garbled-token-is-400", Breaks: []string{"SES-06"},
			Why:    "A token that cannot be decoded is a bad request to the decoder.",
			Change: mutation.ChangesStatus(func(r *http.Request) bool { return collection(r) && mutation.Bearer(r) != "" }, http.StatusUnauthorized, http.StatusBadRequest),
		},
		{
			Name: "session/no-token-unchallenged", Breaks: []string{"SES-06"},
			Why: "The 401 is written by hand, and nobody knew of WWW-Authenticate.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(collection, func(a *mutation.Reply) {
					if a.Request.Header.Get("Authorization") == "" {
						a.Header.Del("Www-Authenticate")
					}
				})
			},
		},
		{
			Name: "session/garbled-token-unchallenged", Breaks: []string{"SES-06"},
			Why: "A client that has a token knows how to authenticate, so it is not told.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(collection, func(a *mutation.Reply) {
					if a.Request.Header.Get("Authorization") != "" {
						a.Header.Del("Www-Authenticate")
					}
				})
			},
		},
		{
			Name: "session/rights-unchecked", Breaks: []string{"SES-07"},
			Why: "Who is logged in may read; the rights are only asked in the pages.",
			Change: func(s *mutation.Server) {
				for i := range s.Accounts {
					s.Accounts[i].Rights = []string{"*"}
				}
			},
		},
		{
			Name: "session/no-right-is-404", Breaks: []string{"SES-07"},
			Why: "What users may not see does not exist for them.", Change: mutation.ChangesStatus(collection, http.StatusForbidden, http.StatusNotFound),
		},
		{
			Name: "session/no-right-is-401", Breaks: []string{"SES-07"},
			Why: "401 and 403 are mixed up.", Change: mutation.ChangesStatus(collection, http.StatusForbidden, http.StatusUnauthorized),
		},
	}
}
