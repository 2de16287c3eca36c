package security

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// throttled are mistakes in how the guessing of passwords is slowed.
func throttled(e Endpoints) []mutation.Mutant {
	breaks := []string{"SEC-03"}
	mutants := []mutation.Mutant{
		{
			Name: "guessing-unlimited", Breaks: []string{"SEC-03", "SEC-10"},
			Why:    "Nobody counts wrong passwords.",
			Change: func(s *mutation.Server) { s.Throttle = account.Throttle{PerAccount: -1, PerAddress: -1} },
		},
		{
			Name: "unknown-accounts-unlimited", Breaks: breaks,
			Why: "Wrong passwords are counted in the table of users, and an unknown one has no row there.",
			Change: func(s *mutation.Server) {
				counting, err := account.NewLimiter(account.Throttle{}, s.Store, s.Clock)
				if err != nil {
					panic(err) // it has a store and a clock
				}
				s.Limiter = knownOnly{counting}
			},
		},
		{
			Name: "guessing-locks-everybody", Breaks: breaks, Hides: []string{"SEC-10"},
			Why: "An address that guesses at unknown accounts is locked out for an hour, and with it all who share it.",
			Change: func(s *mutation.Server) {
				var locked atomic.Bool
				s.OnAnswer(e.Login, func(a *mutation.Reply) {
					if isThrottled(a) && !strings.Contains(bodyStart(a.Request), "root") {
						locked.Store(true)
					} else if locked.Load() && a.OK() {
						a.Replace(http.StatusTooManyRequests, map[string]string{"error": "try again"})
					}
				})
			},
		},
		{
			Name: "locked-for-an-hour", Breaks: breaks, Hides: []string{"SEC-10"},
			Why:    "A locked account stays locked longer than is said.",
			Change: func(s *mutation.Server) { s.Throttle = account.Throttle{Window: time.Hour} },
		},
	}
	if !e.LockCode {
		mutants = append(mutants, mutation.Mutant{
			Name: "throttle-without-wait", Breaks: []string{"SEC-03", "SEC-10"},
			Why: "429 is answered, and nobody says until when.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(e.Login, func(a *mutation.Reply) { a.Header.Del("Retry-After") })
			},
		})
	}
	return mutants
}

// knownOnly counts wrong passwords of the demo accounts alone.
type knownOnly struct{ account.Limiter }

func (k knownOnly) Start(ctx context.Context, attempt account.Attempt) (func(context.Context, account.Outcome) error, error) {
	if attempt.Account == "root" || attempt.Account == "clerk" {
		return k.Limiter.Start(ctx, attempt)
	}
	return func(context.Context, account.Outcome) error { return nil }, nil
}
