package session

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// refreshes are mistakes in how tokens are refreshed, and in how long
// they live.
func refreshes() []mutation.Mutant {
	ended := map[string]string{"error_message": "this session has ended"}
	return []mutation.Mutant{
		{
			Name: "session/refresh-without-type", Breaks: []string{"SES-08"},
			Why: "The refresh has a template of its own, with half of the members.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(refresh, func(a *mutation.Reply) { a.Drop("token_type") })
			},
		},
		{
			Name: "session/refresh-extends", Breaks: []string{"SES-08"},
			Why: "A refresh prolongs the access token and answers it once more.",
			Change: func(s *mutation.Server) {
				f := watchFamilies(s)
				s.OnRequest(func(r *http.Request) bool { return !refresh(r) }, func(r *http.Request) {
					f.with(mutation.Bearer(r), func(known *family) {
						if known != nil && mutation.Bearer(r) == known.access[0] {
							mutation.SetBearer(r, known.newestAccess())
						}
					})
				})
				s.OnAnswer(refresh, func(a *mutation.Reply) {
					f.with(a.Member("access_token"), func(known *family) {
						if known != nil {
							a.Set("access_token", known.access[0])
						}
					})
				})
			},
		},
		{
			Name: "session/refreshes-once", Breaks: []string{"SES-08", "SEC-05"},
			Why: "Only refresh tokens from a login are stored.",
			Change: func(s *mutation.Server) {
				f := watchFamilies(s)
				s.Instead(func(r *http.Request) (refuses bool) {
					f.with(mutation.SentText(r, "refresh_token"), func(known *family) {
						refuses = known != nil && refresh(r) && mutation.SentText(r, "refresh_token") != known.refresh[0]
					})
					return refuses
				}, mutation.Answer(http.StatusUnauthorized, ended))
			},
		},
		{
			Name: "session/late-expiry", Breaks: []string{"SES-09"},
			Why: "Clocks differ, so tokens are given a minute of leeway.",
			Change: func(s *mutation.Server) {
				s.Lifetimes.SessionAccess = 11 * time.Minute
				announcesTenMinutes(s)
			},
		},
		{
			Name: "session/three-seconds-late", Breaks: []string{"SES-09"},
			Why: "The sweep that ends tokens runs every few seconds, and nothing else looks at their end.",
			Change: func(s *mutation.Server) {
				s.Lifetimes.SessionAccess = 10*time.Minute + 3*time.Second
				announcesTenMinutes(s)
			},
		},
		{
			Name: "session/early-expiry", Breaks: []string{"SES-09"},
			Why: "A safety margin that belongs to clients is taken off by the server.",
			Change: func(s *mutation.Server) {
				s.Lifetimes.SessionAccess = 9*time.Minute + 30*time.Second
				announcesTenMinutes(s)
			},
		},
		{
			Name: "session/expiry-only-at-refresh", Breaks: []string{"SES-09"},
			Why: "The resources only look the token up; its end is checked where it is renewed.",
			Change: func(s *mutation.Server) {
				s.Lifetimes.SessionAccess = 30 * 24 * time.Hour
				announcesTenMinutes(s)
			},
		},
		{
			Name: "session/refresh-not-rotated", Breaks: []string{"SES-13", "SES-14"},
			Why: "A refresh token is good until its session ends, however often it is used.",
			Change: func(s *mutation.Server) {
				f := watchFamilies(s)
				s.OnRequest(refresh, f.useNewest)
				s.OneAtATime(refresh) // or the newest is old by the time it is sent
			},
		},
		{
			Name: "session/old-refresh-once-more", Breaks: []string{"SES-13", "SES-14"},
			Why: "The grace for lost replies counts uses, and does not ask whether the successor is in use.",
			Change: func(s *mutation.Server) {
				f := watchFamilies(s)
				granted := map[string]bool{}
				s.OnRequest(refresh, func(r *http.Request) {
					token := mutation.SentText(r, "refresh_token")
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
			Why:    "A replay is rejected, and the session goes on.",
			Change: rejectsReplays(func(*family) {}),
		},
		{
			Name: "session/replay-spares-access", Breaks: []string{"SES-14"},
			Why:    "A replay ends the refresh tokens; access tokens are never looked up.",
			Change: rejectsReplays(func(f *family) { f.noRefresh = true }),
		},
		{
			Name: "session/replay-spares-refresh", Breaks: []string{"SES-14"},
			Why:    "A replay ends the access tokens, and the refresh tokens may still obtain new ones.",
			Change: rejectsReplays(func(f *family) { f.noAccess = true }),
		},
		{
			Name: "session/racing-refreshes-make-sessions", Breaks: []string{"SES-14"},
			Why:    "A refresh that comes again before its answer was used begins a session of its own, which no replay ends.",
			Change: racesMakeSessions(func(*family) {}),
		},
		{
			Name: "session/racing-refreshes-keep-access", Breaks: []string{"SES-14"},
			Why:    "It begins a session of its own, of which a replay ends the refresh token only.",
			Change: racesMakeSessions(func(extra *family) { extra.noRefresh = true }),
		},
		{
			Name: "session/racing-refreshes-keep-refresh", Breaks: []string{"SES-14"},
			Why:    "It begins a session of its own, of which a replay ends the access token only.",
			Change: racesMakeSessions(func(extra *family) { extra.noAccess = true }),
		},
		{
			Name: "session/access-token-refreshes", Breaks: []string{"SES-15"},
			Why: "Both kinds of token are verified by the same function, which does not ask for the kind.",
			Change: func(s *mutation.Server) {
				f := watchFamilies(s)
				s.OnRequest(refresh, func(r *http.Request) {
					f.with(mutation.SentText(r, "refresh_token"), func(known *family) {
						if known != nil && strings.HasPrefix(mutation.Bearer(r), mutation.SentText(r, "refresh_token")) {
							mutation.SetBody(r, mutation.JSON(map[string]string{"refresh_token": known.newestRefresh()}))
						}
					})
				})
			},
		},
		{
			Name: "session/refresh-token-accepted", Breaks: []string{"SES-15"},
			Why: "Both kinds of token are verified by the same function, which does not ask for the kind.",
			Change: func(s *mutation.Server) {
				f := watchFamilies(s)
				s.OnRequest(collection, func(r *http.Request) {
					f.with(mutation.Bearer(r), func(known *family) {
						if known != nil && mutation.Bearer(r) == known.newestRefresh() {
							mutation.SetBearer(r, known.newestAccess())
						}
					})
				})
			},
		},
		{
			Name: "session/refresh-wants-live-bearer", Breaks: []string{"SES-16"},
			Why: "The refresh stands behind the same filter as the resources.",
			Change: func(s *mutation.Server) {
				s.Instead(func(r *http.Request) bool {
					if !refresh(r) {
						return false
					}
					probe, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "/sessions", http.NoBody)
					if err != nil {
						return false
					}
					mutation.SetBearer(probe, mutation.Bearer(r))
					return !s.Inner(probe).OK()
				}, mutation.Answer(http.StatusUnauthorized, ended))
			},
		},
		{
			Name: "session/refresh-keeps-the-end", Breaks: []string{"SES-09", "SES-16"},
			Why:    "The end belongs to the session and is written at its login; a refresh changes the token only.",
			Change: keepsEnd(func(time.Time) bool { return true }),
		},
		{
			Name: "session/late-refresh-keeps-the-end", Breaks: []string{"SES-16"},
			Why: "A refresh moves the end of a token that lives, and finds none to move where it has expired.",
			Change: func(s *mutation.Server) {
				keepsEnd(func(end time.Time) bool { return !s.Clock.Now().Before(end) })(s)
			},
		},
		{
			Name: "session/garbled-refresh-ends-session", Breaks: []string{"SES-17"},
			Why: "Whatever is wrong with a refresh counts as an attack on the session beside it.",
			Change: onUnknownRefresh(func(_ *http.Request, known *family) {
				known.noAccess, known.noRefresh = true, true
			}),
		},
		{
			Name: "session/refresh-unverified", Breaks: []string{"SES-17"},
			Why: "The bearer names the session, and the refresh token beside it only has to be there.",
			Change: onUnknownRefresh(func(r *http.Request, known *family) {
				mutation.SetBody(r, mutation.JSON(map[string]string{"refresh_token": known.newestRefresh()}))
			}),
		},
		{
			Name: "session/failed-refresh-burns-token", Breaks: []string{"SES-17"},
			Why: "The session's refresh token is taken out of the store before the one that came is compared with it.",
			Change: onUnknownRefresh(func(_ *http.Request, known *family) {
				known.noRefresh = true
			}),
		},
		{
			Name: "session/refresh-ends-others", Breaks: []string{"SES-26"},
			Why: "A user has one refresh token, and a new one replaces that of every device.",
			Change: func(s *mutation.Server) {
				f := watchFamilies(s)
				s.OnAnswer(refresh, func(a *mutation.Reply) {
					if a.OK() {
						f.with(a.Member("access_token"), f.endAllBut)
					}
				})
			},
		},
		{
			Name: "session/login-ends-others", Breaks: []string{"SES-26", "SEC-05"}, Hides: []string{"SES-20"},
			Why:    "A user has one session, and a new login ends the one before.",
			Change: keepsLastLogin,
		},
	}
}

// keepsLastLogin ends every session but that of the last login. Of logins at
// once none is the last.
func keepsLastLogin(s *mutation.Server) {
	f := watchFamilies(s)
	var mu sync.Mutex
	inside, crowded := 0, false
	s.Wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !login(r) {
				inner.ServeHTTP(w, r)
				return
			}
			mu.Lock()
			inside++
			crowded = crowded || inside > 1
			mu.Unlock()
			s.Stay(r)
			recorded := mutation.Record(inner, r)
			mu.Lock()
			last := ""
			if !crowded {
				last = recorded.Member("access_token")
			}
			if recorded.OK() {
				f.with(last, f.endAllBut)
			}
			inside--
			crowded = crowded && inside > 0
			mu.Unlock()
			recorded.Send(w)
		})
	})
}

