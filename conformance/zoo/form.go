package zoo

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// The requests of the form dialect.
var (
	formLogin    = at("POST", "/login")
	formAsk      = at("GET", "/login")
	formExtend   = at("PUT", "/login")
	formDelete   = at("DELETE", "/login")
	formResource = at("GET", "/items")
	formTokens   = anyOf(formLogin, formAsk, formExtend)
)

// formMutants are mistakes of the form dialect.
func formMutants() []Mutant {
	gone := map[string]any{"error": "no such token"}
	return []Mutant{
		{
			Name: "form/login-without-user", Breaks: []string{"FRM-01", "FRM-08", "FRM-20"},
			Why: "The client knows who logged in, so the answer leaves it out.",
			Change: func(s *Server) {
				s.answers(formLogin, func(a *reply) { a.drop("user") })
			},
		},
		{
			Name: "form/login-as-html", Breaks: []string{"FRM-01"},
			Why: "The login is an HTML form, and so its answer is called HTML.",
			Change: func(s *Server) {
				s.answers(formLogin, func(a *reply) { a.Header.Set("Content-Type", "text/html") })
			},
		},
		{
			Name: "form/valid-to-in-words", Breaks: []string{"FRM-01", "FRM-02", "FRM-03", "FRM-08"},
			Why: "The end is formatted for people.",
			Change: func(s *Server) {
				s.validTo(formLogin, func(end time.Time) any { return end.Format("Monday, 2 January 2006, 15:04") })
			},
		},
		{
			Name: "form/valid-to-local", Breaks: []string{"FRM-02", "FRM-03", "FRM-11"},
			Why: "The end is written in the server's own time zone, without saying so.",
			Change: func(s *Server) {
				s.validTo(formTokens, func(end time.Time) any { return end.Add(2 * time.Hour).Format(time.DateTime) })
			},
		},
		{
			Name: "form/short-is-a-day-by-calendar", Breaks: []string{"FRM-02"},
			Why: "A token for today and tomorrow: the end is rounded up to the hour.",
			Change: func(s *Server) {
				s.validTo(formShort(formLogin), func(end time.Time) any {
					return end.Add(90 * time.Second).Format(time.RFC3339)
				})
				s.asLoggedIn()
			},
		},
		{
			Name: "form/long-by-default", Breaks: []string{"FRM-02", "FRM-09", "FRM-13", "FRM-16"},
			Why: "An absent longtoken is read as true.",
			Change: func(s *Server) {
				s.requests(formLogin, func(r *http.Request) {
					if fields := sentForm(r); !fields.Has("longtoken") && fields.Has("login") {
						fields.Set("longtoken", "true")
						setBody(r, []byte(fields.Encode()))
					}
				})
			},
		},
		{
			Name: "form/false-is-true", Breaks: []string{"FRM-02"},
			Why: "longtoken counts as set when it is there, whatever it says.",
			Change: func(s *Server) {
				s.requests(formLogin, func(r *http.Request) {
					if fields := sentForm(r); fields.Get("longtoken") == "false" {
						fields.Set("longtoken", "true")
						setBody(r, []byte(fields.Encode()))
					}
				})
			},
		},
		{
			Name: "form/long-is-28-days", Breaks: []string{"FRM-03", "FRM-11", "FRM-16"},
			Why:    "Thirty days became four weeks.",
			Change: func(s *Server) { s.Lifetimes.FormLong = 28 * 24 * time.Hour },
		},
		{
			Name: "form/long-is-a-month", Breaks: []string{"FRM-03", "FRM-11"},
			Why: "A month has 31 days where somebody tried it.",
			Change: func(s *Server) {
				s.validTo(formLong, func(end time.Time) any { return end.AddDate(0, 0, 1).Format(time.RFC3339) })
				s.asLoggedIn()
			},
		},
		{
			Name: "form/long-unread-at-login", Breaks: []string{"FRM-03"},
			Why: "longtoken was added to the extension and forgotten in the login.",
			Change: func(s *Server) {
				s.validTo(func(r *http.Request) bool { return formLogin(r) && sentForm(r).Get("longtoken") == "true" },
					func(end time.Time) any { return end.Add(-29 * 24 * time.Hour).Format(time.RFC3339) })
				s.asLoggedIn()
			},
		},
		{
			Name: "form/takes-json", Breaks: []string{"FRM-04"},
			Why: "The framework binds members of JSON and fields of a form alike.",
			Change: func(s *Server) {
				s.requests(formLogin, func(r *http.Request) {
					if members := sent(r); members != nil {
						fields := url.Values{}
						for name, value := range members {
							if text, ok := value.(string); ok {
								fields.Set(name, text)
							}
						}
						asForm(r, fields)
					}
				})
			},
		},
		{
			Name: "form/bearer-ignored", Breaks: []string{"FRM-05", "FRM-06", "FRM-07", "FRM-12", "FRM-15", "FRM-16", "FRM-21", "FRM-23", "SEC-02", "SEC-05"},
			Why:    "The header was renamed to Authorization in the new version.",
			Change: func(s *Server) { s.requests(formResource, func(r *http.Request) { r.Header.Del("X-Auth-Bearer") }) },
		},
		{
			Name: "form/opens-with-202-then-nothing", Breaks: []string{"FRM-05", "FRM-06", "FRM-07", "FRM-12", "FRM-15", "FRM-16", "FRM-21", "FRM-23", "SEC-02", "SEC-05"},
			Why:    "The resource answers with a redirect to its new place.",
			Change: changesStatus(formResource, http.StatusOK, http.StatusFound),
		},
		{
			Name: "form/resource-public", Breaks: []string{"FRM-06", "FRM-07"},
			Why: "The filter that demands a token was not put on this route.",
			Change: func(s *Server) {
				s.answers(formResource, func(a *reply) {
					if a.Request.Header.Get("X-Auth-Bearer") == "" {
						a.Status = http.StatusOK
					}
				})
			},
		},
		{
			Name: "form/token-front-unread", Breaks: []string{"FRM-06", "FRM-07"},
			Why: "Tokens are looked up by their last characters, where the random part was thought to be.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.requests(formResource, func(r *http.Request) {
					shown := r.Header.Get("X-Auth-Bearer")
					known.each(func(token string, _ *formGrant) {
						if len(shown) == len(token) && strings.HasSuffix(shown, token[len(token)/2:]) {
							r.Header.Set("X-Auth-Bearer", token)
						}
					})
				})
			},
		},
		{
			Name: "form/no-token-is-403", Breaks: []string{"FRM-07"},
			Why: "401 and 403 are mixed up.", Change: changesStatus(formResource, http.StatusUnauthorized, http.StatusForbidden),
		},
		{
			Name: "form/garbled-token-to-login-page", Breaks: []string{"FRM-07"},
			Why: "Whoever has no valid token is sent to the login form.",
			Change: changesStatus(func(r *http.Request) bool { return formResource(r) && r.Header.Get("X-Auth-Bearer") != "" },
				http.StatusUnauthorized, http.StatusFound),
		},
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
			Change: func(s *Server) { s.Store = remembering(s.Store, "form", time.Second) },
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
			Name: "form/late-expiry", Breaks: []string{"FRM-16"},
			Why: "The filter reads tokens from a cache that is emptied once an hour.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.answers(formResource, func(a *reply) {
					known.with(a.Request.Header.Get("X-Auth-Bearer"), func(g *formGrant) {
						if g != nil && !g.deleted && s.Clock.Now().Before(g.ends.Add(time.Hour)) {
							a.refuse(http.StatusOK, []any{})
						}
					})
				})
			},
		},
		{
			Name: "form/early-expiry", Breaks: []string{"FRM-16"},
			Why: "The filter wants a token that is good for another minute.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.answers(formResource, func(a *reply) {
					known.with(a.Request.Header.Get("X-Auth-Bearer"), func(g *formGrant) {
						if g != nil && !s.Clock.Now().Before(g.ends.Add(-time.Minute)) {
							a.refuse(http.StatusUnauthorized, gone)
						}
					})
				})
			},
		},
		{
			Name: "form/long-token-dies-early", Breaks: []string{"FRM-16"},
			Why: "The table of live tokens is emptied every night, long ones included.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.answers(formResource, func(a *reply) {
					known.with(a.Request.Header.Get("X-Auth-Bearer"), func(g *formGrant) {
						if g != nil && g.long && s.Clock.Now().After(g.issued.Add(24*time.Hour)) {
							a.refuse(http.StatusUnauthorized, gone)
						}
					})
				})
			},
		},
		{
			Name: "form/wrong-password-is-200", Breaks: []string{"FRM-17", "FRM-18"},
			Why:    "The login page is shown again, with a message.",
			Change: changesStatus(formLogin, http.StatusUnauthorized, http.StatusOK),
		},
		{
			Name: "form/token-in-refusal", Breaks: []string{"FRM-17"},
			Why: "The token is made before the password is checked, and the error is rendered with the same template.",
			Change: func(s *Server) {
				s.answers(formLogin, func(a *reply) {
					if a.Status == http.StatusUnauthorized {
						a.set("token", "f7a1c0ffee00f7a1c0ffee00f7a1c0ffee00f7a1c0ffee00")
					}
				})
			},
		},
		{
			Name: "form/next-login-pays", Breaks: []string{"FRM-17", "FRM-18"}, Serial: true,
			Why:    "The count of wrong passwords is compared before the right one resets it.",
			Change: func(s *Server) { s.nextLoginPays(formLogin, knownForm) },
		},
		{
			Name: "form/wrong-password-is-403", Breaks: []string{"FRM-18"},
			Why: "401 and 403 are mixed up.", Change: changesStatus(formLogin, http.StatusUnauthorized, http.StatusForbidden),
		},
		{
			Name: "form/stranger-has-another-code", Breaks: []string{"FRM-19"},
			Why: "The body carries the code of the internal error.",
			Change: func(s *Server) {
				s.answers(formLogin, func(a *reply) {
					if a.Status == http.StatusUnauthorized && !knownForm(a.Request) {
						a.set("code", 1044)
					}
				})
			},
		},
		{
			Name: "form/stranger-is-404", Breaks: []string{"FRM-19"},
			Why: "The user is looked up first, and the look-up's own 404 goes out.",
			Change: func(s *Server) {
				s.answers(formLogin, func(a *reply) {
					if a.Status == http.StatusUnauthorized && !knownForm(a.Request) {
						a.Status = http.StatusNotFound
					}
				})
			},
		},
		{
			Name: "form/user-is-number", Breaks: []string{"FRM-20"},
			Why:    "user is the key of a row that the client cannot see.",
			Change: func(s *Server) { s.answers(formTokens, func(a *reply) { a.setWhereOK("user", 17) }) },
		},
		{
			Name: "form/user-is-another", Breaks: []string{"FRM-20"},
			Why:    "user is the technical account under which the service runs.",
			Change: func(s *Server) { s.answers(formTokens, func(a *reply) { a.setWhereOK("user", "system") }) },
		},
		{
			Name: "form/login-cacheable", Breaks: []string{"FRM-21"},
			Why: "Nobody thought of caches.", Change: cacheable(formLogin),
		},
		{
			Name: "form/ask-cacheable", Breaks: []string{"FRM-21"},
			Why: "GET is cached by default.", Change: cacheable(formAsk),
		},
		{
			Name: "form/extend-cacheable", Breaks: []string{"FRM-21"},
			Why: "Only the login was hardened.", Change: cacheable(formExtend),
		},
		{
			Name: "form/resource-cacheable", Breaks: []string{"FRM-21"},
			Why: "Caches know Authorization and keep away; they do not know X-Auth-Bearer.", Change: cacheable(formResource),
		},
		{
			Name: "form/missing-field-is-500", Breaks: []string{"FRM-22"},
			Why: "A field that is not there is null, and null has no length.", Change: crashesOnBadRequest(formLogin),
		},
		{
			Name: "form/last-field-counts", Breaks: []string{"FRM-22"},
			Why: "Of a repeated field the last one is taken.",
			Change: func(s *Server) {
				s.requests(formLogin, func(r *http.Request) {
					fields := sentForm(r)
					for name, values := range fields {
						fields[name] = values[len(values)-1:]
					}
					if len(fields) > 0 && r.ContentLength < 1<<20 {
						setBody(r, []byte(fields.Encode()))
					}
				})
			},
		},
		{
			Name: "form/token-in-bad-request", Breaks: []string{"FRM-17", "FRM-22", "FRM-24"},
			Why: "The error page shows the variables of the template, an anonymous token among them.",
			Change: func(s *Server) {
				s.answers(formLogin, func(a *reply) {
					if a.Status == http.StatusBadRequest {
						a.set("token", "f7a1c0ffee00f7a1c0ffee00f7a1c0ffee00f7a1c0ffee00")
					}
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
						a.Body = kept
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
		{
			Name: "form/takes-credentials-in-query", Breaks: []string{"FRM-24"},
			Why: "The framework puts the parameters of query and body into one map.",
			Change: func(s *Server) {
				s.requests(formLogin, func(r *http.Request) {
					if query := r.URL.Query(); query.Has("pass") {
						asForm(r, query)
					}
				})
			},
		},
		{
			Name: "form/logs-in-by-get", Breaks: []string{"FRM-24"},
			Why: "A bookmark logs in: GET with the credentials does what POST does.",
			Change: func(s *Server) {
				s.requests(formAsk, func(r *http.Request) {
					if query := r.URL.Query(); query.Has("pass") {
						r.Method = http.MethodPost
						asForm(r, query)
					}
				})
			},
		},
	}
}

func formLife(long bool) time.Duration {
	if long {
		return 30 * 24 * time.Hour
	}
	return 24 * time.Hour
}

// sentForm reads the form that a request sends; it is empty for anything else.
func sentForm(r *http.Request) url.Values {
	if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return url.Values{}
	}
	fields, err := url.ParseQuery(string(body(r)))
	if err != nil {
		return url.Values{}
	}
	return fields
}

// asForm makes fields the body of a request.
func asForm(r *http.Request, fields url.Values) {
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	setBody(r, []byte(fields.Encode()))
}

func knownForm(r *http.Request) bool {
	login := sentForm(r).Get("login")
	return login == "root" || login == "clerk"
}

// formShort and formLong select logins and extensions by the life they ask for.
func formShort(where match) match {
	return func(r *http.Request) bool { return where(r) && !formLong(r) }
}

func formLong(r *http.Request) bool {
	long, _ := json.Marshal(sent(r)["longtoken"])
	return formLogin(r) && sentForm(r).Get("longtoken") == "true" || formExtend(r) && strings.Trim(string(long), `"`) == "true"
}
