package zoo

import (
	"net/http"
	"path"
	"strings"
	"sync"
)

// sessionExtras are mistakes in the list of sessions, API keys, languages and
// inflections.
func sessionExtras() []Mutant {
	list := at("GET", "/sessions")
	item := at("*", "/sessions/*")
	return []Mutant{
		{
			Name: "session/address-hidden", Breaks: []string{"SES-18"},
			Why:    "The address is personal data, and somebody took it out of the list.",
			Change: listed(list, func(entry map[string]any) { delete(entry, "ip_address") }),
		},
		{
			Name: "session/address-no-address", Breaks: []string{"SES-18"},
			Why:    "Behind the proxy the address was always the same, so it shows the proxy's name.",
			Change: listed(list, func(entry map[string]any) { entry["ip_address"] = "gateway" }),
		},
		{
			Name: "session/device-hidden", Breaks: []string{"SES-18", "SES-19", "SES-20", "SES-26"},
			Why:    "Only the name of the client is kept, without version and comment, so sessions cannot be told apart.",
			Change: listed(list, func(entry map[string]any) { entry["user_agent"] = "dragoman-conformance" }),
		},
		{
			Name: "session/device-elsewhere", Breaks: []string{"SES-18"},
			Why: "The device is shown as the name of a browser, and what came is kept for the support.",
			Change: listed(list, func(entry map[string]any) {
				entry["user_agent"], entry["debug"] = "Firefox", entry["user_agent"]
			}),
		},
		{
			Name: "session/user-hidden", Breaks: []string{"SES-18"},
			Why:    "Everybody sees only his own sessions, so the user seemed needless.",
			Change: listed(list, func(entry map[string]any) { entry["user"] = nil }),
		},
		{
			Name: "session/another-user", Breaks: []string{"SES-18"},
			Why:    "A join over the wrong column.",
			Change: listed(list, func(entry map[string]any) { entry["user"] = "clerk@example.com" }),
		},
		{
			Name: "session/patch-ignored", Breaks: []string{"SES-19"},
			Why: "Read-only members are filtered out silently, and the rest, nothing, is saved.",
			Change: func(s *Server) {
				s.instead(byMethod(item, "PATCH"), answer(http.StatusOK, map[string]any{}))
			},
		},
		{
			Name: "session/put-accepted", Breaks: []string{"SES-19"},
			Why: "The resource generator made an update route nobody asked for.",
			Change: func(s *Server) {
				s.instead(byMethod(item, "PUT"), answer(http.StatusAccepted, map[string]any{}))
			},
		},
		{
			Name: "session/changes-then-complains", Breaks: []string{"SES-19"},
			Why: "The check of read-only members runs after the save.",
			Change: func(s *Server) {
				var mu sync.Mutex
				changed := map[any]bool{}
				s.requests(item, func(r *http.Request) {
					if r.Method == http.MethodPatch || r.Method == http.MethodPut {
						mu.Lock()
						defer mu.Unlock()
						changed[path.Base(r.URL.Path)] = true
					}
				})
				listed(list, func(entry map[string]any) {
					mu.Lock()
					defer mu.Unlock()
					if changed[entry["id"]] {
						entry["ip_address"] = "192.0.2.99"
					}
				})(s)
			},
		},
		{
			Name: "session/end-spares-access", Breaks: []string{"SES-20"},
			Why:    "Access tokens are verified without the store, so they live until their end.",
			Change: endsOnly(func(f *family) { f.noRefresh = true }),
		},
		{
			Name: "session/end-spares-refresh", Breaks: []string{"SES-20"},
			Why:    "Ending a session deletes its access token and forgets the other.",
			Change: endsOnly(func(f *family) { f.noAccess = true }),
		},
		{
			Name: "session/end-hides", Breaks: []string{"SES-20"},
			Why:    "An ended session gets a flag that only the list looks at.",
			Change: endsOnly(func(*family) {}),
		},
		{
			Name: "session/end-counts-for-its-bearer", Breaks: []string{"SES-20"},
			Why: "The refresh asks whether the session of the bearer has ended, not that of the refresh token.",
			Change: func(s *Server) {
				f := s.families()
				endsOnly(func(f *family) { f.noAccess = true })(s)
				s.wrapRefresh(f)
			},
		},
		{
			Name: "session/ended-lives-a-second", Breaks: []string{"SES-14", "SES-20"},
			Why:    "Sessions are cached for a second, and ending one does not reach the cache.",
			Change: func(s *Server) { s.Store = remembering(s.Store, "session") },
		},
		{
			Name: "session/end-ends-all", Breaks: []string{"SES-20", "SES-26"}, Serial: true,
			Why: "Ending a session deletes by user instead of by session.",
			Change: func(s *Server) {
				f := s.families()
				s.answers(item, func(a *reply) {
					if a.ok() && a.Request.Method == http.MethodDelete {
						f.with("", f.endAllBut)
					}
				})
			},
		},
		{
			Name: "session/key-may-everything", Breaks: []string{"SES-21"},
			Why:    "A key is as good as its owner; its permissions are only shown.",
			Change: func(s *Server) { s.Accounts[0].APIKeys[0].Permissions = []string{"*"} },
		},
		{
			Name: "session/key-denied-with-401", Breaks: []string{"SES-21"},
			Why:    "401 and 403 are mixed up where a key is used.",
			Change: changesStatus(withKey, http.StatusForbidden, http.StatusUnauthorized),
		},
		{
			Name: "session/key-compared-in-part", Breaks: []string{"SES-21"},
			Why: "Keys are found by their first characters, and what follows is not compared.",
			Change: func(s *Server) {
				key := s.Accounts[0].APIKeys[0].Key
				s.requests(withKey, func(r *http.Request) {
					if strings.HasPrefix(r.Header.Get("X-Api-Key"), key[:8]) {
						r.Header.Set("X-Api-Key", key)
					}
				})
			},
		},
		{
			Name: "session/key-unread", Breaks: []string{"SES-21"},
			Why:    "Keys are only read from the query.",
			Change: func(s *Server) { s.requests(withKey, func(r *http.Request) { r.Header.Del("X-Api-Key") }) },
		},
		{
			Name: "session/italian-login-missing", Breaks: []string{"SES-22"},
			Why:    "Only the pages were translated.",
			Change: func(s *Server) { s.instead(at("POST", "/sessioni"), answer(http.StatusNotFound, map[string]any{})) },
		},
		{
			Name: "session/italian-login-older", Breaks: []string{"SES-22"},
			Why:    "The Italian path still leads to the controller of the last version.",
			Change: func(s *Server) { s.answers(at("POST", "/sessioni"), func(a *reply) { a.drop("token_type") }) },
		},
		{
			Name: "session/italian-collection-missing", Breaks: []string{"SES-22"},
			Why:    "Only the login was translated.",
			Change: func(s *Server) { s.instead(at("GET", "/utenti"), answer(http.StatusNotFound, map[string]any{})) },
		},
		{
			Name: "session/italian-collection-public", Breaks: []string{"SES-22"},
			Why:    "The filter lists the paths that need a token, in English.",
			Change: func(s *Server) { s.answers(at("GET", "/utenti"), func(a *reply) { a.Status = http.StatusOK }) },
		},
		{
			Name: "session/italian-tokens-elsewhere", Breaks: []string{"SES-22"},
			Why: "The path of the refresh was translated with all the others.",
			Change: func(s *Server) {
				f := s.families()
				s.instead(func(r *http.Request) (elsewhere bool) {
					f.with(sentText(r, "refresh_token"), func(known *family) {
						elsewhere = sessionRefresh(r) && known != nil && known.localised
					})
					return elsewhere
				}, answer(http.StatusNotFound, map[string]any{}))
			},
		},
		{
			Name: "session/inflection-ignored", Breaks: []string{"SES-23"},
			Why: "The header came with a later version of the interface.",
			Change: func(s *Server) {
				s.requests(sessionLogin, func(r *http.Request) { r.Header.Del("X-Api-Inflection") })
			},
		},
		{
			Name: "session/inflection-snake-unknown", Breaks: []string{"SES-23"},
			Why: "The case that is the default is not among those that can be asked for.",
			Change: func(s *Server) {
				s.instead(func(r *http.Request) bool { return r.Header.Get("X-Api-Inflection") == "snake" },
					answer(http.StatusBadRequest, map[string]any{}))
			},
		},
	}
}

