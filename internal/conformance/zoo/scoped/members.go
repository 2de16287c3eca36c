package scoped

import (
	"net/http"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// members are mistakes in single members of answers, and in what one token does to
// another.
func members() []mutation.Mutant {
	return []mutation.Mutant{
		{
			Name: "scoped/login-without-id", Breaks: []string{"SCP-01"},
			Why: "Only tokens that are limited have a row of their own.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(unlimited, func(a *mutation.Reply) { a.Drop("_id") })
			},
		},
		{
			Name: "scoped/issued-at-as-text", Breaks: []string{"SCP-01"},
			Why: "One of the times is written as people read it.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(login, func(a *mutation.Reply) {
					if a.OK() {
						a.Set("issuedAt", millis(a, "issuedAt").Format(time.RFC3339))
					}
				})
			},
		},
		{
			Name: "scoped/expires-at-as-text", Breaks: []string{"SCP-01", "SCP-02", "SCP-07"},
			Why: "One of the times is written as people read it.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(unlimited, func(a *mutation.Reply) {
					if a.OK() {
						a.Set("expiresAt", millis(a, "expiresAt").Format(time.RFC3339))
					}
				})
			},
		},
		{
			Name: "scoped/issues-no-token", Breaks: []string{"SCP-15", "SCP-16", "SCP-18"},
			Why: "What was issued is shown in the web page only.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(issue, func(a *mutation.Reply) { a.Drop("token") })
			},
		},
		{
			Name: "scoped/who-revokes-is-not-listed", Breaks: []string{"SCP-21"},
			Why: "A revocation marks the row of the token that asks for it, too.",
			Change: func(s *mutation.Server) {
				l, revokers := newLedger(s), map[string]bool{}
				s.OnAnswer(revoke, func(a *mutation.Reply) {
					l.with(mutation.Bearer(a.Request), func(g *granted) {
						if a.OK() && g != nil {
							revokers[g.id] = true
						}
					})
				})
				s.OnAnswer(list, func(a *mutation.Reply) {
					var left []map[string]any
					l.with("", func(*granted) {
						for _, entry := range a.Entries() {
							if id, _ := entry["_id"].(string); !revokers[id] {
								left = append(left, entry)
							}
						}
					})
					if a.OK() && len(left) < len(a.Entries()) {
						a.Write(left)
					}
				})
			},
		},
		{
			Name: "scoped/who-revokes-is-out", Breaks: []string{"SCP-21"},
			Why: "A revocation ends the token that asks for it, as a logout does.",
			Change: func(s *mutation.Server) {
				l, revokers := newLedger(s), map[string]bool{}
				s.OnAnswer(revoke, func(a *mutation.Reply) {
					l.with("", func(*granted) { revokers[mutation.Bearer(a.Request)] = a.OK() })
				})
				s.Instead(func(r *http.Request) (ended bool) {
					l.with("", func(*granted) { ended = resources(r) && revokers[mutation.Bearer(r)] })
					return ended
				}, mutation.Answer(http.StatusUnauthorized, refusal))
			},
		},
		{
			Name: "scoped/listed-method-is-no-scope", Breaks: []string{"SCP-09", "SCP-26"},
			Why: "The list is made of the routes, and what may be a scope is a list of its own.",
			Change: func(s *mutation.Server) {
				s.Instead(func(r *http.Request) bool {
					scopes, _ := mutation.Sent(r)["scopes"].([]any)
					return login(r) && len(scopes) == 1 && scopes[0] == "POST /objects"
				}, mutation.Answer(http.StatusBadRequest, refusal))
			},
		},
		{
			Name: "scoped/parameter-only-at-the-end", Breaks: []string{"SCP-08", "SCP-10"},
			Why: "The routes of scopes end at their first parameter.",
			Change: func(s *mutation.Server) {
				s.ScopeMatcher = matcher{reads: func(scope string) bool {
					_, behind, found := strings.Cut(scope, "/:")
					return !found || !strings.Contains(behind, "/")
				}}
			},
		},
	}
}

// unlimited selects logins that ask for no life and no scopes.
func unlimited(r *http.Request) bool {
	sent := mutation.Sent(r)
	return login(r) && sent["expiresIn"] == nil && sent["scopes"] == nil
}
