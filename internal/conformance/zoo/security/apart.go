package security

import (
	"context"
	"net/http"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// countedApart are mistakes in what the throttle counts by.
func countedApart(e Endpoints) []mutation.Mutant {
	mutants := []mutation.Mutant{{
		Name: "throttle-by-spelling", Breaks: []string{"SEC-10"},
		Why: "Names are compared without regard to letter case, and counted as they were sent.",
		Change: func(s *mutation.Server) {
			countAsNamed(s)
			s.OnRequest(e.Login, func(r *http.Request) {
				written := ""
				changeCredentials(r, loginMember, func(sent string) string {
					written = sent
					return strings.ToLower(sent)
				})
				named(r, written)
			})
		},
	}}
	if e.Dialect == "rpc" {
		mutants = append(mutants, mutation.Mutant{
			Name: "throttle-by-transport", Breaks: []string{"SEC-10"},
			Why: "Each front end has a throttle of its own.",
			Change: func(s *mutation.Server) {
				countAsNamed(s)
				s.Manifest.Dialects.RPC.Throttle.Attempts = 10
				s.OnRequest(e.Login, func(r *http.Request) { named(r, "over HTTP") })
			},
		})
	}
	return mutants
}

// countAsNamed counts the wrong passwords of a request by the name that it was
// given, and not by its address.
func countAsNamed(s *mutation.Server) {
	counting, err := account.NewLimiter(account.Throttle{PerAddress: -1}, s.Store, s.Clock)
	if err != nil {
		panic(err) // it has a store and a clock
	}
	s.Limiter = byName{counting}
}

type nameKey struct{}

// named gives a request the name that its wrong passwords count for.
func named(r *http.Request, name string) {
	*r = *r.WithContext(context.WithValue(r.Context(), nameKey{}, name))
}

type byName struct{ account.Limiter }

func (b byName) Start(ctx context.Context, attempt account.Attempt) (func(context.Context, account.Outcome) error, error) {
	if name, is := ctx.Value(nameKey{}).(string); is {
		attempt.Account = name
	}
	return b.Limiter.Start(ctx, attempt)
}
