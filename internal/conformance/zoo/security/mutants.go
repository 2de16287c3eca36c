// Package security makes the mistakes that are the same in every dialect: those
// that the SEC rows are about. Each dialect describes its Endpoints and gets a
// mutant of its own for every mistake.
package security

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// Mutants are the mistakes in one dialect. The slice is fresh on every call.
func Mutants(e Endpoints) []mutation.Mutant {
	mutants := slices.Concat(guessable(e), throttled(e), concurrent(e), oversized(e), leaking(e), undeclared(e), ungrammatical(e), nearlyRight(e), countedApart(e), acceptsAll(e))
	for i := range mutants {
		mutants[i].Name = e.Dialect + "/" + mutants[i].Name
	}
	return mutants
}

// leaking are mistakes in where tokens are read from, and where passwords go.
func leaking(e Endpoints) []mutation.Mutant {
	atLogin := mutation.At("POST", e.LoginPath)
	var mutants []mutation.Mutant
	for _, name := range []string{"access_token", "token", "auth_token", "bearer"} {
		mutants = append(mutants, mutation.Mutant{
			Name: "token-in-query-as-" + name, Breaks: []string{"SEC-02"},
			Why: "A link in an e-mail should open, so the filter reads the query too.",
			Change: func(s *mutation.Server) {
				s.OnRequest(e.Resource, func(r *http.Request) {
					if token := r.URL.Query().Get(name); token != "" {
						e.ShowToken(r, token)
					}
				})
			},
		})
	}
	return append(mutants, []mutation.Mutant{
		{
			Name: "password-echoed", Breaks: []string{"SEC-04"},
			Why: "The refusal of a login repeats what came, so that the mistake in it is found.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(atLogin, func(a *mutation.Reply) {
					if !a.OK() || strings.HasSuffix(a.Member("error_code"), "WRONG_CREDENTIALS") {
						a.Set("came", bodyStart(a.Request))
					}
				})
			},
		},
		{
			Name: "password-echoed-in-header", Breaks: []string{"SEC-04"},
			Why: "A header for debugging repeats what came.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(e.Login, func(a *mutation.Reply) { a.Header.Set("X-Debug", url.QueryEscape(bodyStart(a.Request))) })
			},
		},
		{
			Name: "password-in-answer", Breaks: []string{"SEC-04"},
			Why: "The answer to a login holds the whole row of the user's table, password and all.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(atLogin, func(a *mutation.Reply) {
					if a.Member(e.TokenMember) != "" {
						a.Set("password", s.Accounts[0].Password)
					}
				})
			},
		},
	}...)
}

// undeclared are mistakes with methods that the login path does not offer.
func undeclared(e Endpoints) []mutation.Mutant {
	return []mutation.Mutant{
		{
			Name: "any-method-is-login", Breaks: []string{"SEC-07"},
			Why: "The route is registered for every method.",
			Change: func(s *mutation.Server) {
				s.OnRequest(e.isUndeclared, func(r *http.Request) { r.Method = http.MethodPost })
			},
		},
		{
			Name: "undeclared-method-is-200", Breaks: []string{"SEC-07"},
			Why: "Whatever is no POST shows the login page.",
			Change: func(s *mutation.Server) {
				s.Instead(e.isUndeclared, mutation.Answer(http.StatusOK, map[string]any{}))
			},
		},
		{
			Name: "undeclared-method-is-500", Breaks: []string{"SEC-07"},
			Why:    "The dispatcher throws where it finds no handler.",
			Change: mutation.ChangesStatus(e.isUndeclared, http.StatusMethodNotAllowed, http.StatusInternalServerError),
		},
	}
}
