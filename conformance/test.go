package conformance

import (
	"fmt"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
)

// Test judges the subject of a manifest inside a Go test, with a subtest per
// requirement, named dialect/id. A broken MUST row fails its subtest, a broken
// SHOULD row is logged, and what was not judged is skipped with its reason. An
// error of the environment, the harness or the ledger fails t itself. At most
// one Options may be given.
func Test(t *testing.T, m *manifest.Manifest, options ...Options) {
	t.Helper()
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	if o.Say == nil {
		o.Say = func(line string) { t.Log(line) }
	}
	r, err := Run(t.Context(), m, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Errors {
		t.Error(e.Error())
	}
	for _, row := range r.Requirements {
		t.Run(row.Dialect+"/"+row.ID, func(t *testing.T) { replay(t, row) })
	}
}

func replay(t *testing.T, row report.Requirement) {
	t.Helper()
	switch row.Verdict {
	case report.Pass:
	case report.Fail:
		t.Error(brokenText(row))
	case report.Warn:
		t.Log(brokenText(row))
	default:
		t.Skip(string(row.Verdict) + ": " + row.Reason) //nolint:forbidigo // a row that is not judged
	}
}

func brokenText(row report.Requirement) string {
	text := fmt.Sprintf("%s (%s): %s", row.ID, row.Level, row.Statement)
	for _, s := range row.Scenarios {
		if s.Outcome == report.Failed {
			text += fmt.Sprintf("\n%s (%s)\n  step: %s\n  %s\n  %s", s.Name, s.Place, s.FailedStep, s.Error, s.Reproduce)
		}
	}
	return text
}
