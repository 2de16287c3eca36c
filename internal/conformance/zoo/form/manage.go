package form

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// managed are mistakes in how tokens are asked for, extended and deleted.
func managed() []mutation.Mutant {
	gone := map[string]any{"error": "no such token"}
	return []mutation.Mutant{
		{
			Name: "form/extends-the-unknown", Breaks: []string{"FRM-22"},
			Why: "An extension writes a row for the token, and makes one where there is none.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				s.OnAnswer(extend, func(a *mutation.Reply) {
					shown, known := mutation.SentText(a.Request, "token"), false
					l.with(shown, func(g *grant) { known = g != nil })
					if shown != "" && !known && !a.OK() {
						a.Replace(http.StatusOK, map[string]any{"token": shown, "validTo": s.Clock.Now().Add(24 * time.Hour), "user": "root"})
					}
				})
			},
		},
		{
			Name: "form/ask-hides-token", Breaks: []string{"FRM-08"},
			Why: "A token that is asked for is not repeated.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(ask, func(a *mutation.Reply) {
					if a.OK() {
						a.Set("token", nil)
					}
				})
			},
		},
		{
			Name: "form/ask-extends", Breaks: []string{"FRM-08"},
			Why: "Asking for a token counts as using it, and using it moves its end.",
			Change: func(s *mutation.Server) {
				validTo(s, ask, func(end time.Time) any { return end.Add(time.Second).Format(time.RFC3339) })
			},
		},
		{
			Name: "form/ask-ignores-long", Breaks: []string{"FRM-08"},
			Why: "The answer to GET is computed from the time of the login and the short life.",
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.OnAnswer(ask, func(a *mutation.Reply) {
					known.with(a.Member("token"), func(g *grant) {
						if g != nil && g.long {
							a.Set("validTo", g.ends.Add(-29*24*time.Hour).Format(time.RFC3339))
						}
					})
				})
			},
		},
		{
			Name: "form/ask-shows-user-id", Breaks: []string{"FRM-08"},
			Why:    "The login answers the user's name, the query their number.",
			Change: func(s *mutation.Server) { s.OnAnswer(ask, func(a *mutation.Reply) { a.SetWhereOK("user", "1") }) },
		},
		{
			Name: "form/ask-expired-is-401", Breaks: []string{"FRM-09"},
			Why: "An expired token is found, and so it is not 404.",
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.OnAnswer(ask, func(a *mutation.Reply) {
					known.with(a.Request.URL.Query().Get("token"), func(g *grant) {
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
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.OnAnswer(ask, func(a *mutation.Reply) {
					known.with(a.Request.URL.Query().Get("token"), func(g *grant) {
						if g != nil && !g.deleted && a.Status == http.StatusNotFound {
							a.Replace(http.StatusOK, g.members)
						}
					})
				})
			},
		},
		{
			Name: "form/ask-unknown-is-401", Breaks: []string{"FRM-10"},
			Why: "An unknown token is an unauthorized one everywhere.",
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.OnAnswer(ask, func(a *mutation.Reply) {
					known.with(a.Request.URL.Query().Get("token"), func(g *grant) {
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
			Change: func(s *mutation.Server) {
				s.OnAnswer(ask, func(a *mutation.Reply) {
					if a.Status == http.StatusNotFound {
						a.Replace(http.StatusOK, map[string]any{"token": nil, "validTo": nil, "user": nil})
					}
				})
			},
		},
		{
			Name: "form/extend-answers-nothing", Breaks: []string{"FRM-11"},
			Why: "An update has no body in this framework.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(extend, func(a *mutation.Reply) {
					if a.OK() {
						a.Status, a.Body = http.StatusNoContent, nil
					}
				})
			},
		},
		{
			Name: "form/extend-adds-to-end", Breaks: []string{"FRM-11"},
			Why: "The extension is added to the old end instead of to the present time.",
			Change: func(s *mutation.Server) {
				extendsBy(s, func(g *grant, _ time.Time, long bool) time.Time { return g.ends.Add(life(long)) })
			},
		},
		{
			Name: "form/extend-keeps-longer", Breaks: []string{"FRM-11"},
			Why: "An extension never shortens a token.",
			Change: func(s *mutation.Server) {
				extendsBy(s, func(g *grant, now time.Time, long bool) time.Time {
					if end := now.Add(life(long)); end.After(g.ends) {
						return end
					}
					return g.ends
				})
			},
		},
		{
			Name: "form/extend-from-login", Breaks: []string{"FRM-11"},
			Why: "The life is counted from the login, as everywhere else in the table.",
			Change: func(s *mutation.Server) {
				extendsBy(s, func(g *grant, _ time.Time, long bool) time.Time { return g.issued.Add(life(long)) })
			},
		},
		{
			Name: "form/extend-ignores-longtoken", Breaks: []string{"FRM-11"},
			Why: "longtoken is looked for among the fields of a form, and PUT sends JSON.",
			Change: func(s *mutation.Server) {
				extendsBy(s, func(_ *grant, now time.Time, _ bool) time.Time { return now.Add(life(false)) })
			},
		},
		{
			Name: "form/extend-without-user", Breaks: []string{"FRM-11"},
			Why:    "The extension answers only what it has changed.",
			Change: func(s *mutation.Server) { s.OnAnswer(extend, func(a *mutation.Reply) { a.Drop("user") }) },
		},
		{
			Name: "form/extend-only-says-so", Breaks: []string{"FRM-12"},
			Why: "The new end is answered and not saved.",
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.Instead(func(r *http.Request) (over bool) {
					known.with(shownToken(r), func(g *grant) {
						over = g != nil && !s.Clock.Now().Before(g.firstEnd)
					})
					return over
				}, mutation.Answer(http.StatusUnauthorized, gone))
			},
		},
		{
			Name: "form/long-extension-only-says-so", Breaks: []string{"FRM-12"},
			Why: "The sweeper reads how long a token lives from its login, and an extension to 30 days does not change that.",
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.Instead(func(r *http.Request) (over bool) {
					known.with(shownToken(r), func(g *grant) {
						over = g != nil && !g.long && g.ends.Sub(g.firstEnd) > 48*time.Hour && !s.Clock.Now().Before(g.firstEnd)
					})
					return over
				}, mutation.Answer(http.StatusUnauthorized, gone))
			},
		},
		{
			Name: "form/extend-at-end-fails", Breaks: []string{"FRM-11"},
			Why: "A token can be extended in the first half of its life only.",
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.Instead(func(r *http.Request) (late bool) {
					known.with(mutation.SentText(r, "token"), func(g *grant) {
						late = g != nil && extend(r) && s.Clock.Now().After(g.issued.Add(12*time.Hour))
					})
					return late
				}, mutation.Answer(http.StatusConflict, gone))
			},
		},
		{
			Name: "form/extends-the-dead", Breaks: []string{"FRM-13"},
			Why: "The extension looks the token up without looking at its end.",
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.Instead(func(r *http.Request) (dead bool) {
					known.with(mutation.SentText(r, "token"), func(g *grant) {
						dead = g != nil && extend(r) && !g.deleted && !s.Clock.Now().Before(g.ends)
					})
					return dead
				}, func(w http.ResponseWriter, r *http.Request) {
					known.with(mutation.SentText(r, "token"), func(g *grant) {
						g.members["validTo"] = s.Clock.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
						mutation.WriteJSON(w, http.StatusOK, g.members)
					})
				})
			},
		},
		{
			Name: "form/dead-token-in-refusal", Breaks: []string{"FRM-13", "FRM-15"},
			Why: "The refusal of an extension repeats the record of the token.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(extend, func(a *mutation.Reply) {
					if a.Status == http.StatusNotFound {
						a.Set("token", mutation.SentText(a.Request, "token"))
					}
				})
			},
		},
		{
			Name: "form/delete-is-200", Breaks: []string{"FRM-14"},
			Why: "A success is 200.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(remove, func(a *mutation.Reply) { a.Becomes(http.StatusNoContent, http.StatusOK) })
			},
		},
		{
			Name: "form/delete-answers-json", Breaks: []string{"FRM-14"},
			Why: "Every answer of this interface has a body.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(remove, func(a *mutation.Reply) {
					if a.OK() {
						a.Replace(http.StatusOK, map[string]bool{"success": true})
					}
				})
			},
		},
		{
			Name: "form/delete-sends-a-body", Breaks: []string{"FRM-14"},
			Why: "A server written on bare sockets sends the body that every other answer has.",
			Change: func(s *mutation.Server) {
				s.Wrap(func(inner http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if !remove(r) {
							inner.ServeHTTP(w, r)
							return
						}
						recorded := mutation.Record(inner, r)
						if recorded.Status != http.StatusNoContent || sendRaw(w, "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nnull") != nil {
							recorded.Send(w)
						}
					})
				})
			},
		},
		{
			Name: "form/delete-ignores-header", Breaks: []string{"FRM-15"},
			Why: "Deleting removes the token from the table, and the cache of the filter still has it.",
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.OnAnswer(resource, func(a *mutation.Reply) {
					known.with(shownToken(a.Request), func(g *grant) {
						if g != nil && g.deleted {
							a.Replace(http.StatusOK, []any{})
						}
					})
				})
			},
		},
		{
			Name: "form/deleted-lives-a-second", Breaks: []string{"FRM-15"},
			Why:    "Tokens are cached for a second, and a deletion does not reach the cache.",
			Change: mutation.DeletesLate("form"),
		},
		{
			Name: "form/deleted-is-shown", Breaks: []string{"FRM-15"},
			Why: "Deleted tokens keep their record, for the statistics, and GET shows it.",
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.OnAnswer(ask, func(a *mutation.Reply) {
					known.with(a.Request.URL.Query().Get("token"), func(g *grant) {
						if g != nil && g.deleted {
							a.Replace(http.StatusOK, g.members)
						}
					})
				})
			},
		},
		{
			Name: "form/deleted-is-410", Breaks: []string{"FRM-15"},
			Why: "What was there and is gone is 410, as HTTP says.",
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.OnAnswer(ask, func(a *mutation.Reply) {
					known.with(a.Request.URL.Query().Get("token"), func(g *grant) {
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
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.OnAnswer(extend, func(a *mutation.Reply) {
					known.with(mutation.SentText(a.Request, "token"), func(g *grant) {
						if g != nil && g.deleted {
							a.Replace(http.StatusOK, g.members)
						}
					})
				})
			},
		},
		{
			Name: "form/one-token-per-user", Breaks: []string{"FRM-23", "SEC-01"},
			Why: "A login finds the user's live token and answers it once more.",
			Change: func(s *mutation.Server) {
				var mu sync.Mutex
				var kept []byte
				var until time.Time
				s.OnAnswer(mutation.AnyOf(wantsShort(login), extend), func(a *mutation.Reply) {
					mu.Lock()
					defer mu.Unlock()
					now := s.Clock.Now()
					switch {
					case a.Request.Method == http.MethodPut:
						kept = nil // its end is another now
					case !a.OK():
					case kept != nil && now.Before(until) && isLive(s, kept):
						a.Body = kept
					default:
						kept, until = a.Body, now.Add(time.Millisecond) // a thousand looks at the clock: later is another scenario
					}
				})
			},
		},
		{
			Name: "form/delete-logs-out-everywhere", Breaks: []string{"FRM-23"},
			Why: "Deleting removes by user instead of by token.",
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.OnAnswer(remove, func(a *mutation.Reply) {
					if a.OK() {
						known.each(func(_ string, g *grant) { g.deleted = true })
					}
				})
				s.Instead(func(r *http.Request) (deleted bool) {
					known.with(shownToken(r), func(g *grant) { deleted = g != nil && g.deleted })
					return deleted
				}, mutation.Answer(http.StatusUnauthorized, gone))
			},
		},
	}
}

// sendRaw answers with bytes that net/http would not write, and ends the
// connection.
func sendRaw(w http.ResponseWriter, answer string) error {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return err
	}
	_, err = io.WriteString(conn, answer)
	return errors.Join(err, conn.Close())
}
