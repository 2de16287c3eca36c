package zoo

import (
	"net/http"
	"sync"
	"time"
)

// formManaged are mistakes in how tokens are asked for, extended and deleted.
func formManaged() []Mutant {
	gone := map[string]any{"error": "no such token"}
	return []Mutant{
		{
			Name: "form/ask-hides-token", Breaks: []string{"FRM-08"},
			Why: "A token that is asked for is not repeated.",
			Change: func(s *Server) {
				s.answers(formAsk, func(a *reply) {
					if a.ok() {
						a.set("token", nil)
					}
				})
			},
		},
		{
			Name: "form/ask-extends", Breaks: []string{"FRM-08"},
			Why: "Asking for a token counts as using it, and using it moves its end.",
			Change: func(s *Server) {
				s.validTo(formAsk, func(end time.Time) any { return end.Add(time.Second).Format(time.RFC3339) })
			},
		},
		{
			Name: "form/ask-forgets-long", Breaks: []string{"FRM-08"},
			Why: "The answer to GET is computed from the time of the login and the short life.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.answers(formAsk, func(a *reply) {
					known.with(a.member("token"), func(g *formGrant) {
						if g != nil && g.long {
							a.set("validTo", g.ends.Add(-29*24*time.Hour).Format(time.RFC3339))
						}
					})
				})
			},
		},
		{
			Name: "form/ask-shows-user-id", Breaks: []string{"FRM-08"},
			Why:    "The login answers the user's name, the query his number.",
			Change: func(s *Server) { s.answers(formAsk, func(a *reply) { a.setWhereOK("user", "1") }) },
		},
		{
			Name: "form/ask-expired-is-401", Breaks: []string{"FRM-09"},
			Why: "An expired token is found, and so it is not 404.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.answers(formAsk, func(a *reply) {
					known.with(a.Request.URL.Query().Get("token"), func(g *formGrant) {
						if g != nil && !g.deleted && a.Status == http.StatusNotFound {
							a.Status = http.StatusUnauthorized
						}
					})
				})
			},
		},
		{
			Name: "form/ask-knows-the-dead", Breaks: []string{"FRM-09"},
			Why: "The query reads the table of tokens and leaves it to the client to look at validTo.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.answers(formAsk, func(a *reply) {
					known.with(a.Request.URL.Query().Get("token"), func(g *formGrant) {
						if g != nil && !g.deleted && a.Status == http.StatusNotFound {
							a.refuse(http.StatusOK, g.members)
						}
					})
				})
			},
		},
		{
			Name: "form/ask-unknown-is-401", Breaks: []string{"FRM-10"},
			Why: "An unknown token is an unauthorized one everywhere.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.answers(formAsk, func(a *reply) {
					known.with(a.Request.URL.Query().Get("token"), func(g *formGrant) {
						if g == nil && a.Status == http.StatusNotFound {
							a.Status = http.StatusUnauthorized
						}
					})
				})
			},
		},
		{
			Name: "form/ask-unknown-is-200-null", Breaks: []string{"FRM-09", "FRM-10", "FRM-15"},
			Why: "Nothing found is an empty answer, and an empty answer is a success.",
			Change: func(s *Server) {
				s.answers(formAsk, func(a *reply) {
					if a.Status == http.StatusNotFound {
						a.refuse(http.StatusOK, map[string]any{"token": nil, "validTo": nil, "user": nil})
					}
				})
			},
		},
		{
			Name: "form/extend-answers-nothing", Breaks: []string{"FRM-11", "FRM-12", "FRM-15", "SEC-05"},
			Why: "An update has no body in this framework.",
			Change: func(s *Server) {
				s.answers(formExtend, func(a *reply) {
					if a.ok() {
						a.Status, a.Body = http.StatusNoContent, nil
					}
				})
			},
		},
		{
			Name: "form/extend-adds-to-end", Breaks: []string{"FRM-11"},
			Why: "The extension is added to the old end instead of to the present time.",
			Change: func(s *Server) {
				s.extendsBy(func(g *formGrant, _ time.Time, long bool) time.Time { return g.ends.Add(formLife(long)) })
			},
		},
		{
			Name: "form/extend-keeps-longer", Breaks: []string{"FRM-11"},
			Why: "An extension never shortens a token.",
			Change: func(s *Server) {
				s.extendsBy(func(g *formGrant, now time.Time, long bool) time.Time {
					if end := now.Add(formLife(long)); end.After(g.ends) {
						return end
					}
					return g.ends
				})
			},
		},
		{
			Name: "form/extend-from-login", Breaks: []string{"FRM-11"},
			Why: "The life is counted from the login, as everywhere else in the table.",
			Change: func(s *Server) {
				s.extendsBy(func(g *formGrant, _ time.Time, long bool) time.Time { return g.issued.Add(formLife(long)) })
			},
		},
		{
			Name: "form/extend-ignores-longtoken", Breaks: []string{"FRM-11"},
			Why: "longtoken is looked for among the fields of a form, and PUT sends JSON.",
			Change: func(s *Server) {
				s.extendsBy(func(_ *formGrant, now time.Time, _ bool) time.Time { return now.Add(formLife(false)) })
			},
		},
		{
			Name: "form/extend-without-user", Breaks: []string{"FRM-11"},
			Why:    "The extension answers only what it has changed.",
			Change: func(s *Server) { s.answers(formExtend, func(a *reply) { a.drop("user") }) },
		},
		{
			Name: "form/extend-only-says-so", Breaks: []string{"FRM-12"},
			Why: "The new end is answered and not saved.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.instead(func(r *http.Request) (over bool) {
					known.with(r.Header.Get("X-Auth-Bearer"), func(g *formGrant) {
						over = g != nil && !s.Clock.Now().Before(g.firstEnd)
					})
					return over
				}, answer(http.StatusUnauthorized, gone))
			},
		},
		{
			Name: "form/extend-at-end-fails", Breaks: []string{"FRM-11", "FRM-12"},
			Why: "A token can be extended in the first half of its life only.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.instead(func(r *http.Request) (late bool) {
					known.with(sentText(r, "token"), func(g *formGrant) {
						late = g != nil && formExtend(r) && s.Clock.Now().After(g.issued.Add(12*time.Hour))
					})
					return late
				}, answer(http.StatusConflict, gone))
			},
		},
		{
			Name: "form/extends-the-dead", Breaks: []string{"FRM-13"},
			Why: "The extension looks the token up without looking at its end.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.instead(func(r *http.Request) (dead bool) {
					known.with(sentText(r, "token"), func(g *formGrant) {
						dead = g != nil && formExtend(r) && !g.deleted && !s.Clock.Now().Before(g.ends)
					})
					return dead
				}, func(w http.ResponseWriter, r *http.Request) {
					known.with(sentText(r, "token"), func(g *formGrant) {
						g.members["validTo"] = s.Clock.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
						writeJSON(w, http.StatusOK, g.members)
					})
				})
			},
		},
		{
			Name: "form/dead-token-in-refusal", Breaks: []string{"FRM-13", "FRM-15"},
			Why: "The refusal of an extension repeats the record of the token.",
			Change: func(s *Server) {
				s.answers(formExtend, func(a *reply) {
					if a.Status == http.StatusNotFound {
						a.set("token", sentText(a.Request, "token"))
					}
				})
			},
		},
		{
			Name: "form/delete-is-200", Breaks: []string{"FRM-14"},
			Why: "A success is 200.",
			Change: func(s *Server) {
				s.answers(formDelete, func(a *reply) { a.becomes(http.StatusNoContent, http.StatusOK) })
			},
		},
		{
			Name: "form/delete-answers-json", Breaks: []string{"FRM-14"},
			Why: "Every answer of this interface has a body.",
			Change: func(s *Server) {
				s.answers(formDelete, func(a *reply) {
					if a.ok() {
						a.refuse(http.StatusOK, map[string]bool{"success": true})
					}
				})
			},
		},
		{
			Name: "form/delete-sends-a-body", Breaks: []string{"FRM-14"},
			Why: "A server written on bare sockets sends the body that every other answer has.",
			Change: func(s *Server) {
				s.wrap(func(inner http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if !formDelete(r) {
							inner.ServeHTTP(w, r)
							return
						}
						recorded := record(inner, r)
						if recorded.Status != http.StatusNoContent || sendRaw(w, "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nnull") != nil {
							recorded.send(w)
						}
					})
				})
			},
		},
		{
			Name: "form/delete-forgets-header", Breaks: []string{"FRM-15"},
			Why: "Deleting removes the token from the table, and the cache of the filter still has it.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.answers(formResource, func(a *reply) {
					known.with(a.Request.Header.Get("X-Auth-Bearer"), func(g *formGrant) {
						if g != nil && g.deleted {
							a.refuse(http.StatusOK, []any{})
						}
					})
				})
			},
		},
		{
			Name: "form/deleted-lives-a-second", Breaks: []string{"FRM-15"},
			Why:    "Tokens are cached for a second, and a deletion does not reach the cache.",
			Change: func(s *Server) { s.Store = remembering(s.Store, "form") },
		},
		{
			Name: "form/deleted-is-shown", Breaks: []string{"FRM-15"},
			Why: "Deleted tokens keep their record, for the statistics, and GET shows it.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.answers(formAsk, func(a *reply) {
					known.with(a.Request.URL.Query().Get("token"), func(g *formGrant) {
						if g != nil && g.deleted {
							a.refuse(http.StatusOK, g.members)
						}
					})
				})
			},
		},
		{
			Name: "form/deleted-is-410", Breaks: []string{"FRM-15"},
			Why: "What was there and is gone is 410, by the letter of HTTP.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.answers(formAsk, func(a *reply) {
					known.with(a.Request.URL.Query().Get("token"), func(g *formGrant) {
						if g != nil && g.deleted {
							a.Status = http.StatusGone
						}
					})
				})
			},
		},
		{
			Name: "form/extends-the-deleted", Breaks: []string{"FRM-15"},
			Why: "The flag that says deleted is cleared by an extension.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.answers(formExtend, func(a *reply) {
					known.with(sentText(a.Request, "token"), func(g *formGrant) {
						if g != nil && g.deleted {
							a.refuse(http.StatusOK, g.members)
						}
					})
				})
			},
		},
		{
			Name: "form/one-token-per-user", Breaks: []string{"FRM-23", "SEC-01"}, Serial: true,
			Why: "A login finds the user's live token and answers it once more.",
			Change: func(s *Server) {
				var mu sync.Mutex
				var kept []byte
				var until time.Time
				s.answers(anyOf(formShort(formLogin), formExtend), func(a *reply) {
					mu.Lock()
					defer mu.Unlock()
					now := s.Clock.Now()
					switch {
					case a.Request.Method == http.MethodPut:
						kept = nil // its end is another now
					case !a.ok():
					case kept != nil && now.Before(until) && s.formLives(kept):
						a.Body, kept = kept, nil
					default:
						kept, until = a.Body, now.Add(time.Second) // later is another visit
					}
				})
			},
		},
		{
			Name: "form/delete-logs-out-everywhere", Breaks: []string{"FRM-23"}, Serial: true,
			Why: "Deleting removes by user instead of by token.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.answers(formDelete, func(a *reply) {
					if a.ok() {
						known.each(func(_ string, g *formGrant) { g.deleted = true })
					}
				})
				s.instead(func(r *http.Request) (deleted bool) {
					known.with(r.Header.Get("X-Auth-Bearer"), func(g *formGrant) { deleted = g != nil && g.deleted })
					return deleted
				}, answer(http.StatusUnauthorized, gone))
			},
		},
	}
}
