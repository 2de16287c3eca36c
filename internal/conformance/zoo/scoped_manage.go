package zoo

import (
	"encoding/json"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

// scopedManaged are mistakes in how tokens are changed and revoked, and in what
// is refused before they are issued.
func scopedManaged() []Mutant {
	return []Mutant{
		{
			Name: "scoped/patch-ignored", Breaks: []string{"SCP-19"},
			Why: "Read-only members are filtered out silently, and the rest, nothing, is saved.",
			Change: func(s *Server) {
				s.instead(byMethod(scopedToken, "PATCH"), answer(http.StatusOK, map[string]bool{"success": true}))
			},
		},
		{
			Name: "scoped/put-accepted", Breaks: []string{"SCP-19"},
			Why:    "The resource generator made an update route nobody asked for.",
			Change: func(s *Server) { s.instead(byMethod(scopedToken, "PUT"), answer(http.StatusNoContent, nil)) },
		},
		{
			Name: "scoped/renames-then-complains", Breaks: []string{"SCP-19"},
			Why: "The check of read-only members runs after the save.",
			Change: func(s *Server) {
				var mu sync.Mutex
				renamed := map[any]any{}
				s.requests(anyOf(byMethod(scopedToken, "PATCH"), byMethod(scopedToken, "PUT")), func(r *http.Request) {
					mu.Lock()
					defer mu.Unlock()
					renamed[path.Base(r.URL.Path)] = sentText(r, "name")
				})
				listed(scopedList, func(entry map[string]any) {
					mu.Lock()
					defer mu.Unlock()
					if name := renamed[entry["_id"]]; name != nil {
						entry["name"] = name
					}
				})(s)
			},
		},
		{
			Name: "scoped/widens-then-complains", Breaks: []string{"SCP-19"},
			Why: "The scopes in the cache are changed before the change is refused.",
			Change: func(s *Server) {
				l := s.scopedLedger()
				widened := map[string]bool{}
				s.requests(anyOf(byMethod(scopedToken, "PATCH"), byMethod(scopedToken, "PUT")), func(r *http.Request) {
					l.with("", func(*scopedGrant) { widened[path.Base(r.URL.Path)] = true })
				})
				s.requests(scopedPark, func(r *http.Request) {
					opens := false
					l.with(bearer(r), func(g *scopedGrant) { opens = g != nil && widened[g.id] })
					if opens {
						setBearer(r, l.opener())
					}
				})
			},
		},
		{
			Name: "scoped/revocation-hides", Breaks: []string{"SCP-20", "SCP-31"},
			Why: "A revoked token gets a flag that only the list looks at.",
			Change: func(s *Server) {
				s.opens(anyOf(scopedPark, scopedList), func(g *scopedGrant, _ *http.Request) bool { return g.revoked })
			},
		},
		{
			Name: "scoped/revocation-spares-issued", Breaks: []string{"SCP-20"},
			Why: "Only tokens of logins are looked up; the others carry all that is needed.",
			Change: func(s *Server) {
				s.opens(scopedPark, func(g *scopedGrant, _ *http.Request) bool { return g.revoked && g.issued })
			},
		},
		{
			Name: "scoped/revocation-spares-management", Breaks: []string{"SCP-20"},
			Why: "The resources ask whether a token is revoked, and the list of tokens does not.",
			Change: func(s *Server) {
				s.opens(scopedList, func(g *scopedGrant, _ *http.Request) bool { return g.revoked })
			},
		},
		{
			Name: "scoped/revoked-lives-a-second", Breaks: []string{"SCP-20", "SCP-31"},
			Why: "Tokens are cached for a second, and a revocation does not reach the cache.",
			Change: func(s *Server) {
				s.Store = remembering(s.Store, "scoped")
			},
		},
		{
			Name: "scoped/revocation-is-404", Breaks: []string{"SCP-20", "SCP-21", "SCP-22"},
			Why: "The status is that of a look-up after the deletion.",
			Change: func(s *Server) {
				s.answers(scopedRevoke, func(a *reply) { a.becomes(http.StatusOK, http.StatusNotFound) })
			},
		},
		{
			Name: "scoped/revoked-is-listed", Breaks: []string{"SCP-21"},
			Why: "The list is a log of what was issued.",
			Change: func(s *Server) {
				l := s.scopedLedger()
				s.answers(scopedList, func(a *reply) {
					var entries []any
					if !a.ok() || json.Unmarshal(a.Body, &entries) != nil {
						return
					}
					l.mu.Lock()
					defer l.mu.Unlock()
					for id, g := range l.byID {
						if g.revoked {
							entries = append(entries, map[string]any{"_id": id, "expiresAt": g.ends.UnixMilli()})
						}
					}
					a.write(entries)
				})
			},
		},
		{
			Name: "scoped/revokes-all", Breaks: []string{"SCP-21"}, Serial: true,
			Why: "The deletion is by user, not by id.",
			Change: func(s *Server) {
				l := s.scopedLedger()
				dead := map[string]bool{}
				s.answers(scopedRevoke, func(a *reply) {
					if a.ok() {
						l.with("", func(*scopedGrant) {
							for token := range l.grants {
								dead[token] = true
							}
						})
					}
				})
				s.instead(func(r *http.Request) (ended bool) {
					l.with("", func(*scopedGrant) { ended = dead[bearer(r)] })
					return ended
				}, answer(http.StatusUnauthorized, scopedRefusal))
			},
		},
		{
			Name: "scoped/unknown-revocation-is-200", Breaks: []string{"SCP-22"},
			Why:    "What is not there is as good as deleted.",
			Change: changesStatus(scopedRevoke, http.StatusNotFound, http.StatusOK),
		},
		{
			Name: "scoped/unknown-revocation-is-400", Breaks: []string{"SCP-22"},
			Why:    "An id that does not exist is a bad id.",
			Change: changesStatus(scopedRevoke, http.StatusNotFound, http.StatusBadRequest),
		},
		{
			Name: "scoped/wrong-password-is-200", Breaks: []string{"SCP-23", "SCP-24"},
			Why:    "Errors are told in the body, under a status that always says 200.",
			Change: changesStatus(scopedLogin, http.StatusUnauthorized, http.StatusOK),
		},
		{
			Name: "scoped/token-in-refusal", Breaks: []string{"SCP-23"},
			Why: "The token is made before the password is checked, and the error is rendered with the same template.",
			Change: func(s *Server) {
				s.answers(scopedLogin, func(a *reply) {
					if a.Status == http.StatusUnauthorized {
						a.set("token", strayToken)
					}
				})
			},
		},
		{
			Name: "scoped/wrong-password-is-400", Breaks: []string{"SCP-24"},
			Why: "A wrong password is a bad request.", Change: changesStatus(scopedLogin, http.StatusUnauthorized, http.StatusBadRequest),
		},
		{
			Name: "scoped/next-login-pays", Breaks: []string{"SCP-23", "SCP-24"}, Serial: true,
			Why: "The count of wrong passwords is compared before the right one resets it.",
			Change: func(s *Server) {
				s.nextLoginPays(scopedLogin, func(r *http.Request) bool { return sentText(r, "username") == "root" })
			},
		},
		{
			Name: "scoped/life-unread-is-default", Breaks: []string{"SCP-25"},
			Why:    "A life that cannot be read is taken for none.",
			Change: readsLife(func(words string) bool { return words == "soon" }, 24*time.Hour),
		},
		{
			Name: "scoped/negative-life", Breaks: []string{"SCP-25"},
			Why:    "The sign is taken for a dash.",
			Change: readsLife(func(words string) bool { return strings.HasPrefix(words, "-") }, 24*time.Hour),
		},
		{
			Name: "scoped/zero-is-for-ever", Breaks: []string{"SCP-25"},
			Why:    "Zero means without end.",
			Change: readsLife(func(words string) bool { return strings.HasPrefix(words, "0 ") }, wire.MaxLifetime),
		},
		{
			Name: "scoped/life-overflows", Breaks: []string{"SCP-25"},
			Why:    "The multiplication overflows, and what comes out happens to be positive.",
			Change: readsLife(func(words string) bool { return strings.HasPrefix(words, "999999") }, 7*time.Hour),
		},
		{
			Name: "scoped/bad-life-is-500", Breaks: []string{"SCP-25", "SCP-32"},
			Why: "The exception of the parser is not caught.", Change: crashesOnBadRequest(scopedNew),
		},
		{
			Name: "scoped/scopes-unchecked", Breaks: []string{"SCP-25"},
			Why: "Scopes are only read when they are needed, and one that names nothing does no harm.",
			Change: func(s *Server) {
				s.ScopeMatcher = matcher{check: func([]string) error { return nil }}
			},
		},
		{
			Name: "scoped/token-beside-bad-request", Breaks: []string{"SCP-23", "SCP-25", "SCP-32"},
			Why: "The token is made first and its life set later, and the error shows what there is by then.",
			Change: func(s *Server) {
				s.answers(scopedNew, func(a *reply) {
					if a.Status == http.StatusBadRequest {
						a.set("token", strayToken)
					}
				})
			},
		},
		{
			Name: "scoped/login-cacheable", Breaks: []string{"SCP-29"},
			Why: "Nobody thought of caches.", Change: cacheable(scopedLogin),
		},
		{
			Name: "scoped/issue-cacheable", Breaks: []string{"SCP-29"},
			Why: "Only the login was hardened.", Change: cacheable(scopedIssue),
		},
		{
			Name: "scoped/revoked-is-403", Breaks: []string{"SCP-31"},
			Why: "The token is known, so its end is a question of rights.",
			Change: func(s *Server) {
				s.shuts(scopedPark, http.StatusForbidden, func(g *scopedGrant, _ *http.Request) bool { return g.revoked })
			},
		},
		{
			Name: "scoped/one-scope-as-text", Breaks: []string{"SCP-32"},
			Why: "A single scope may come without its list, thought somebody.",
			Change: func(s *Server) {
				s.requests(scopedNew, func(r *http.Request) {
					if asked := sent(r); asked != nil {
						if one, ok := asked["scopes"].(string); ok {
							asked["scopes"] = []string{one}
							setBody(r, encoded(asked))
						}
					}
				})
			},
		},
		{
			Name: "scoped/login-takes-forms", Breaks: []string{"SCP-32"},
			Why: "Members of the wrong type are dropped without a word.",
			Change: func(s *Server) {
				s.requests(scopedNew, func(r *http.Request) {
					if asked := sent(r); asked != nil {
						if _, isText := asked["expiresIn"].(string); !isText {
							delete(asked, "expiresIn")
						}
						setBody(r, encoded(asked))
					}
				})
			},
		},
	}
}
