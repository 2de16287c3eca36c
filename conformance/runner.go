package conformance

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// runner runs the cases of a plan against one subject.
type runner struct {
	options  Options
	subject  *exchange.Subject
	progress *progress
	answers  func(context.Context) error // whether the subject still does
	gone     error                       // why it does not; nothing is tried after that
	locked   map[string]string           // why an account is locked permanently, by dialect; none of its guesses is tried after that

	mu           sync.Mutex
	errors       []report.Error
	unanswered   map[string]int // scenarios in a row, by dialect, that got no answer
	disturbances int            // scenarios that pass alone, and did not pass before
	disturbed    string         // the first of them
}

// maxUnanswered is after how many scenarios in a row without an answer the rest of
// a dialect is not tried: a subject that hangs would take an hour to fail.
const maxUnanswered = 8

// lateTries is how often a scenario is tried whose answers come too late to show
// what holds just before an end.
const lateTries = 5

// The phases whose cases run in any order, and after all of these those that may lock an
// account: which of them does so must not be luck, so their order is fixed.
var (
	harmless = []catalogue.Phase{catalogue.Plain, catalogue.Flood, catalogue.Alone, catalogue.Clock}
	locking  = []catalogue.Phase{catalogue.Guess, catalogue.Throttle}
)

// run goes through the phases. Plain cases run at once, and alone where they do
// not pass; after them, the others one at a time, because they disturb each
// other: floods, looks at what the next request gets, moves of the clock, wrong passwords,
// which may lock an account permanently, and throttles, which may for a while. Where
// scenarios are to be repeated, no password is guessed before all others are done with.
func (r *runner) run(ctx context.Context, p *plan) {
	for repetition := range r.options.Repeat {
		p.repeat(harmless, nil)
		order := r.options.order(repetition)
		r.crowd(ctx, order(p.pending(catalogue.Plain)))
		for _, phase := range harmless {
			r.each(ctx, order(p.pending(phase)))
		}
	}
	for _, phase := range locking {
		for range r.options.Repeat {
			p.repeat([]catalogue.Phase{phase}, r.locked) // once an account is locked, there is nothing to compare with
			r.each(ctx, p.pending(phase))
		}
	}
	p.compare()
	r.blame(ctx, p)
}

func (r *runner) each(ctx context.Context, cases []*testCase) {
	for _, c := range cases {
		r.one(ctx, c)
	}
}

// one runs a case, unless the run is over.
func (r *runner) one(ctx context.Context, c *testCase) {
	if ctx.Err() != nil {
		c.untried("the run was interrupted before it")
		return
	}
	if r.gone != nil {
		c.untried("the subject stopped answering before it")
		return
	}
	if lock := r.locked[c.row.Dialect]; lock != "" && c.scenario.Phase == catalogue.Guess {
		c.untried(lock)
		return
	}
	if r.gaveUp(c.row.Dialect) {
		c.untried(fmt.Sprintf("not tried, for %d scenarios in a row got no answer", maxUnanswered))
		return
	}
	found := r.alone(ctx, c)
	r.listen(c.row.Dialect, found)
	if found.unanswered && ctx.Err() == nil {
		r.gone = r.stopped(ctx)
	}
	switch {
	case r.gone != nil:
		found.Outcome, found.Reason = report.Unproven, "the subject stopped answering during it"
		r.fail(report.Environment, "the subject stopped answering during %s, %q: %v; look into its log for why", c.row.ID, c.result.Name, r.gone)
	case ctx.Err() != nil && found.Outcome == report.Failed:
		found.Outcome, found.Reason = report.Unproven, "the run was interrupted during it"
	case found.Outcome == report.HarnessFailed:
		r.fail(report.Harness, "%s %s: %s", c.row.ID, c.result.Place, found.Reason)
	case found.lock:
		r.locked[c.row.Dialect] = found.Reason
		if len(c.earlier) > 0 { // it is the repetition that has locked the account
			c.untried(found.Reason)
			return
		}
	case found.clock:
		r.fail(report.Environment, "%s", found.Reason)
	}
	c.take(found)
}

// stopped says why the subject answers no more, if so: a scenario that got no
// answer says nothing about a subject that has ended. One that is restarted has
// some time for it.
func (r *runner) stopped(ctx context.Context) error {
	const tries, between = 3, 500 * time.Millisecond
	for n := 1; ; n++ {
		err := r.answers(ctx)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		if n == tries {
			return err
		}
		select {
		case <-time.After(between):
		case <-ctx.Done():
		}
	}
}

// listen counts the scenarios in a row that failed for want of an answer.
func (r *runner) listen(dialect string, f result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !f.unanswered {
		if r.unanswered[dialect] < maxUnanswered {
			r.unanswered[dialect] = 0
		}
		return
	}
	r.unanswered[dialect]++
}

// answered says whether the scenario before got an answer.
func (r *runner) answered(dialect string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.unanswered[dialect] == 0
}

func (r *runner) gaveUp(dialect string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.unanswered[dialect] >= maxUnanswered
}

// unresponsive blames the environment for the dialects that were given up before a
// row failed for it. Otherwise that row says enough.
func (r *runner) unresponsive(rows []report.Requirement) []report.Error {
	var errs []report.Error
	for _, dialect := range manifest.DialectNames() {
		failed := slices.ContainsFunc(rows, func(row report.Requirement) bool {
			return row.Dialect == dialect && row.Verdict == report.Fail
		})
		if r.gaveUp(dialect) && !failed {
			errs = append(errs, report.Error{Kind: report.Environment, Text: dialect + ": the subject answers nothing; most rows were not tried"})
		}
	}
	return errs
}

// fail notes an error of the run, once.
func (r *runner) fail(kind report.ErrorKind, format string, args ...any) {
	found := report.Error{Kind: kind, Text: fmt.Sprintf(format, args...)}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.errors {
		if e == found {
			return
		}
	}
	r.errors = append(r.errors, found)
}