// announcesTenMinutes answers the documented life, whatever the tokens live.
func announcesTenMinutes(s *mutation.Server) {
	s.OnAnswer(mutation.AnyOf(login, refresh), func(a *mutation.Reply) {
		if a.Members()["expires_in"] != nil {
			a.Set("expires_in", 600)
		}
	})
}

// keepsEnd lets an access token from a refresh end with the one beside it, where that
// one's end is such a time. The answer says otherwise.
func keepsEnd(where func(end time.Time) bool) func(*mutation.Server) {
	return func(s *mutation.Server) {
		var mu sync.Mutex
		ends := map[string]time.Time{} // by access token
		s.Instead(func(r *http.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			end, known := ends[mutation.Bearer(r)]
			return known && !refresh(r) && !s.Clock.Now().Before(end)
		}, mutation.Answer(http.StatusUnauthorized, map[string]string{"error_message": "this token has expired"}))
		s.OnAnswer(mutation.AnyOf(login, refresh), func(a *mutation.Reply) {
			token, end := a.Member("access_token"), s.Clock.Now().Add(10*time.Minute)
			if token == "" {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if before, known := ends[mutation.Bearer(a.Request)]; known && refresh(a.Request) && where(before) {
				end = before
			}
			ends[token] = end
		})
	}
}

// onUnknownRefresh does something to the session of the bearer when a refresh
// token comes beside it that was never granted.
func onUnknownRefresh(do func(r *http.Request, known *family)) func(*mutation.Server) {
	return func(s *mutation.Server) {
		f := watchFamilies(s)
		s.OnRequest(refresh, func(r *http.Request) {
			token := mutation.SentText(r, "refresh_token")
			f.with(mutation.Bearer(r), func(known *family) {
				if known != nil && token != "" && f.byToken[token] == nil {
					do(r, known)
				}
			})
		})
	}
}

// rejectsReplays rejects used refresh tokens before the reference sees them,
// and does to their sessions what punish does.
func rejectsReplays(punish func(*family)) func(*mutation.Server) {
	return func(s *mutation.Server) {
		f := watchFamilies(s)
		s.Instead(func(r *http.Request) (replayed bool) {
			token := mutation.SentText(r, "refresh_token")
			f.with(token, func(known *family) {
				if replayed = known != nil && refresh(r) && known.isReplay(token); replayed {
					punish(known)
				}
			})
			return replayed
		}, mutation.Answer(http.StatusUnauthorized, map[string]string{"error_message": "this token was used before"}))
	}
}

// racesMakeSessions begins another session for each refresh that comes again before
// its answer was used; onReplay is done to all of these when a refresh token is
// replayed.
func racesMakeSessions(onReplay func(extra *family)) func(*mutation.Server) {
	return func(s *mutation.Server) {
		f := watchFamilies(s)
		seen := map[string]bool{}
		s.OnRequest(refresh, func(r *http.Request) {
			token := mutation.SentText(r, "refresh_token")
			again := false
			f.with(token, func(known *family) {
				if known == nil || !known.isRefresh(token) {
					return
				}
				extras := f.extras(token)
				if known.isReplay(token) || slices.ContainsFunc(extras, func(extra *family) bool { return extra.inUse }) {
					for _, extra := range extras {
						onReplay(extra)
					}
					return
				}
				again = seen[token]
				seen[token] = true
			})
			if again {
				r.Header.Set(extraSession, token)
				mutation.SetPath(r, "/sessions")
				mutation.SetBody(r, mutation.JSON(map[string]any{"session": map[string]string{"email": "root@example.com", "password": "root"}}))
			}
		})
	}
}
