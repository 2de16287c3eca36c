package zoo

import (
	"net/http"
	"strings"
)

// sessionTokens are mistakes in what tokens open, how long they live and how
// they are refreshed.
func sessionTokens() []Mutant {
	collection := at("GET", "/users")
	return []Mutant{
		{
			Name: "session/collection-as-text", Breaks: []string{"SES-04"},
			Why: "The list is written without saying that it is JSON, and the server guesses.",
			Change: func(s *Server) {
				s.answers(collection, func(a *reply) { a.Header.Set("Content-Type", "text/plain; charset=utf-8") })
			},
		},
		{
			Name: "session/collection-as-script", Breaks: []string{"SES-04"},
			Why: "An old guard against script inclusion stands before the JSON.",
			Change: func(s *Server) {
				s.answers(collection, func(a *reply) {
					if a.ok() {
						a.Body = append([]byte("while(1);"), a.Body...)
					}
				})
			},
		},
		{
			Name: "session/collection-empty", Breaks: []string{"SES-04"},
			Why: "The serializer of the list was lost in a merge, the status was not.",
			Change: func(s *Server) {
				s.answers(collection, func(a *reply) {
					if a.ok() {
						a.Status, a.Body = http.StatusNoContent, nil
					}
				})
			},
		},
		{
			Name: "session/collection-public", Breaks: []string{"SES-05", "SES-06"},
			Why: "The filter that demands a token was not put on this route.",
			Change: func(s *Server) {
				s.answers(collection, func(a *reply) {
					if a.Status == http.StatusUnauthorized && a.Request.Header.Get("Authorization") == "" && !withKey(a.Request) {
						a.Status = http.StatusOK
					}
				})
			},
		},
		{
			Name: "session/token-end-unread", Breaks: []string{"SES-05", "SES-06"},
			Why: "The column that holds the tokens is too short, and so is the comparison.",
			Change: func(s *Server) {
				f := s.families()
				s.requests(collection, func(r *http.Request) {
					for _, real := range f.accessTokens() {
						if short := len(real) * 3 / 5; strings.HasPrefix(bearer(r), real[:short]) {
							setBearer(r, real)
						}
					}
				})
			},
		},
		{
			Name: "session/empty-token-opens", Breaks: []string{"SES-05"},
			Why: "An empty token finds the row of a user who never logged in, whose token is empty too.",
			Change: func(s *Server) {
				s.answers(collection, func(a *reply) {
					if strings.TrimSpace(a.Request.Header.Get("Authorization")) == "Bearer" {
						a.becomes(http.StatusUnauthorized, http.StatusOK)
					}
				})
			},
		},
		{
			Name: "session/no-token-is-403", Breaks: []string{"SES-06"},
			Why: "401 and 403 are mixed up.",
			Change: func(s *Server) {
				s.answers(collection, func(a *reply) {
					if a.Request.Header.Get("Authorization") == "" && a.Status == http.StatusUnauthorized {
						a.Status = http.StatusForbidden
					}
				})
			},
		},
		{
			Name: "session/garbled-token-is-400", Breaks: []string{"SES-06"},
			Why:    "A token that cannot be decoded is a bad request to the decoder.",
			Change: changesStatus(func(r *http.Request) bool { return collection(r) && bearer(r) != "" }, http.StatusUnauthorized, http.StatusBadRequest),
		},
		{
			Name: "session/no-token-unchallenged", Breaks: []string{"SES-06"},
			Why: "The 401 is written by hand, and nobody knew of WWW-Authenticate.",
			Change: func(s *Server) {
				s.answers(collection, func(a *reply) {
					if a.Request.Header.Get("Authorization") == "" {
						a.Header.Del("Www-Authenticate")
					}
				})
			},
		},
		{
			Name: "session/garbled-token-unchallenged", Breaks: []string{"SES-06"},
			Why: "Who has a token knows how to authenticate, so he is not told.",
			Change: func(s *Server) {
				s.answers(collection, func(a *reply) {
					if a.Request.Header.Get("Authorization") != "" {
						a.Header.Del("Www-Authenticate")
					}
				})
			},
		},
		{
			Name: "session/rights-unchecked", Breaks: []string{"SES-07"},
			Why: "Who is logged in may read; the rights are only asked in the pages.",
			Change: func(s *Server) {
				for i := range s.Accounts {
					s.Accounts[i].Rights = []string{"*"}
				}
			},
		},
		{
			Name: "session/no-right-is-404", Breaks: []string{"SES-07"},
			Why: "What a user may not see does not exist for him.", Change: changesStatus(collection, http.StatusForbidden, http.StatusNotFound),
		},
		{
			Name: "session/no-right-is-401", Breaks: []string{"SES-07"},
			Why: "401 and 403 are mixed up.", Change: changesStatus(collection, http.StatusForbidden, http.StatusUnauthorized),
		},
	}
}

// promisesTenMinutes answers the documented life, whatever the tokens live.
func (s *Server) promisesTenMinutes() {
	s.answers(anyOf(sessionLogin, sessionRefresh), func(a *reply) {
		if a.members()["expires_in"] != nil {
			a.set("expires_in", 600)
		}
	})
}

// strangeRefresh does something to the session of the bearer when a refresh
// token comes beside it that was never granted.
func strangeRefresh(do func(r *http.Request, known *family)) func(*Server) {
	return func(s *Server) {
		f := s.families()
		s.requests(sessionRefresh, func(r *http.Request) {
			token := sentText(r, "refresh_token")
			f.with(bearer(r), func(known *family) {
				if known != nil && token != "" && f.byToken[token] == nil {
					do(r, known)
				}
			})
		})
	}
}

// refusesReplays refuses used refresh tokens before the reference sees them,
// and does to their sessions what punish does.
func refusesReplays(punish func(*family)) func(*Server) {
	return func(s *Server) {
		f := s.families()
		s.instead(func(r *http.Request) (replayed bool) {
			token := sentText(r, "refresh_token")
			f.with(token, func(known *family) {
				if replayed = known != nil && sessionRefresh(r) && known.isReplay(token); replayed {
					punish(known)
				}
			})
			return replayed
		}, answer(http.StatusUnauthorized, map[string]string{"error_message": "this token was used before"}))
	}
}
