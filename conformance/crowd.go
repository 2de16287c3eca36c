package conformance

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// crowd runs plain scenarios beside each other, as many at once as there are
// workers. Scenarios share accounts, so where a server has a policy (one session
// per user, so many logins a second) one of them may be in another's way, and
// which one is luck. Therefore a crowd can only pass: the first scenario of a
// dialect that does not, makes all of the dialect's pending again, to be run
// alone. So the verdict is the same for any number of workers.
func (r *runner) crowd(ctx context.Context, cases []*testCase) {
	if r.options.Workers == 1 {
		return
	}
	found := make([]result, len(cases))
	failed := map[string]bool{} // dialects
	var mu sync.Mutex
	r.subject.Crowded.Store(true)
	defer r.subject.Crowded.Store(false)
	queue := make(chan int)
	var workers sync.WaitGroup
	for range min(r.options.Workers, len(cases)) {
		workers.Go(func() {
			for i := range queue {
				c := cases[i]
				mu.Lock()
				over := failed[c.row.Dialect] || ctx.Err() != nil
				mu.Unlock()
				if over {
					continue
				}
				f := r.execute(ctx, c)
				mu.Lock()
				found[i] = f
				if f.Outcome != report.Passed {
					failed[c.row.Dialect] = true
				}
				mu.Unlock()
			}
		})
	}
	for i := range cases {
		queue <- i
	}
	close(queue)
	workers.Wait()
	for i, c := range cases {
		switch {
		case !failed[c.row.Dialect] && found[i].Outcome != "":
			c.take(found[i])
		case found[i].Outcome == report.Failed:
			c.disturbed = found[i].Error
		}
	}
}

// alone runs a case with nothing beside it. Where it fails, what an earlier
// scenario has left behind may be why: it is run again against a quiet subject,
// and only that counts. Not so scenarios that send many requests at once, which
// judge what comes of that, and repetitions, which look for what is unstable.
func (r *runner) alone(ctx context.Context, c *testCase) result {
	found := r.execute(ctx, c)
	for range lateTries - 1 {
		if !found.late || ctx.Err() != nil {
			break
		}
		found = r.execute(ctx, c)
	}
	again := c.scenario.Phase != catalogue.Flood && r.options.Repeat == 1 && (!found.unanswered || r.answered(c.row.Dialect))
	if again && found.Outcome == report.Failed && ctx.Err() == nil {
		c.disturbed = found.Error
		r.endThrottle(ctx, c.row.Dialect)
		if again := r.execute(ctx, c); again.Outcome != report.Failed || again.failed.Role != catalogue.SetUp {
			found = again // else the first has come farther
		}
	}
	if c.disturbed != "" && found.Outcome == report.Passed {
		r.disturbance(c)
	}
	return found
}

// endThrottle lets the throttle of a dialect end, where the subject's time can be
// moved past it. An error is for the scenario to meet.
func (r *runner) endThrottle(ctx context.Context, dialect string) {
	throttle, clock := r.subject.Manifest.Throttle(dialect), r.subject.Manifest.Clock
	if throttle != nil && clock != nil && clock.Wait == 0 {
		_ = r.subject.Clock.Advance(ctx, throttle.Wait+time.Second)
	}
}

// disturbance notes that a scenario passes alone, and did not pass before.
func (r *runner) disturbance(c *testCase) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.disturbances++
	if r.disturbances == 1 {
		r.disturbed = fmt.Sprintf("as %s, %q: %s", c.row.ID, c.result.Name, c.disturbed)
	}
}

// disturbances is the finding that scenarios were in each other's way.
func (r *runner) disturbanceFindings() []report.Finding {
	if r.disturbances == 0 {
		return nil
	}
	return []report.Finding{{
		Severity: report.Warning, Where: "subject",
		Cause: fmt.Sprintf("what is done with an account beside or before a scenario makes it fail; it passes alone, and that counts (%s, %s)", humanize.Count(r.disturbances, "scenario"), r.disturbed),
		Fix:   "a policy of the subject, as one session per user or a limit on logins, does that; declare throttle or pace where there is one",
	}}
}
