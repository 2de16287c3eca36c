package security

import (
	"net/http"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// ungrammatical are mutants that break what HTTP asks of every server.
func ungrammatical(e Endpoints) []mutation.Mutant {
	var mutants []mutation.Mutant
	if e.Dialect != "rpc" { // whose protected resource is asked for by POST
		mutants = append(mutants, heads(e)...)
	}
	if e.Dialect != "form" { // which has a header of its own
		mutants = append(mutants, schemes(e)...)
	}
	return mutants
}

func heads(e Endpoints) []mutation.Mutant {
	head := func(r *http.Request) bool {
		asked := *r
		asked.Method = http.MethodGet
		return r.Method == http.MethodHead && e.Resource(&asked)
	}
	return []mutation.Mutant{
		{
			Name: "head-is-405", Breaks: []string{"SEC-08"},
			Why:    "The router has a route for GET, and none for HEAD.",
			Change: func(s *mutation.Server) { s.Instead(head, mutation.Answer(http.StatusMethodNotAllowed, nil)) },
		},
		{
			Name: "head-needs-no-token", Breaks: []string{"SEC-08"},
			Why: "The filter guards GET, and HEAD shows nothing anyway.",
			Change: func(s *mutation.Server) {
				s.Instead(func(r *http.Request) bool { return head(r) && e.Token(r) == "" }, mutation.Answer(http.StatusOK, nil))
			},
		},
	}
}

// schemes are mutants that read the Authorization header wrongly.
func schemes(e Endpoints) []mutation.Mutant {
	breaks := []string{"SEC-09"}
	reads := func(change func(value string) string) func(*mutation.Server) {
		return func(s *mutation.Server) {
			s.OnRequest(e.Resource, func(r *http.Request) {
				value := r.Header.Get("Authorization")
				if _, _, basic := r.BasicAuth(); value == "" || basic {
					return
				}
				r.Header = r.Header.Clone()
				if read := change(value); read != "" {
					r.Header.Set("Authorization", "Bearer "+read)
				} else {
					r.Header.Del("Authorization")
				}
			})
		}
	}
	return []mutation.Mutant{
		{
			Name: "scheme-in-one-case", Breaks: breaks,
			Why: "The header is compared with \"Bearer \", letter by letter.",
			Change: reads(func(value string) string {
				token, _ := strings.CutPrefix(value, "Bearer ")
				if token == value {
					return ""
				}
				return strings.TrimSpace(token)
			}),
		},
		{
			Name: "one-space-in-authorization", Breaks: breaks,
			Why: "The header is split at each space, and the second part is the token.",
			Change: reads(func(value string) string {
				if parts := strings.Split(value, " "); len(parts) == 2 {
					return parts[1]
				}
				return ""
			}),
		},
		{
			Name: "token-without-scheme", Breaks: breaks,
			Why: "Where \"Bearer \" is not in front, the whole header is the token.",
			Change: reads(func(value string) string {
				return strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(value, "Bearer"), "bearer"))
			}),
		},
		{
			Name: "any-scheme-is-bearer", Breaks: breaks,
			Why:    "What follows the last space is the token.",
			Change: reads(func(value string) string { return value[strings.LastIndex(value, " ")+1:] }),
		},
	}
}
