package zoo

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// sessionTokens are mistakes in what tokens open, how long they live and how
// they are refreshed.
func sessionTokens() []Mutant {
	collection := at("GET", "/users")
	ended := map[string]string{"error_message": "this session has ended"}
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
			Name: "session/no-challenge", Breaks: []string{"SES-06"},
			Why: "The 401 is written by hand, and nobody knew of WWW-Authenticate.",
			Change: func(s *Server) {
				s.answers(collection, func(a *reply) { a.Header.Del("Www-Authenticate") })
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
		{
			Name: "session/refresh-without-type", Breaks: []string{"SES-08"},
			Why: "The refresh has a template of its own, with half of the members.",
			Change: func(s *Server) {
				s.answers(sessionRefresh, func(a *reply) { a.drop("token_type") })
			},
		},
		{
			Name: "session/refresh-extends", Breaks: []string{"SES-08"},
			Why: "A refresh prolongs the access token and answers it once more.",
			Change: func(s *Server) {
				f := s.families()
				s.requests(func(r *http.Request) bool { return !sessionRefresh(r) }, func(r *http.Request) {
					f.with(bearer(r), func(known *family) {
						if known != nil && bearer(r) == known.access[0] {
							setBearer(r, known.newestAccess())
						}
					})
				})
				s.answers(sessionRefresh, func(a *reply) {
					f.with(a.member("access_token"), func(known *family) {
						if known != nil {
							a.set("access_token", known.access[0])
						}
					})
				})
			},
		},
		{
			Name: "session/refreshes-once", Breaks: []string{"SES-08", "SES-13", "SES-14", "SEC-05"},
			Why: "Only refresh tokens from a login are stored.",
			Change: func(s *Server) {
				f := s.families()
				s.instead(func(r *http.Request) (refuses bool) {
					f.with(sentText(r, "refresh_token"), func(known *family) {
						refuses = known != nil && sessionRefresh(r) && sentText(r, "refresh_token") != known.refresh[0]
					})
					return refuses
				}, answer(http.StatusUnauthorized, ended))
			},
		},
		{
			Name: "session/late-expiry", Breaks: []string{"SES-09"},
			Why: "Clocks differ, so tokens are given a minute of leeway.",
			Change: func(s *Server) {
				s.Lifetimes.SessionAccess = 11 * time.Minute
				s.promisesTenMinutes()
			},
		},
		{
			Name: "session/five-seconds-late", Breaks: []string{"SES-09"},
			Why: "The sweep that ends tokens runs every few seconds, and nothing else looks at their end.",
			Change: func(s *Server) {
				s.Lifetimes.SessionAccess = 10*time.Minute + 5*time.Second
				s.promisesTenMinutes()
			},
		},
		{
			Name: "session/early-expiry", Breaks: []string{"SES-09"},
			Why: "A safety margin that belongs to clients is taken off by the server.",
			Change: func(s *Server) {
				s.Lifetimes.SessionAccess = 9*time.Minute + 30*time.Second
				s.promisesTenMinutes()
			},
		},
		{
			Name: "session/expiry-only-at-refresh", Breaks: []string{"SES-09"},
			Why: "The resources only look the token up; its end is checked where it is renewed.",
			Change: func(s *Server) {
				s.Lifetimes.SessionAccess = 30 * 24 * time.Hour
				s.promisesTenMinutes()
			},
		},
		{
			Name: "session/refresh-not-rotated", Breaks: []string{"SES-13", "SES-14"},
			Why: "A refresh token is good until its session ends, however often it is used.",
			Change: func(s *Server) {
				f := s.families()
				s.requests(sessionRefresh, f.useNewest)
			},
		},
		{
			Name: "session/old-refresh-once-more", Breaks: []string{"SES-13", "SES-14"},
			Why: "The grace for lost replies counts uses, and does not ask whether the successor is in use.",
			Change: func(s *Server) {
				f := s.families()
				granted := map[string]bool{}
				s.requests(sessionRefresh, func(r *http.Request) {
					token := sentText(r, "refresh_token")
					once := false
					f.with(token, func(known *family) {
						once = known != nil && known.isReplay(token) && !granted[token]
						granted[token] = granted[token] || once
					})
					if once {
						f.useNewest(r)
					}
				})
			},
		},
		{
			Name: "session/replay-harmless", Breaks: []string{"SES-14"},
			Why:    "A replay is refused, and nobody draws the conclusion.",
			Change: refusesReplays(func(*family) {}),
		},
		{
			Name: "session/replay-spares-access", Breaks: []string{"SES-14"},
			Why:    "A replay ends the refresh tokens; access tokens are never looked up.",
			Change: refusesReplays(func(f *family) { f.noRefresh = true }),
		},
		{
			Name: "session/replay-spares-refresh", Breaks: []string{"SES-14"},
			Why:    "A replay ends the access tokens, and the thief may refresh himself new ones.",
			Change: refusesReplays(func(f *family) { f.noAccess = true }),
		},
		{
			Name: "session/access-token-refreshes", Breaks: []string{"SES-15"},
			Why: "Both kinds of token are verified by the same function, which does not ask for the kind.",
			Change: func(s *Server) {
				f := s.families()
				s.requests(sessionRefresh, func(r *http.Request) {
					f.with(sentText(r, "refresh_token"), func(known *family) {
						if known != nil && strings.HasPrefix(bearer(r), sentText(r, "refresh_token")) {
							setBody(r, encoded(map[string]string{"refresh_token": known.newestRefresh()}))
						}
					})
				})
			},
		},
		{
			Name: "session/refresh-token-opens", Breaks: []string{"SES-15"},
			Why: "Both kinds of token are verified by the same function, which does not ask for the kind.",
			Change: func(s *Server) {
				f := s.families()
				s.requests(collection, func(r *http.Request) {
					f.with(bearer(r), func(known *family) {
						if known != nil && bearer(r) == known.newestRefresh() {
							setBearer(r, known.newestAccess())
						}
					})
				})
			},
		},
		{
			Name: "session/refresh-wants-live-bearer", Breaks: []string{"SES-16"},
			Why: "The refresh stands behind the same filter as the resources.",
			Change: func(s *Server) {
				s.instead(func(r *http.Request) bool {
					if !sessionRefresh(r) {
						return false
					}
					probe, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "/sessions", http.NoBody)
					if err != nil {
						return false
					}
					setBearer(probe, bearer(r))
					return !s.inner(probe).ok()
				}, answer(http.StatusUnauthorized, ended))
			},
		},
		{
			Name: "session/garbled-refresh-ends-session", Breaks: []string{"SES-17"},
			Why: "Whatever is wrong with a refresh counts as an attack on the session beside it.",
			Change: func(s *Server) {
				f := s.families()
				s.requests(sessionRefresh, func(r *http.Request) {
					token := sentText(r, "refresh_token")
					f.with(bearer(r), func(known *family) {
						if known != nil && token != "" && f.byToken[token] == nil {
							known.noAccess, known.noRefresh = true, true
						}
					})
				})
			},
		},
		{
			Name: "session/refresh-unverified", Breaks: []string{"SES-17"},
			Why: "The bearer names the session, and the refresh token beside it only has to be there.",
			Change: func(s *Server) {
				f := s.families()
				s.requests(sessionRefresh, func(r *http.Request) {
					token := sentText(r, "refresh_token")
					f.with(bearer(r), func(known *family) {
						if known != nil && token != "" && f.byToken[token] == nil {
							setBody(r, encoded(map[string]string{"refresh_token": known.newestRefresh()}))
						}
					})
				})
			},
		},
		{
			Name: "session/failed-refresh-burns-token", Breaks: []string{"SES-17"},
			Why: "The session's refresh token is taken out of the store before the one that came is compared with it.",
			Change: func(s *Server) {
				f := s.families()
				s.requests(sessionRefresh, func(r *http.Request) {
					token := sentText(r, "refresh_token")
					f.with(bearer(r), func(known *family) {
						if known != nil && token != "" && f.byToken[token] == nil {
							known.noRefresh = true
						}
					})
				})
			},
		},
		{
			Name: "session/refresh-ends-others", Breaks: []string{"SES-26"}, Serial: true,
			Why: "A user has one refresh token, and a new one replaces that of every device.",
			Change: func(s *Server) {
				f := s.families()
				s.answers(sessionRefresh, func(a *reply) {
					if a.ok() {
						f.with(a.member("access_token"), f.endAllBut)
					}
				})
			},
		},
		{
			Name: "session/login-ends-others", Breaks: []string{"SES-20", "SES-26", "SEC-05"}, Serial: true,
			Why: "A user has one session, and a new login ends the one before.",
			Change: func(s *Server) {
				f := s.families()
				var logins atomic.Int64
				s.answers(sessionLogin, func(a *reply) {
					if a.ok() && logins.Add(1) > 0 {
						f.with(a.member("access_token"), f.endAllBut)
					}
				})
			},
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
