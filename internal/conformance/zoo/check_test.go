package zoo

import (
	"strconv"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
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

// TestIdleSteps: a step behind Then that fails no mutant is a gap, whichever it is, and
// so is a control that ends no scenario.
func TestIdleSteps(t *testing.T) {
	t.Parallel()
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		t.Fatal(err)
	}
	type failure struct {
		dialect, scenario, step, written string
		control                          bool
	}
	var all []failure
	steps := map[string]bool{}
	for _, row := range suite.Requirements {
		for _, s := range row.Scenarios {
			for i, part := range s.Parts {
				if row.Excluded != "" || !part.Expects && !catalogue.EndsControl(s.Parts, i) {
					continue
				}
				f := failure{row.Dialect, s.Name, part.Text, part.Written, part.Role == catalogue.Control}
				if f.control {
					f.written = "But " + f.written
				}
				all, steps[f.written] = append(all, f), true
			}
		}
	}
	trial := func(without string) []Trial {
		r := &report.Report{}
		for _, f := range all {
			if f.written == without {
				continue
			}
			row := report.Requirement{Dialect: f.dialect, Verdict: report.Fail,
				Scenarios: []report.Scenario{{Name: f.scenario, Outcome: report.Failed, FailedStep: f.step}}}
			if f.control {
				row.Verdict = report.Untestable
				row.Scenarios[0].Outcome, row.Scenarios[0].Reason = report.Unproven, blockedBy+"SES-01: no token"
			}
			r.Requirements = append(r.Requirements, row)
		}
		return []Trial{{Kind: KindMutant, Report: r}}
	}
	if gaps := idleSteps(suite, trial(""), true); len(gaps) > 0 || len(steps) < 130 {
		t.Errorf("%d steps, gaps: %q", len(steps), gaps)
	}
	for step := range steps {
		gaps := idleSteps(suite, trial(step), true)
		if len(gaps) != 1 || !strings.Contains(gaps[0], strconv.Quote(step)) {
			t.Errorf("without %q: %q", step, gaps)
		}
		want := 1
		if strings.HasPrefix(step, "But ") {
			want = 0 // in a sample a control may lack the broken row that ends it
		}
		if gaps := idleSteps(suite, trial(step), false); len(gaps) != want {
			t.Errorf("without %q, of a sample: %q", step, gaps)
		}
	}
}

// TestAMachineWithoutTheAddress says nothing of the suite.
func TestAMachineWithoutTheAddress(t *testing.T) {
	t.Parallel()
	const ofNobody = "192.0.2.1" // RFC 5737
	e := different(KindVariant, mutation.Variant{Name: "elsewhere", Change: func(s *mutation.Server) { s.Host = ofNobody }})
	if f := e.trial(t.Context(), oneByOne); f.Err != nil || !strings.HasPrefix(f.Untried, "this machine has no "+ofNobody+": ") {
		t.Errorf("it is tried: %v, %q", f.Err, f.Untried)
	}
}
