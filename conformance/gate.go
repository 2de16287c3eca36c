package conformance

import (
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// gate is the one way out of a run. Inside everything is whole; whatever is said,
// reported or returned passes the gate, which hides every secret of the run: the
// manifest's, and the tokens that any answer gave.
type gate struct{ secrets *evidence.Secrets }

// say is where lines of progress go, one at a time.
func (g gate) say(out func(line string)) func(line string) {
	if out == nil {
		return nil
	}
	var mu sync.Mutex
	return func(line string) {
		mu.Lock()
		defer mu.Unlock()
		out(g.secrets.HideIn(line))
	}
}

// longestCause bounds what a subject can put into a finding, in characters.
const longestCause = 1000

// findings are findings as people may see them, each in one line, for a subject
// may have a say in them.
func (g gate) findings(findings ...report.Finding) []report.Finding {
	for i, f := range findings {
		cause := []rune(strings.Join(strings.FieldsFunc(g.secrets.HideIn(f.Cause), unicode.IsControl), " "))
		if len(cause) > longestCause {
			cause = append(cause[:longestCause], '…')
		}
		findings[i].Cause = string(cause)
	}
	return findings
}

// evidence adds to the results what went over the wire where a scenario did not
// pass, or everywhere. It comes after the last scenario, because a later one may have shown what
// is secret.
func (g gate) evidence(p *plan, everywhere bool, shell report.Shell) {
	shell.Secrets = g.secrets
	shell.HTTP, shell.GRPC = g.secrets.Hide(shell.HTTP), g.secrets.Hide(shell.GRPC)
	for _, row := range p.rows {
		for _, c := range row.cases {
			f := &c.result
			if c.log == nil || f.Outcome == report.Passed && !everywhere {
				continue
			}
			all := c.log.Exchanges(g.secrets)
			f.Exchanges, f.Dropped = evidence.Ends(all)
			if f.Outcome == report.Passed {
				continue
			}
			f.Reproduce = shell.Reproduce(all, g.secrets.HideIn(strings.TrimPrefix(f.FailedStep+": "+f.Error, ": ")))
		}
	}
}

// report makes a report fit to leave. Its findings and its evidence are already.
func (g gate) report(r *report.Report) {
	s := &r.Subject
	s.Name, s.Runs, s.Log = g.secrets.HideIn(s.Name), g.secrets.HideIn(s.Runs), g.secrets.Hide(s.Log)
	s.HTTP, s.GRPC = g.secrets.Hide(s.HTTP), g.secrets.Hide(s.GRPC)
	for i := range r.Errors {
		r.Errors[i].Text = g.secrets.HideIn(r.Errors[i].Text)
	}
	for i := range r.Requirements {
		row := &r.Requirements[i]
		row.Reason = g.secrets.HideIn(row.Reason)
		for j := range row.Scenarios {
			scenario := &row.Scenarios[j]
			scenario.Error, scenario.Reason = g.secrets.HideIn(scenario.Error), g.secrets.HideIn(scenario.Reason)
		}
	}
}

// error is an error as a caller may see it.
func (g gate) error(operation string, err error) error {
	return fmt.Errorf("%s: %w", g.secrets.HideIn(operation), err)
}
