package conformance_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// TestWaitingBeyondTheBudget: a row that would have to wait longer than the
// manifest allows is untestable and says so; the others are judged.
func TestWaitingBeyondTheBudget(t *testing.T) {
	t.Parallel()
	url, _ := newServer(t)
	m := newManifest(url)
	m.Clock = &manifest.Clock{Wait: time.Second}
	r := run(t, m, conformance.Options{}.JudgedBy(newSuite(
		suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"good", "", "GET /a answers 200"})},
		suiteRow{"FRM-02", "MUST", "", scenarios(suiteScenario{"later", "@clock", "time passes"})},
	), nil))
	late := r.Requirements[1]
	if late.Verdict != report.Untestable || !strings.Contains(late.Reason, "1 hour of real waiting, and clock.wait allows 1 second at a time; allow more") {
		t.Errorf("%s: %s", late.Verdict, late.Reason)
	}
	if r.Conclusion != report.ConformantWithGaps || len(r.Errors) != 0 {
		t.Errorf("%s, with %v", r.Conclusion, r.Errors)
	}
}

// TestAnswersThatComeTooLate: a scenario that could not look in time is tried
// again, and is untestable when it never could.
func TestAnswersThatComeTooLate(t *testing.T) {
	t.Parallel()
	url, _ := newServer(t)
	for late, want := range map[int64]report.Verdict{0: report.Pass, 4: report.Pass, 5: report.Untestable} {
		var tries atomic.Int64
		bind := func(sc *godog.ScenarioContext, _ string, _ *exchange.Subject, _ *evidence.Log) error {
			sc.Step(`^it looks in time$`, func(context.Context) error {
				if tries.Add(1) <= late {
					return &exchange.TooLateError{By: time.Second}
				}
				return nil
			})
			return nil
		}
		suite := newSuite(suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"timely", "", "it looks in time"})})
		r, err := conformance.Run(t.Context(), newManifest(url), conformance.Options{Workers: 1}.JudgedBy(suite, bind))
		if err != nil {
			t.Fatal(err)
		}
		row := r.Requirements[0]
		if row.Verdict != want || tries.Load() != min(late+1, 5) {
			t.Errorf("late %d times: %s (%s) after %d tries", late, row.Verdict, row.Reason, tries.Load())
		}
		if want == report.Untestable && !strings.Contains(row.Reason, "the answer came 1 second too late") {
			t.Errorf("its reason is %s", row.Reason)
		}
	}
}

// TestUnfitSubjects: what the doctor calls fatal is one error of the
// environment, and no row is judged.
func TestUnfitSubjects(t *testing.T) {
	t.Parallel()
	url, requests := newServer(t)
	m := newManifest(url)
	m.Clock = &manifest.Clock{Method: "POST", Path: "/clock", Body: "{seconds}"}
	r, err := conformance.Run(t.Context(), m, conformance.Options{Only: []string{"FRM-01", "FRM-02"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Errors) != 1 || r.Errors[0].Kind != report.Environment || !strings.Contains(r.Errors[0].Text, "correct the clock section") {
		t.Errorf("errors: %v", r.Errors)
	}
	if r.Conclusion != report.EnvironmentError || r.Counts[report.Untestable] != 2 || r.Planned != 2 || r.Executed() != 0 {
		t.Errorf("%s: %v of %d", r.Conclusion, r.Counts, r.Planned)
	}
	if n := requests.Load(); n > 4 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestThrottlesAreWaitedForAlone: a plain scenario that meets a throttle is
// tried again when no other runs, for only then may time pass.
func TestThrottlesAreWaitedForAlone(t *testing.T) {
	t.Parallel()
	url, _ := newServer(t)
	var crowded, alone atomic.Int64
	bind := func(sc *godog.ScenarioContext, _ string, s *exchange.Subject, _ *evidence.Log) error {
		sc.Step(`^it logs in$`, func(context.Context) error {
			if s.Crowded.Load() {
				crowded.Add(1)
				return &exchange.LockedOutError{Answer: "429 Too Many Requests"}
			}
			alone.Add(1)
			return nil
		})
		return nil
	}
	suite := newSuite(suiteRow{"FRM-01", "MUST", "", scenarios(suiteScenario{"one", "", "it logs in"}, suiteScenario{"two", "", "it logs in"})})
	r, err := conformance.Run(t.Context(), newManifest(url), conformance.Options{}.JudgedBy(suite, bind))
	if err != nil {
		t.Fatal(err)
	}
	if r.Counts[report.Pass] != 1 || crowded.Load() == 0 || alone.Load() != 2 {
		t.Errorf("%v, with %d tries in a crowd and %d alone: %+v", r.Counts, crowded.Load(), alone.Load(), r.Requirements)
	}
}
