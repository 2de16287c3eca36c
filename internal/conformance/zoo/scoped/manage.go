package scoped

import (
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// managed are mistakes in how tokens are changed and revoked, and in what
// is refused before they are issued.
func managed() []mutation.Mutant {
	return []mutation.Mutant{
		{
			Name: "scoped/no-token-outlives-a-day", Breaks: []string{"SCP-07"},
			Why: "Tokens are kept in a cache that forgets after a day, whatever their end.",
			Change: func(s *mutation.Server) {
				rejects(s, resources, http.StatusUnauthorized, func(g *granted, _ *http.Request) bool {
					return s.Clock.Now().Sub(g.at) > 25*time.Hour
				})
			},
		},
		{
			Name: "scoped/who-sees-a-token-revokes-it", Breaks: []string{"SCP-09"},
			Why: "The scope of an item is compared by its path, and the method counts for lists only.",
			Change: func(s *mutation.Server) {
				accepts(s, revoke, func(g *granted, _ *http.Request) bool { return slices.Contains(g.scopes, "GET /tokens/:id") })
			},
		},
		{
			Name: "scoped/patch-ignored", Breaks: []string{"SCP-19"},
			Why: "Read-only members are filtered out silently, and the rest, nothing, is saved.",
			Change: func(s *mutation.Server) {
				s.Instead(item.With("PATCH"), mutation.Answer(http.StatusOK, map[string]bool{"success": true}))
			},
		},
		{
			Name: "scoped/put-accepted", Breaks: []string{"SCP-19"},
			Why:    "The resource generator made an update route nobody asked for.",
			Change: func(s *mutation.Server) { s.Instead(item.With("PUT"), mutation.Answer(http.StatusNoContent, nil)) },
		},
		{
			Name: "scoped/renames-then-complains", Breaks: []string{"SCP-19"},
			Why: "The check of read-only members runs after the save.",
			Change: func(s *mutation.Server) {
				var mu sync.Mutex
				renamed := map[any]any{}
				s.OnRequest(mutation.AnyOf(item.With("PATCH"), item.With("PUT")), func(r *http.Request) {
					mu.Lock()
					defer mu.Unlock()
					renamed[path.Base(r.URL.Path)] = mutation.SentText(r, "name")
				})
				mutation.ChangesEntries(list, func(entry map[string]any) {
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
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				widened := map[string]bool{}
				s.OnRequest(mutation.AnyOf(item.With("PATCH"), item.With("PUT")), func(r *http.Request) {
					l.with("", func(*granted) { widened[path.Base(r.URL.Path)] = true })
				})
				s.OnRequest(resources, func(r *http.Request) {
					accepted := false
					l.with(mutation.Bearer(r), func(g *granted) { accepted = g != nil && widened[g.id] })
					if accepted {
						mutation.SetBearer(r, l.freshToken())
					}
				})
			},
		},
		{
			Name: "scoped/revocation-hides", Breaks: []string{"SCP-20", "SCP-31"},
			Why: "A revoked token gets a flag that only the list looks at.",
			Change: func(s *mutation.Server) {
				accepts(s, mutation.AnyOf(resources, list), func(g *granted, _ *http.Request) bool { return g.revoked })
			},
		},
		{
			Name: "scoped/revocation-spares-issued", Breaks: []string{"SCP-20"},
			Why: "Only tokens of logins are looked up; the others carry all that is needed.",
			Change: func(s *mutation.Server) {
				accepts(s, resources, func(g *granted, _ *http.Request) bool { return g.revoked && g.issued })
			},
		},
		{
			Name: "scoped/revocation-spares-management", Breaks: []string{"SCP-20"},
			Why: "The resources ask whether a token is revoked, and the list of tokens does not.",
			Change: func(s *mutation.Server) {
				accepts(s, list, func(g *granted, _ *http.Request) bool { return g.revoked })
			},
		},
		{
			Name: "scoped/revoked-lives-a-second", Breaks: []string{"SCP-20", "SCP-31"},
			Why:    "Tokens are cached for a second, and a revocation does not reach the cache.",
			Change: mutation.DeletesLate("scoped"),
		},
		{
			Name: "scoped/revocation-is-404", Breaks: []string{"SCP-20"},
			Why: "The status is that of a look-up after the deletion.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(revoke, func(a *mutation.Reply) { a.Becomes(http.StatusOK, http.StatusNotFound) })
			},
		},
		{
			Name: "scoped/revoked-is-listed", Breaks: []string{"SCP-21"},
			Why: "The list is a log of what was issued.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				s.OnAnswer(list, func(a *mutation.Reply) {
					var entries []any
					if !a.OK() || json.Unmarshal(a.Body, &entries) != nil {
						return
					}
					l.mu.Lock()
					defer l.mu.Unlock()
					for id, g := range l.byID {
						if g.revoked {
							entries = append(entries, map[string]any{"_id": id, "expiresAt": g.ends.UnixMilli()})
						}
					}
					a.Write(entries)
				})
			},
		},
		{
			Name: "scoped/revokes-all", Breaks: []string{"SCP-21"},
			Why: "The deletion is by user, not by id.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				dead := map[string]bool{}
				s.OnAnswer(revoke, func(a *mutation.Reply) {
					if a.OK() {
						l.with("", func(*granted) {
							for token := range l.grants {
								dead[token] = true
							}
						})
					}
				})
				s.Instead(func(r *http.Request) (ended bool) {
					l.with("", func(*granted) { ended = dead[mutation.Bearer(r)] })
					return ended
				}, mutation.Answer(http.StatusUnauthorized, refusal))
			},
		},
		{
			Name: "scoped/unknown-revocation-is-200", Breaks: []string{"SCP-22"},
			Why:    "What is not there is as good as deleted.",
			Change: mutation.ChangesStatus(revoke, http.StatusNotFound, http.StatusOK),
		},
		{
			Name: "scoped/unknown-revocation-is-400", Breaks: []string{"SCP-22"},
			Why:    "An id that does not exist is a bad id.",
			Change: mutation.ChangesStatus(revoke, http.StatusNotFound, http.StatusBadRequest),
		},
		{
			Name: "scoped/wrong-password-is-200", Breaks: []string{"SCP-23", "SCP-24"},
			Why:    "Errors are told in the body, under a status that always says 200.",
			Change: mutation.ChangesStatus(login, http.StatusUnauthorized, http.StatusOK),
		},
		{
			Name: "scoped/token-in-refusal", Breaks: []string{"SCP-23"},
			Why: "The token is made before the password is checked, and the error is rendered with the same template.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) {
					if a.Status == http.StatusUnauthorized {
						a.Set("token", mutation.StrayToken)
					}
				})
			},
		},
		{
			Name: "scoped/wrong-password-is-400", Breaks: []string{"SCP-24"},
			Why: "A wrong password is a bad request.", Change: mutation.ChangesStatus(login, http.StatusUnauthorized, http.StatusBadRequest),
		},
		{
			Name: "scoped/next-login-pays", Breaks: []string{"SCP-23", "SCP-24"},
			Why:    "The count of wrong passwords is compared before the right one resets it.",
			Change: mutation.NextLoginPays(login, isKnown),
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
			Why: "The exception of the parser is not caught.", Change: mutation.CrashesOnBadRequest(newToken),
		},
		{
			Name: "scoped/scopes-unchecked", Breaks: []string{"SCP-25"},
			Why: "Scopes are only read when they are needed, and one that names nothing does no harm.",
			Change: func(s *mutation.Server) {
				s.ScopeMatcher = matcher{check: func([]string) error { return nil }}
			},
		},
		{
			Name: "scoped/token-beside-bad-request", Breaks: []string{"SCP-23", "SCP-25", "SCP-32"},
			Why: "The token is made first and its life set later, and the error shows what there is by then.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(newToken, func(a *mutation.Reply) {
					if a.Status == http.StatusBadRequest {
						a.Set("token", mutation.StrayToken)
					}
				})
			},
		},
		{
			Name: "scoped/login-cacheable", Breaks: []string{"SCP-29"},
			Why: "Nobody thought of caches.", Change: mutation.Cacheable(login),
		},
		{
			Name: "scoped/issue-cacheable", Breaks: []string{"SCP-29"},
			Why: "Only the login was hardened.", Change: mutation.Cacheable(issue),
		},
		{
			Name: "scoped/revoked-is-403", Breaks: []string{"SCP-31"},
			Why: "The token is known, so its end is a question of rights.",
			Change: func(s *mutation.Server) {
				rejects(s, resources, http.StatusForbidden, func(g *granted, _ *http.Request) bool { return g.revoked })
			},
		},
		{
			Name: "scoped/one-scope-as-text", Breaks: []string{"SCP-32"},
			Why: "A single scope may come without a list.",
			Change: func(s *mutation.Server) {
				s.OnRequest(newToken, func(r *http.Request) {
					if asked := mutation.Sent(r); asked != nil {
						if one, ok := asked["scopes"].(string); ok {
							asked["scopes"] = []string{one}
							mutation.SetBody(r, mutation.JSON(asked))
						}
					}
				})
			},
		},
		{
			Name: "scoped/login-takes-forms", Breaks: []string{"SCP-32"},
			Why: "Members of the wrong type are dropped silently.",
			Change: func(s *mutation.Server) {
				s.OnRequest(newToken, func(r *http.Request) {
					if asked := mutation.Sent(r); asked != nil {
						if _, isText := asked["expiresIn"].(string); !isText {
							delete(asked, "expiresIn")
						}
						mutation.SetBody(r, mutation.JSON(asked))
					}
				})
			},
		},
	}
}
