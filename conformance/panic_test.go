package conformance_test

import (
	"context"
	"strings"
	"testing"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// panicking panics where no step is at work.
type panicking struct{ said int }

// say is called by Run itself: first when judging begins.
func (p *panicking) say(string) {
	p.said++
	panic("at the wrong moment, with s3cret-word")
}

// TestPanicOfTheHarness wants a partial report, and no crash.
func TestPanicOfTheHarness(t *testing.T) {
	t.Parallel()
	url, _ := newServer(t)
	suite := newSuite(suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"one", "", "nothing"})})
	r := run(t, newManifest(url), conformance.Options{Say: (&panicking{}).say}.JudgedBy(suite, nil))
	if r.Conclusion != report.HarnessError || r.Conclusion.ExitCode() != 4 || !r.Partial || r.Planned != 1 || len(r.Errors) != 1 ||
		r.Errors[0].Text != "the harness panicked, and this report is partial: at the wrong moment, with [password-1]" {
		t.Errorf("got %s, partial %v, %d planned, %+v", r.Conclusion, r.Partial, r.Planned, r.Errors)
	}
	if r.Requirements[0].Verdict != report.Untestable || r.Requirements[0].Reason != "the harness failed before it was judged" {
		t.Errorf("the row is %+v", r.Requirements[0])
	}
	var text strings.Builder
	if err := r.WriteText(&text); err != nil || !strings.Contains(text.String(), "partial: the run broke off") {
		t.Errorf("the report says: %s (%v)", text.String(), err)
	}
}

// TestPanicOfSteps wants panics in a scenario, also in its hooks and when its
// steps are bound, to cost that scenario only.
func TestPanicOfSteps(t *testing.T) {
	t.Parallel()
	url, _ := newServer(t)
	bind := func(sc *godog.ScenarioContext, dialect string, s *exchange.Subject, log *evidence.Log) error {
		sc.Before(func(ctx context.Context, scenario *godog.Scenario) (context.Context, error) {
			if scenario.Name == "hook" {
				panic("in a hook")
			}
			return ctx, nil
		})
		return fakeSteps(sc, dialect, s, log)
	}
	r, err := conformance.Run(t.Context(), newManifest(url), conformance.Options{}.JudgedBy(newSuite(
		suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"good", "", "nothing"})},
		suiteRow{"FRM-02", "MUST", "", scenarios(suiteScenario{"step", "", "panic"})},
		suiteRow{"FRM-03", "MUST", "", scenarios(suiteScenario{"hook", "", "nothing"})},
	), bind))
	if err != nil {
		t.Fatal(err)
	}
	if r.Conclusion != report.HarnessError || r.Counts[report.Pass] != 1 || r.Counts[report.Untestable] != 2 || r.Planned != 3 {
		t.Errorf("got %s, %v", r.Conclusion, r.Counts)
	}
	for _, row := range r.Requirements[1:] {
		if row.Scenarios[0].Outcome != report.HarnessFailed {
			t.Errorf("%s is %+v", row.ID, row.Scenarios[0])
		}
	}
}
