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

// tokens are mistakes in how tokens are issued, listed and revoked, and
// in how long they live.
func tokens() []mutation.Mutant {
	return []mutation.Mutant{
		{
			Name: "scoped/user-as-text", Breaks: []string{"SCP-01"},
			Why: "An object with one member seemed too much.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) { a.SetWhereOK("user", "root") })
			},
		},
		{
			Name: "scoped/login-as-text", Breaks: []string{"SCP-01"},
			Why: "The answer is written by hand, and the type is guessed.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) { a.Header.Set("Content-Type", "text/plain") })
			},
		},
		{
			Name: "scoped/times-in-seconds", Breaks: []string{"SCP-01", "SCP-02", "SCP-03", "SCP-04", "SCP-13"}, Hides: []string{"SCP-07", "SCP-15"},
			Why: "Times are epoch seconds everywhere else.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) {
					if a.OK() {
						issued, ends := millis(a, "issuedAt").Unix(), millis(a, "expiresAt").Unix()
						a.Set("issuedAt", issued)
						a.Set("expiresAt", ends)
					}
				})
			},
		},
		{
			Name: "scoped/default-a-second-short", Breaks: []string{"SCP-02"},
			Why:    "The last second of the day is taken for its end.",
			Change: func(s *mutation.Server) { s.Lifetimes.Scoped = 24*time.Hour - time.Second },
		},
		{
			Name: "scoped/default-until-midnight", Breaks: []string{"SCP-02"},
			Why:    "One day is today.",
			Change: func(s *mutation.Server) { s.Lifetimes.Scoped = 9 * time.Hour },
		},
		{
			Name: "scoped/minutes-are-months", Breaks: []string{"SCP-03"},
			Why: "The parser looks at the first letter of the unit.",
			Change: lives(func(words string, life time.Duration) time.Duration {
				if strings.HasSuffix(words, "minutes") {
					return life * 60 * 24 * 30
				}
				return life
			}),
		},
		{
			Name: "scoped/life-a-second-short", Breaks: []string{"SCP-03", "SCP-04", "SCP-15"},
			Why:    "The end is the last second in which the token is good.",
			Change: lives(func(_ string, life time.Duration) time.Duration { return life - time.Second }),
		},
		{
			Name: "scoped/year-of-twelve-months", Breaks: []string{"SCP-04"},
			Why: "A year is twelve months of thirty days.",
			Change: lives(func(words string, life time.Duration) time.Duration {
				if strings.HasSuffix(words, "years") {
					return life / 365 * 360
				}
				return life
			}),
		},
		{
			Name: "scoped/years-capped", Breaks: []string{"SCP-04"},
			Why: "The operator allows no token to live longer than a year, and the client is not told.",
			Change: lives(func(_ string, life time.Duration) time.Duration {
				return min(life, 365*24*time.Hour)
			}),
		},
		{
			Name: "scoped/late-expiry", Breaks: []string{"SCP-07"},
			Why: "Clocks differ, so tokens are given a minute of leeway.",
			Change: func(s *mutation.Server) {
				accepts(s, resources, func(g *granted, _ *http.Request) bool {
					now := s.Clock.Now()
					return !now.Before(g.ends) && now.Before(g.ends.Add(time.Minute))
				})
			},
		},
		{
			Name: "scoped/early-expiry", Breaks: []string{"SCP-07"},
			Why: "A safety margin that belongs to clients is taken off by the server.",
			Change: func(s *mutation.Server) {
				rejects(s, resources, http.StatusUnauthorized, func(g *granted, _ *http.Request) bool {
					return s.Clock.Now().After(g.ends.Add(-time.Minute))
				})
			},
		},
		{
			Name: "scoped/expiry-half-a-second-late", Breaks: []string{"SCP-07"},
			Why: "Sessions are cached for half a second, and the end is not looked at in the cache.",
			Change: func(s *mutation.Server) {
				accepts(s, resources, func(g *granted, _ *http.Request) bool {
					now := s.Clock.Now()
					return !now.Before(g.ends) && now.Before(g.ends.Add(time.Second/2))
				})
			},
		},
		{
			Name: "scoped/expiry-half-a-second-early", Breaks: []string{"SCP-07"},
			Why: "The end is rounded to whole seconds after it was announced.",
			Change: func(s *mutation.Server) {
				rejects(s, resources, http.StatusUnauthorized, func(g *granted, _ *http.Request) bool {
					return s.Clock.Now().After(g.ends.Add(-time.Second / 2))
				})
			},
		},
		{
			Name: "scoped/expired-is-403", Breaks: []string{"SCP-07"},
			Why: "The token is known, so its end is a question of rights.",
			Change: func(s *mutation.Server) {
				rejects(s, resources, http.StatusForbidden, func(g *granted, _ *http.Request) bool {
					return !s.Clock.Now().Before(g.ends)
				})
			},
		},
		{
			Name: "scoped/list-without-scopes", Breaks: []string{"SCP-13"},
			Why:    "The list shows what fits into a table.",
			Change: mutation.ChangesEntries(list, func(entry map[string]any) { delete(entry, "scopes") }),
		},
		{
			Name: "scoped/list-without-names", Breaks: []string{"SCP-13", "SCP-15"},
			Why:    "Names were added to the issue and forgotten in the list.",
			Change: mutation.ChangesEntries(list, func(entry map[string]any) { delete(entry, "name") }),
		},
		{
			Name: "scoped/list-in-seconds", Breaks: []string{"SCP-13"},
			Why: "The list was written by another team, in epoch seconds.",
			Change: mutation.ChangesEntries(list, func(entry map[string]any) {
				if ends, ok := entry["expiresAt"].(float64); ok {
					entry["expiresAt"] = int64(ends / 1000)
				}
			}),
		},
		{
			Name: "scoped/list-hides-unlimited", Breaks: []string{"SCP-13"},
			Why: "A token without scopes is taken for a session of the pages and left out.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(list, func(a *mutation.Reply) {
					if entries := a.Entries(); a.OK() && entries != nil {
						a.Write(slices.DeleteFunc(entries, func(entry map[string]any) bool { return entry["scopes"] == nil }))
					}
				})
			},
		},
		{
			Name: "scoped/list-shows-token", Breaks: []string{"SCP-14"},
			Why: "The list is a dump of the table, and the table has the token.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				mutation.ChangesEntries(list, func(entry map[string]any) {
					l.mu.Lock()
					defer l.mu.Unlock()
					if id, ok := entry["_id"].(string); ok && l.byID[id] != nil {
						entry["value"] = l.byID[id].token
					}
				})(s)
			},
		},
		{
			Name: "scoped/one-token-shows-itself", Breaks: []string{"SCP-14"},
			Why:    "A token that is asked for by its id is shown with all it has.",
			Change: showsToken(http.MethodGet),
		},
		{
			Name: "scoped/revocation-shows-token", Breaks: []string{"SCP-14"},
			Why:    "A deletion answers what was deleted, whole.",
			Change: showsToken(http.MethodDelete),
		},
		{
			Name: "scoped/issue-ignores-life", Breaks: []string{"SCP-15"},
			Why:    "A token that is issued with another lives as long as that one.",
			Change: dropsAsked("expiresIn"),
		},
		{
			Name: "scoped/issued-ends-with-its-issuer", Breaks: []string{"SCP-15"},
			Why: "A token is looked up together with the one that issued it, and the sweeper removes that one at its end.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				var mu sync.Mutex
				ends := map[string]time.Time{} // by the token that was issued
				s.Instead(func(r *http.Request) bool {
					mu.Lock()
					defer mu.Unlock()
					end, known := ends[mutation.Bearer(r)]
					return known && !s.Clock.Now().Before(end)
				}, mutation.Answer(http.StatusUnauthorized, refusal))
				s.OnAnswer(issue, func(a *mutation.Reply) {
					l.with(mutation.Bearer(a.Request), func(issuer *granted) {
						if issuer != nil && a.OK() {
							mu.Lock()
							defer mu.Unlock()
							ends[a.Member("token")] = issuer.ends
						}
					})
				})
			},
		},
		{
			Name: "scoped/issue-ignores-scopes", Breaks: []string{"SCP-13", "SCP-15"},
			Why:    "What the issuer may do, the issued token may do.",
			Change: dropsAsked("scopes"),
		},
		{
			Name: "scoped/issue-ignores-name", Breaks: []string{"SCP-13", "SCP-15"},
			Why: "Names are given in the pages only.", Change: dropsAsked("name"),
		},
		{
			Name: "scoped/name-required", Breaks: []string{"SCP-16"},
			Why: "The table has a column for the name that may not be null.",
			Change: func(s *mutation.Server) {
				s.Instead(func(r *http.Request) bool {
					asked := mutation.Sent(r)
					return issue(r) && asked != nil && asked["name"] == nil
				}, mutation.Answer(http.StatusBadRequest, refusal))
			},
		},
		{
			Name: "scoped/unnamed-is-draft", Breaks: []string{"SCP-16"},
			Why: "A token without a name is kept as a draft, and a draft grants no access.",
			Change: func(s *mutation.Server) {
				rejects(s, resources, http.StatusUnauthorized, func(g *granted, _ *http.Request) bool { return g.issued && g.name == "" })
			},
		},
		{
			Name: "scoped/issue-open-to-all-scopes", Breaks: []string{"SCP-17"},
			Why: "Managing tokens is thought to be no method that a scope names.",
			Change: func(s *mutation.Server) {
				accepts(s, issue, func(g *granted, _ *http.Request) bool {
					return g.scopes != nil && !slices.Contains(g.scopes, "POST /tokens")
				})
			},
		},
		{
			Name: "scoped/issue-refused-with-401", Breaks: []string{"SCP-17"},
			Why: "401 and 403 are mixed up.", Change: mutation.ChangesStatus(issue, http.StatusForbidden, http.StatusUnauthorized),
		},
		{
			Name: "scoped/issues-wider", Breaks: []string{"SCP-18"},
			Why: "The scopes of the new token are checked for their grammar only.",
			Change: func(s *mutation.Server) {
				s.ScopeMatcher = matcher{covers: func([]string, []string) bool { return true }}
			},
		},
		{
			Name: "scoped/issues-unlimited", Breaks: []string{"SCP-18"},
			Why: "Without scopes in the request there is nothing to compare, and no scopes are all rights.",
			Change: func(s *mutation.Server) {
				accepts(s, issue, func(g *granted, r *http.Request) bool {
					asked := mutation.Sent(r)
					return slices.Contains(g.scopes, "POST /tokens") && asked != nil && asked["scopes"] == nil
				})
			},
		},
		{
			Name: "scoped/limited-issues-nothing", Breaks: []string{"SCP-17", "SCP-18"},
			Why: "A limited token issues none, as a precaution.",
			Change: func(s *mutation.Server) {
				rejects(s, issue, http.StatusForbidden, func(g *granted, _ *http.Request) bool { return g.scopes != nil })
			},
		},
	}
}

