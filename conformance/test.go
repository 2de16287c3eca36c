package conformance

import (
	"fmt"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
)

// Test judges the subject of a manifest inside a Go test, with a subtest per
// requirement, named dialect/id. A broken MUST row fails its subtest, a broken
// SHOULD row is logged, and what was not judged is skipped with its reason; with
// Strict, a broken SHOULD row and an untestable row fail theirs too. An error of
// the environment, the harness or the ledger fails t itself. At most
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
		t.Run(row.Dialect+"/"+row.ID, func(t *testing.T) { replay(t, row, o.Strict) })
	}
}

func replay(t *testing.T, row report.Requirement, strict bool) {
	t.Helper()
	switch {
	case row.Verdict == report.Pass:
	case row.Verdict == report.Fail, row.Verdict == report.Warn && strict:
		t.Error(brokenText(row))
	case row.Verdict == report.Warn:
		t.Log(brokenText(row))
	case row.Verdict == report.Untestable && strict:
		t.Error(string(row.Verdict) + ": " + row.Reason)
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