// withKey selects requests with an API key.
func withKey(r *http.Request) bool { return r.Header.Get("X-Api-Key") != "" }

// listed changes each entry of a JSON array.
func listed(where match, change func(entry map[string]any)) func(*Server) {
	return func(s *Server) {
		s.answers(where, func(a *reply) {
			entries := a.entries()
			if !a.ok() || entries == nil {
				return
			}
			for _, entry := range entries {
				change(entry)
			}
			a.write(entries)
		})
	}
}

// endsOnly answers the end of a session with success and does no more to its
// tokens than what do does.
func endsOnly(do func(*family)) func(*Server) {
	return func(s *Server) {
		f := s.families()
		s.instead(at("DELETE", "/sessions/*"), func(w http.ResponseWriter, r *http.Request) {
			f.with(bearer(r), func(known *family) {
				if known != nil {
					do(known)
				}
			})
			w.WriteHeader(http.StatusNoContent)
		})
	}
}

// wrapRefresh gives a refresh token the bearer of its own session where that
// of another session stands beside it, and refuses it where its own one does
// and has ended.
func (s *Server) wrapRefresh(f *families) {
	s.wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if sessionRefresh(r) {
				ended := false
				f.with(sentText(r, "refresh_token"), func(own *family) {
					beside := f.byToken[bearer(r)]
					ended = beside != nil && beside.noAccess
					if own != nil {
						setBearer(r, own.newestAccess())
					}
				})
				if ended {
					answer(http.StatusUnauthorized, map[string]any{})(w, r)
					return
				}
			}
			inner.ServeHTTP(w, r)
		})
	})
}
