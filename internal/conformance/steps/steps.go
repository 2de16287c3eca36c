// Package steps is the suite's step definitions: what each Gherkin step does
// over raw HTTP and raw gRPC, and what it expects. A folder for each dialect
// holds the dialect's own steps, security those of the SEC rows, and shared what
// all have; this package puts them together for a scenario. They import nothing
// of the client, of its wire facts or of the reference server, because the suite
// shares no code with what it tests; what is expected stands in the features as
// literals. Package conformance decides which scenarios run, and what their outcomes
// mean for a verdict.
package steps

import (
	"fmt"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/form"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/rpc"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/scoped"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/security"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/session"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
)

// Definitions are the step definitions of all dialects. The zero Definitions is
// ready; it is safe for concurrent use.
type Definitions struct{ expressions shared.Expressions }

// Register binds all steps of a dialect, for one scenario. The error says that
// the subject's manifest does not declare the dialect.
func (d *Definitions) Register(scenario *godog.ScenarioContext, name string, subject *exchange.Subject, log *evidence.Log) error {
	return register(scenario, d.expressions.All(), name, subject, log)
}

// RegisterOf returns a Register that binds only what one of the steps of the scenario
// matches. To bind and to match all of a dialect's steps takes longer than a scenario.
func (d *Definitions) RegisterOf(steps []string) func(*godog.ScenarioContext, string, *exchange.Subject, *evidence.Log) error {
	return func(scenario *godog.ScenarioContext, name string, subject *exchange.Subject, log *evidence.Log) error {
		return register(scenario, d.expressions.Matching(steps), name, subject, log)
	}
}

func register(scenario *godog.ScenarioContext, expressions shared.Selection, name string, subject *exchange.Subject, log *evidence.Log) error {
	on := exchange.NewClient(subject, name, log)
	client, err := dialect.New(on)
	if err != nil {
		return fmt.Errorf("register steps: %w", err)
	}
	w := shared.NewWorld(scenario, expressions, on, client)
	switch client := client.(type) {
	case dialect.Session:
		session.Register(w, client)
	case dialect.Form:
		form.Register(w, client)
	case *dialect.RPC:
		rpc.Register(w, client)
	case dialect.Scoped:
		scoped.Register(w, client)
	}
	security.Register(w)
	return nil
}
