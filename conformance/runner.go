package conformance

import (
	"context"
	"fmt"
	"sync"

	"github.com/dragoman-auth/dragoman/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/conformance/steps"
)

// runner runs the cases of a plan against one subject.
type runner struct {
	options Options
	subject *steps.Subject

	mu     sync.Mutex
	errors []report.Error
}

// run goes through the phases. Plain cases run at once; after them, the others
// one at a time, because they disturb each other: floods, wrong passwords in a
// row, moves of the clock, and throttles, which may lock an account for a while.
func (r *runner) run(ctx context.Context, p *plan) {
	r.parallel(ctx, p.pending(catalogue.Plain))
	for _, phase := range []catalogue.Phase{catalogue.Flood, catalogue.Alone, catalogue.Clock, catalogue.Throttle} {
		for _, c := range p.pending(phase) {
			r.one(ctx, c)
		}
	}
}

func (r *runner) parallel(ctx context.Context, cases []*testCase) {
	queue := make(chan *testCase)
	var workers sync.WaitGroup
	for range min(r.options.Workers, len(cases)) {
		workers.Go(func() {
			for c := range queue {
				r.one(ctx, c)
			}
		})
	}
	for _, c := range cases {
		queue <- c
	}
	close(queue)
	workers.Wait()
}

// one runs a case, unless the run is over.
func (r *runner) one(ctx context.Context, c *testCase) {
	if ctx.Err() != nil {
		c.result.Outcome, c.result.Reason = report.Unproven, "the run was interrupted before it"
		return
	}
	found := r.execute(ctx, c)
	switch {
	case ctx.Err() != nil && found.Outcome == report.Failed:
		found.Outcome, found.Reason = report.Unproven, "the run was interrupted during it"
	case found.Outcome == report.HarnessFailed:
		r.fail(report.Harness, "%s %s: %s", c.row.ID, c.result.Place, found.Reason)
	case found.clock:
		r.fail(report.Environment, "%s", found.Reason)
	}
	name, place := c.result.Name, c.result.Place
	c.result = found.Scenario
	c.result.Name, c.result.Place = name, place
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
