package zoo

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// sessionRefreshes are mistakes in how tokens are refreshed, and in how long
// they live.
func sessionRefreshes() []Mutant {
	collection := at("GET", "/users")
	ended := map[string]string{"error_message": "this session has ended"}
	return []Mutant{
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
			Name: "session/three-seconds-late", Breaks: []string{"SES-09"},
			Why: "The sweep that ends tokens runs every few seconds, and nothing else looks at their end.",
			Change: func(s *Server) {
				s.Lifetimes.SessionAccess = 10*time.Minute + 3*time.Second
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
				s.oneAtATime(sessionRefresh) // or the newest is old by the time it is sent
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
			Change: strangeRefresh(func(_ *http.Request, known *family) {
				known.noAccess, known.noRefresh = true, true
			}),
		},
		{
			Name: "session/refresh-unverified", Breaks: []string{"SES-17"},
			Why: "The bearer names the session, and the refresh token beside it only has to be there.",
			Change: strangeRefresh(func(r *http.Request, known *family) {
				setBody(r, encoded(map[string]string{"refresh_token": known.newestRefresh()}))
			}),
		},
		{
			Name: "session/failed-refresh-burns-token", Breaks: []string{"SES-17"},
			Why: "The session's refresh token is taken out of the store before the one that came is compared with it.",
			Change: strangeRefresh(func(_ *http.Request, known *family) {
				known.noRefresh = true
			}),
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
