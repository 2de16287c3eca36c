package zoo

import (
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/report"
)

// TestBlocked: a row is excused only by scenarios that say which broken row has
// blocked them.
func TestBlocked(t *testing.T) {
	t.Parallel()
	passed := report.Scenario{Outcome: report.Passed}
	unproven := func(reason string) report.Scenario {
		return report.Scenario{Outcome: report.Unproven, Reason: reason}
	}
	for name, test := range map[string]struct {
		scenarios []report.Scenario
		want      bool
	}{
		"blocked":              {[]report.Scenario{passed, unproven("blocked by RPC-14: no token")}, true},
		"twice":                {[]report.Scenario{unproven("blocked by RPC-14: no token"), unproven("blocked by RPC-06: denied")}, true},
		"by another row":       {[]report.Scenario{unproven("blocked by RPC-01: no token")}, false},
		"for another reason":   {[]report.Scenario{unproven("blocked by RPC-14: no token"), unproven("its set-up failed")}, false},
		"by nothing":           {[]report.Scenario{passed}, false},
		"without any scenario": {nil, false},
	} {
		if got := blocked(report.Requirement{Scenarios: test.scenarios}, []string{"RPC-14", "RPC-06"}); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
