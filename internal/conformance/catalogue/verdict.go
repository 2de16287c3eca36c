package catalogue

import (
	"fmt"

	"github.com/dragoman-auth/dragoman/conformance/report"
)

// Verdict reaches the verdict on a requirement from the outcomes of its
// scenarios, and says why it is no pass. One failure breaks it. Short of that, one scenario that could not
// be judged leaves it untestable: a pass does not hide that. Scenarios that do
// not apply do not count, unless none applies.
func (r *Requirement) Verdict(scenarios []report.Scenario) (report.Verdict, string) {
	if r.Excluded != "" {
		return report.Untestable, "not judged: " + r.Excluded
	}
	first := map[report.Outcome]*report.Scenario{}
	passed := 0
	for i := range scenarios {
		s := &scenarios[i]
		if first[s.Outcome] == nil {
			first[s.Outcome] = s
		}
		if s.Outcome == report.Passed {
			passed++
		}
	}
	switch {
	case first[report.Failed] != nil:
		verdict := report.Warn
		if r.Level == Must {
			verdict = report.Fail
		}
		broken := first[report.Failed]
		if broken.Reason != "" { // it is unstable
			return verdict, fmt.Sprintf("%s: %s: %s", broken.Name, broken.Reason, broken.Error)
		}
		return verdict, broken.Name + ": " + broken.Error
	case first[report.HarnessFailed] != nil:
		return report.Untestable, "the harness failed: " + first[report.HarnessFailed].Reason
	case first[report.Unproven] != nil:
		reason := first[report.Unproven].Reason
		if passed > 0 {
			reason = fmt.Sprintf("%s (in %q; %d of %d scenarios passed)", reason, first[report.Unproven].Name, passed, len(scenarios))
		}
		return report.Untestable, reason
	case passed > 0:
		return report.Pass, ""
	case first[report.Inapplicable] != nil:
		return report.NotApplicable, first[report.Inapplicable].Reason
	}
	return report.Untestable, "nothing judges it"
}
