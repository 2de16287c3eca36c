package zoo

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/reference/account"
)

// security are mistakes that are the same in every dialect.
func security(dialect string) []Mutant {
	d := doorOf(dialect)
	mutants := slices.Concat(guessable(dialect), throttled(dialect, d), crowded(d), oversized(dialect, d), []Mutant{
		{
			Name: "token-in-query", Breaks: []string{"SEC-02"},
			Why: "A link in an e-mail should open, so the filter reads the query too.",
			Change: func(s *Server) {
				s.requests(d.resource, func(r *http.Request) {
					for _, name := range []string{"access_token", "token", "auth_token", "bearer"} {
						if token := r.URL.Query().Get(name); token != "" {
							d.show(r, token)
						}
					}
				})
			},
		},
		{
			Name: "password-echoed", Breaks: []string{"SEC-04"},
			Why: "The refusal of a login repeats what came, for whoever looks for his mistake.",
			Change: func(s *Server) {
				s.answers(at("POST", d.path), func(a *reply) {
					if !a.ok() || strings.HasSuffix(a.member("error_code"), "WRONG_CREDENTIALS") {
						a.set("came", head(a.Request))
					}
				})
			},
		},
		{
			Name: "password-echoed-in-header", Breaks: []string{"SEC-04"},
			Why: "A header for debugging repeats what came.",
			Change: func(s *Server) {
				s.answers(d.login, func(a *reply) { a.Header.Set("X-Debug", url.QueryEscape(head(a.Request))) })
			},
		},
		{
			Name: "password-in-answer", Breaks: []string{"SEC-04"},
			Why: "The answer to a login holds the user as the table has him, password and all.",
			Change: func(s *Server) {
				s.answers(at("POST", d.path), func(a *reply) {
					if a.member(d.token) != "" {
						a.set("password", s.Accounts[0].Password)
					}
				})
			},
		},
		{
			Name: "any-method-is-login", Breaks: []string{"SEC-07"},
			Why:    "The route is registered for every method.",
			Change: func(s *Server) { s.requests(d.isUndeclared, func(r *http.Request) { r.Method = http.MethodPost }) },
		},
		{
			Name: "undeclared-method-is-200", Breaks: []string{"SEC-07"},
			Why: "Whatever is no POST shows the login page.",
			Change: func(s *Server) {
				s.instead(d.isUndeclared, answer(http.StatusOK, map[string]any{}))
			},
		},
		{
			Name: "undeclared-method-is-500", Breaks: []string{"SEC-07"},
			Why:    "The dispatcher throws where it finds no handler.",
			Change: changesStatus(d.isUndeclared, http.StatusMethodNotAllowed, http.StatusInternalServerError),
		},
	})
	for i := range mutants {
		mutants[i].Name = dialect + "/" + mutants[i].Name
	}
	return mutants
}

// guessable are mistakes in how tokens are drawn.
func guessable(dialect string) []Mutant {
	weak := []string{"SEC-01"}
	return []Mutant{
		{
			Name: "tokens-count-up", Breaks: weak,
			Why: "A token is the number of a row, dressed up.", Change: draws(dialect, countUp()),
		},
		{
			Name: "tokens-begin-alike", Breaks: weak,
			Why: "The names of machine and program stand before what is drawn.", Change: draws(dialect, behind("back-office-production-7-")),
		},
	}
}

// throttled are mistakes in how the guessing of passwords is slowed.
func throttled(dialect string, d door) []Mutant {
	mutants := []Mutant{
		{
			Name: "guessing-unlimited", Breaks: []string{"SEC-03"},
			Why:    "Nobody counts wrong passwords.",
			Change: func(s *Server) { s.Throttle = account.Throttle{PerAccount: -1, PerAddress: -1} },
		},
		{
			Name: "strangers-unlimited", Breaks: []string{"SEC-03"},
			Why: "Wrong passwords are counted in the table of users, and an unknown one has no row there.",
			Change: func(s *Server) {
				counting, err := account.NewLimiter(account.Throttle{}, s.Store, s.Clock)
				if err != nil {
					panic(err) // it has a store and a clock
				}
				s.Limiter = knownOnly{counting}
			},
		},
		{
			Name: "guessing-locks-everybody", Breaks: []string{"SEC-03"},
			Why: "Who guesses at unknown accounts is locked out by his address, for an hour and with all who share it.",
			Change: func(s *Server) {
				var locked atomic.Bool
				s.answers(d.login, func(a *reply) {
					if d.isThrottled(a) && !strings.Contains(head(a.Request), "root") {
						locked.Store(true)
					} else if locked.Load() && a.ok() {
						a.refuse(http.StatusTooManyRequests, map[string]string{"error": "try again"})
					}
				})
			},
		},
		{
			Name: "locked-for-an-hour", Breaks: []string{"SEC-03"},
			Why:    "A locked account stays locked longer than is said.",
			Change: func(s *Server) { s.Throttle = account.Throttle{Window: time.Hour} },
		},
	}
	if dialect != "rpc" { // it has a code of its own for a locked account
		mutants = append(mutants, Mutant{
			Name: "throttle-without-wait", Breaks: []string{"SEC-03"},
			Why:    "429 is answered, and nobody says until when.",
			Change: func(s *Server) { s.answers(d.login, func(a *reply) { a.Header.Del("Retry-After") }) },
		})
	}
	return mutants
}

// crowded are mistakes that show when many come at once.
func crowded(d door) []Mutant {
	return []Mutant{
		{
			Name: "few-logins-at-once", Breaks: []string{"SEC-05"},
			Why:    "The pool of connections to the directory is small, and who finds none is turned away.",
			Change: func(s *Server) { s.turnsAway(d.login, 4) },
		},
		{
			Name: "racing-renewals-both-win", Breaks: []string{"SEC-05"},
			Why:    "Renewals read, change and write without a lock, and what two of them have written is taken for stolen when it is used.",
			Change: func(s *Server) { s.races(d) },
		},
	}
}

// oversized are mistakes with requests that are too long.
func oversized(dialect string, d door) []Mutant {
	body := []string{"SEC-06"}
	if dialect == "form" {
		body = []string{"FRM-22", "SEC-06"}
	}
	return []Mutant{
		{
			Name: "header-of-any-size", Breaks: []string{"SEC-06"},
			Why: "The limit was raised for the cookies of another application.",
			Change: func(s *Server) {
				s.HTTP.MaxHeaderBytes = 1 << 20
				s.requests(d.login, func(r *http.Request) { r.Header.Del("X-Filler") })
			},
		},
		{
			Name: "body-of-any-size", Breaks: body,
			Why: "Nobody set a limit.", Change: func(s *Server) { s.requests(isLong, withoutFiller) },
		},
		{
			Name: "oversized-is-500", Breaks: body,
			Why:    "The limit throws, and nobody catches.",
			Change: changesStatus(isLong, http.StatusRequestEntityTooLarge, http.StatusInternalServerError),
		},
		{
			Name: "oversized-poisons-next", Breaks: body, Serial: true,
			Why: "What an oversized body leaves behind is read by the next login.",
			Change: func(s *Server) {
				var poisoned atomic.Bool
				s.answers(at("POST", d.path), func(a *reply) {
					if poisoned.Swap(a.Status == http.StatusRequestEntityTooLarge) {
						a.refuse(http.StatusInternalServerError, map[string]string{"error": "out of memory"})
					}
				})
			},
		},
	}
}
