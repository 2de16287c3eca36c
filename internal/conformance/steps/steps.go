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

// Register binds the steps of a dialect that one of the texts matches, for one scenario;
// without texts it binds all of them, which takes longer than most scenarios. The error
// says that the subject's manifest does not declare the dialect.
func (d *Definitions) Register(scenario *godog.ScenarioContext, texts []string, name string, subject *exchange.Subject, log *evidence.Log) error {
	on := exchange.NewClient(subject, name, log)
	client, err := dialect.New(on)
	if err != nil {
		return fmt.Errorf("register steps: %w", err)
	}
	w := shared.NewWorld(scenario, d.expressions.Matching(texts), on, client)
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
