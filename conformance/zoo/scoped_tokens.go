package zoo

import (
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/sdk/wire"
)

// scopedTokens are mistakes in how tokens are issued, listed and revoked, and
// in how long they live.
func scopedTokens() []Mutant {
	return []Mutant{
		{
			Name: "scoped/user-as-text", Breaks: []string{"SCP-01"},
			Why: "An object with one member seemed too much.",
			Change: func(s *Server) {
				s.answers(scopedLogin, func(a *reply) { a.setWhereOK("user", "root") })
			},
		},
		{
			Name: "scoped/login-as-text", Breaks: []string{"SCP-01"},
			Why: "The answer is written by hand, and the type is guessed.",
			Change: func(s *Server) {
				s.answers(scopedLogin, func(a *reply) { a.Header.Set("Content-Type", "text/plain") })
			},
		},
		{
			Name: "scoped/times-in-seconds", Breaks: []string{"SCP-01", "SCP-02", "SCP-03", "SCP-04", "SCP-07", "SCP-13"},
			Why: "Times are epoch seconds everywhere else.",
			Change: func(s *Server) {
				s.answers(scopedLogin, func(a *reply) {
					if a.ok() {
						issued, ends := a.millis("issuedAt").Unix(), a.millis("expiresAt").Unix()
						a.set("issuedAt", issued)
						a.set("expiresAt", ends)
					}
				})
			},
		},
		{
			Name: "scoped/default-a-second-short", Breaks: []string{"SCP-02"},
			Why:    "The last second of the day is taken for its end.",
			Change: func(s *Server) { s.Lifetimes.Scoped = 24*time.Hour - time.Second },
		},
		{
			Name: "scoped/default-until-midnight", Breaks: []string{"SCP-02"},
			Why:    "One day is today.",
			Change: func(s *Server) { s.Lifetimes.Scoped = 9 * time.Hour },
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
			Why: "No token lives longer than a year, says the house, and nobody says so to the client.",
			Change: lives(func(_ string, life time.Duration) time.Duration {
				return min(life, 365*24*time.Hour)
			}),
		},
		{
			Name: "scoped/late-expiry", Breaks: []string{"SCP-07"},
			Why: "Clocks differ, so tokens are given a minute of leeway.",
			Change: func(s *Server) {
				s.opens(scopedPark, func(g *scopedGrant, _ *http.Request) bool {
					now := s.Clock.Now()
					return !now.Before(g.ends) && now.Before(g.ends.Add(time.Minute))
				})
			},
		},
		{
			Name: "scoped/early-expiry", Breaks: []string{"SCP-07"},
			Why: "A safety margin that belongs to clients is taken off by the server.",
			Change: func(s *Server) {
				s.shuts(scopedPark, http.StatusUnauthorized, func(g *scopedGrant, _ *http.Request) bool {
					return s.Clock.Now().After(g.ends.Add(-time.Minute))
				})
			},
		},
		{
			Name: "scoped/expired-is-403", Breaks: []string{"SCP-07"},
			Why: "The token is known, so its end is a question of rights.",
			Change: func(s *Server) {
				s.shuts(scopedPark, http.StatusForbidden, func(g *scopedGrant, _ *http.Request) bool {
					return !s.Clock.Now().Before(g.ends)
				})
			},
		},
		{
			Name: "scoped/list-without-scopes", Breaks: []string{"SCP-13"},
			Why:    "The list shows what fits into a table.",
			Change: listed(scopedList, func(entry map[string]any) { delete(entry, "scopes") }),
		},
		{
			Name: "scoped/list-without-names", Breaks: []string{"SCP-13", "SCP-15"},
			Why:    "Names were added to the issue and forgotten in the list.",
			Change: listed(scopedList, func(entry map[string]any) { delete(entry, "name") }),
		},
		{
			Name: "scoped/list-in-seconds", Breaks: []string{"SCP-13"},
			Why: "The list is made by another hand, in epoch seconds.",
			Change: listed(scopedList, func(entry map[string]any) {
				if ends, ok := entry["expiresAt"].(float64); ok {
					entry["expiresAt"] = int64(ends / 1000)
				}
			}),
		},
		{
			Name: "scoped/list-hides-unlimited", Breaks: []string{"SCP-13", "SCP-21"},
			Why: "A token without scopes is taken for a session of the pages and left out.",
			Change: func(s *Server) {
				s.answers(scopedList, func(a *reply) {
					if entries := a.entries(); a.ok() && entries != nil {
						a.write(slices.DeleteFunc(entries, func(entry map[string]any) bool { return entry["scopes"] == nil }))
					}
				})
			},
		},
		{
			Name: "scoped/list-shows-token", Breaks: []string{"SCP-14"},
			Why: "The list is a dump of the table, and the table has the token.",
			Change: func(s *Server) {
				l := s.scopedLedger()
				listed(scopedList, func(entry map[string]any) {
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
			Change: func(s *Server) {
				s.instead(func(r *http.Request) bool {
					asked := sent(r)
					return scopedIssue(r) && asked != nil && asked["name"] == nil
				}, answer(http.StatusBadRequest, scopedRefusal))
			},
		},
		{
			Name: "scoped/unnamed-is-draft", Breaks: []string{"SCP-16"},
			Why: "A token without a name is kept as a draft, and a draft opens nothing.",
			Change: func(s *Server) {
				s.shuts(scopedPark, http.StatusUnauthorized, func(g *scopedGrant, _ *http.Request) bool { return g.issued && g.name == "" })
			},
		},
		{
			Name: "scoped/issue-open-to-all-scopes", Breaks: []string{"SCP-17"},
			Why: "Managing tokens is thought to be no method that a scope names.",
			Change: func(s *Server) {
				s.opens(scopedIssue, func(g *scopedGrant, _ *http.Request) bool {
					return g.scopes != nil && !slices.Contains(g.scopes, "POST /tokens")
				})
			},
		},
		{
			Name: "scoped/issue-refused-with-401", Breaks: []string{"SCP-17"},
			Why: "401 and 403 are mixed up.", Change: changesStatus(scopedIssue, http.StatusForbidden, http.StatusUnauthorized),
		},
		{
			Name: "scoped/issues-wider", Breaks: []string{"SCP-18"},
			Why: "The scopes of the new token are checked for their grammar only.",
			Change: func(s *Server) {
				s.ScopeMatcher = matcher{covers: func([]string, []string) bool { return true }}
			},
		},
		{
			Name: "scoped/issues-unlimited", Breaks: []string{"SCP-18"},
			Why: "Without scopes in the request there is nothing to compare, and no scopes are all rights.",
			Change: func(s *Server) {
				s.opens(scopedIssue, func(g *scopedGrant, r *http.Request) bool {
					asked := sent(r)
					return slices.Contains(g.scopes, "POST /tokens") && asked != nil && asked["scopes"] == nil
				})
			},
		},
		{
			Name: "scoped/limited-issues-nothing", Breaks: []string{"SCP-17", "SCP-18"},
			Why: "A limited token issues none, to be on the safe side.",
			Change: func(s *Server) {
				s.shuts(scopedIssue, http.StatusForbidden, func(g *scopedGrant, _ *http.Request) bool { return g.scopes != nil })
			},
		},
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
				s.Store = remembering(s.Store, "scoped", time.Second)
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
			Name: "scoped/token-beside-bad-request", Breaks: []string{"SCP-25", "SCP-32"},
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

// lives changes the lives that were read.
func lives(change func(words string, life time.Duration) time.Duration) func(*Server) {
	return func(s *Server) {
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
func readsLife(which func(words string) bool, life time.Duration) func(*Server) {
	return func(s *Server) {
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
func dropsAsked(member string) func(*Server) {
	return func(s *Server) {
		s.requests(scopedIssue, func(r *http.Request) {
			asked := sent(r)
			if _, there := asked[member]; there && s.tried(r).ok() {
				delete(asked, member)
				setBody(r, encoded(asked))
			}
		})
	}
}

// showsToken answers a method of a token's own path with its value.
func showsToken(method string) func(*Server) {
	return func(s *Server) {
		l := s.scopedLedger()
		s.answers(byMethod(scopedToken, method), func(a *reply) {
			l.mu.Lock()
			defer l.mu.Unlock()
			if g := l.byID[path.Base(a.Request.URL.Path)]; g != nil {
				a.refuse(http.StatusOK, map[string]string{"_id": g.id, "token": g.token})
			}
		})
	}
}

// byMethod narrows a match down to one method.
func byMethod(where match, method string) match {
	return func(r *http.Request) bool { return where(r) && r.Method == method }
}

// millis is a member that is a time in epoch milliseconds.
func (a *reply) millis(name string) time.Time {
	number, _ := a.members()[name].(json.Number)
	count, err := number.Int64()
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(count)
}
