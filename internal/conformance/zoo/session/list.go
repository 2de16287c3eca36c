package session

import (
	"net/http"
	"path"
	"sync"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// listed are mistakes in the list of sessions, and in how one is ended.
func listed() []mutation.Mutant {
	list := mutation.At("GET", "/sessions")
	item := mutation.At("*", "/sessions/*")
	return []mutation.Mutant{
		{
			Name: "session/address-hidden", Breaks: []string{"SES-18"},
			Why:    "The address is personal data, and somebody took it out of the list.",
			Change: mutation.ChangesEntries(list, func(entry map[string]any) { delete(entry, "ip_address") }),
		},
		{
			Name: "session/address-no-address", Breaks: []string{"SES-18"},
			Why:    "Behind the proxy the address was always the same, so it shows the proxy's name.",
			Change: mutation.ChangesEntries(list, func(entry map[string]any) { entry["ip_address"] = "gateway" }),
		},
		{
			Name: "session/device-hidden", Breaks: []string{"SES-18"},
			Why:    "Only the name of the client is kept, without version and comment, so sessions cannot be told apart.",
			Change: mutation.ChangesEntries(list, func(entry map[string]any) { entry["user_agent"] = "dragoman-conformance" }),
		},
		{
			Name: "session/device-elsewhere", Breaks: []string{"SES-18"},
			Why: "The device is shown as the name of a browser, and what came is kept for the support.",
			Change: mutation.ChangesEntries(list, func(entry map[string]any) {
				entry["user_agent"], entry["debug"] = "Firefox", entry["user_agent"]
			}),
		},
		{
			Name: "session/user-hidden", Breaks: []string{"SES-18"},
			Why:    "Everybody sees only their own sessions, so the user seemed needless.",
			Change: mutation.ChangesEntries(list, func(entry map[string]any) { entry["user"] = nil }),
		},
		{
			Name: "session/another-user", Breaks: []string{"SES-18"},
			Why:    "A join over the wrong column.",
			Change: mutation.ChangesEntries(list, func(entry map[string]any) { entry["user"] = "clerk@example.com" }),
		},
		{
			Name: "session/patch-ignored", Breaks: []string{"SES-19"},
			Why: "Read-only members are filtered out silently, and the rest, nothing, is saved.",
			Change: func(s *mutation.Server) {
				s.Instead(item.With("PATCH"), mutation.Answer(http.StatusOK, map[string]any{}))
			},
		},
		{
			Name: "session/put-accepted", Breaks: []string{"SES-19"},
			Why: "The resource generator made an update route nobody asked for.",
			Change: func(s *mutation.Server) {
				s.Instead(item.With("PUT"), mutation.Answer(http.StatusAccepted, map[string]any{}))
			},
		},
		{
			Name: "session/changes-then-complains", Breaks: []string{"SES-19"},
			Why: "The check of read-only members runs after the save.",
			Change: func(s *mutation.Server) {
				var mu sync.Mutex
				changed := map[any]bool{}
				s.OnRequest(item, func(r *http.Request) {
					if r.Method == http.MethodPatch || r.Method == http.MethodPut {
						mu.Lock()
						defer mu.Unlock()
						changed[path.Base(r.URL.Path)] = true
					}
				})
				mutation.ChangesEntries(list, func(entry map[string]any) {
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
			Change: func(s *mutation.Server) {
				f := watchFamilies(s)
				endsOnly(func(f *family) { f.noAccess = true })(s)
				refreshesByOwner(s, f)
			},
		},
		{
			Name: "session/ended-lives-a-second", Breaks: []string{"SES-14", "SES-20"},
			Why:    "Sessions are cached for a second, and ending one does not reach the cache.",
			Change: mutation.DeletesLate("session"),
		},
		{
			Name: "session/end-ends-all", Breaks: []string{"SES-20", "SES-26"},
			Why: "Ending a session deletes by user instead of by session.",
			Change: func(s *mutation.Server) {
				f := watchFamilies(s)
				s.OnAnswer(item, func(a *mutation.Reply) {
					if a.OK() && a.Request.Method == http.MethodDelete {
						f.with("", f.endAllBut)
					}
				})
			},
		},
	}
}

// endsOnly answers the end of a session with success and does no more to its
// tokens than what do does.
func endsOnly(do func(*family)) func(*mutation.Server) {
	return func(s *mutation.Server) {
		f := watchFamilies(s)
		s.Instead(mutation.At("DELETE", "/sessions/*"), func(w http.ResponseWriter, r *http.Request) {
			f.with(mutation.Bearer(r), func(known *family) {
				if known != nil {
					do(known)
				}
			})
			w.WriteHeader(http.StatusNoContent)
		})
	}
}

// refreshesByOwner gives a refresh token the bearer of its own session where
// that of another session stands beside it, and rejects it where its own one
// does and has ended.
func refreshesByOwner(s *mutation.Server, f *families) {
	s.Wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if refresh(r) {
				ended := false
				f.with(mutation.SentText(r, "refresh_token"), func(own *family) {
					beside := f.byToken[mutation.Bearer(r)]
					ended = beside != nil && beside.noAccess
					if own != nil {
						mutation.SetBearer(r, own.newestAccess())
					}
				})
				if ended {
					mutation.Answer(http.StatusUnauthorized, map[string]any{})(w, r)
					return
				}
			}
			inner.ServeHTTP(w, r)
		})
	})
}