// lives changes the lives that were read.
func lives(change func(words string, life time.Duration) time.Duration) func(*mutation.Server) {
	return func(s *mutation.Server) {
		s.LifetimeParser = func(words string) (time.Duration, error) {
			life, err := wire.ParseLifetime(words)
			if err != nil {
				return 0, err
			}
			return change(words, life), nil
		}
	}
}

// readsLife takes words for a life that are none.
func readsLife(which func(words string) bool, life time.Duration) func(*mutation.Server) {
	return func(s *mutation.Server) {
		s.LifetimeParser = func(words string) (time.Duration, error) {
			if which(words) {
				return life, nil
			}
			return wire.ParseLifetime(words)
		}
	}
}

// dropsAsked ignores a member of what a token is asked for with another, once
// it was found to be right.
func dropsAsked(member string) func(*mutation.Server) {
	return func(s *mutation.Server) {
		s.OnRequest(issue, func(r *http.Request) {
			asked := mutation.Sent(r)
			if _, there := asked[member]; there && s.Try(r).OK() {
				delete(asked, member)
				mutation.SetBody(r, mutation.JSON(asked))
			}
		})
	}
}

// showsToken answers a method of a token's own path with its value.
func showsToken(method string) func(*mutation.Server) {
	return func(s *mutation.Server) {
		l := newLedger(s)
		s.OnAnswer(item.With(method), func(a *mutation.Reply) {
			l.mu.Lock()
			defer l.mu.Unlock()
			if g := l.byID[path.Base(a.Request.URL.Path)]; g != nil && a.Status != http.StatusForbidden && a.Status != http.StatusUnauthorized {
				a.Replace(http.StatusOK, map[string]string{"_id": g.id, "token": g.token})
			}
		})
	}
}

// millis is a member that is a time in epoch milliseconds.
func millis(a *mutation.Reply, name string) time.Time {
	number, _ := a.Members()[name].(json.Number)
	count, err := number.Int64()
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(count)
}
