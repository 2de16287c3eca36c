package conformance

import (
	"context"
	"fmt"
	"slices"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
)

// blame decides what the failures of set-ups and controls mean. They rely on
// what other rows judge. Where one of these is broken, the failure is that row's
// alone, and this one is blocked by it. Else
//   - a control has failed because of what the scenario did before it, and that is
//     the row's own failure;
//   - a set-up says nothing about the row, which is untestable.
//
// A judgement that fails because anybody gets the answer is blocked by the rows about
// requests without credentials, where these are broken themselves.
//
// A row that is not in the plan, because others were asked for, is judged for
// this, and not reported.
func (r *runner) blame(ctx context.Context, p *plan) {
	b := &blamer{runner: r, plan: p, rows: map[string]*row{}, asking: map[*row]bool{}}
	for _, row := range p.rows {
		b.rows[row.Dialect+" "+row.ID] = row
	}
	type blocked struct {
		c      *testCase
		reason string
	}
	var all []blocked
	for _, row := range p.rows {
		for _, c := range row.cases {
			if reason := b.blocks(ctx, c); reason != "" {
				all = append(all, blocked{c, reason})
			}
		}
	}
	for _, found := range all { // now that nobody asks any more who failed
		found.c.result.Outcome = report.Unproven
		found.c.result.Reason = found.reason + ": " + found.c.result.Error
		found.c.result.Error = ""
	}
}

type blamer struct {
	*runner
	plan   *plan
	rows   map[string]*row // by dialect and id
	asking map[*row]bool   // rows rely on each other; none is asked twice on the way
}

// blocks says why a case that failed does not count against its row, or "".
func (b *blamer) blocks(ctx context.Context, c *testCase) string {
	if c.result.Outcome != report.Failed || slices.Contains(c.failed.Owners, c.row.ID) {
		return ""
	}
	if c.failed.Role == catalogue.Judgement {
		if guard := b.brokenGuard(ctx, c); guard != "" {
			return "blocked by " + guard
		}
		return ""
	}
	for _, id := range c.failed.Owners {
		if cause := b.cause(ctx, b.row(ctx, c.row.Dialect, id)); cause != "" && cause != c.row.ID {
			return "blocked by " + cause
		}
	}
	if c.failed.Role == catalogue.SetUp {
		return fmt.Sprintf("its set-up failed, %q", c.failed.Text)
	}
	return ""
}

// cause is the id of the broken row that keeps a row from holding, as itself;
// "" where it holds or nobody knows.
func (b *blamer) cause(ctx context.Context, row *row) string {
	if row == nil || b.asking[row] {
		return ""
	}
	b.asking[row] = true
	defer delete(b.asking, row)
	blocked := ""
	for _, c := range row.cases {
		if c.result.Outcome != report.Failed {
			continue
		}
		if guard := b.brokenGuard(ctx, c); guard != "" {
			blocked = guard
			continue
		}
		if isItsOwn(c) {
			return row.ID
		}
		for _, id := range c.failed.Owners {
			if cause := b.cause(ctx, b.row(ctx, row.Dialect, id)); cause != "" {
				blocked = cause
			}
		}
		if blocked == "" {
			blocked = row.ID
		}
	}
	return blocked
}

// isItsOwn says whether a failure is one of its row, whatever other rows are like.
func isItsOwn(c *testCase) bool {
	return c.failed.Role == catalogue.Judgement || slices.Contains(c.failed.Owners, c.row.ID)
}

// brokenGuard is the id of a row about requests without credentials that is to blame for
// a failure, or "".
func (b *blamer) brokenGuard(ctx context.Context, c *testCase) string {
	for _, id := range c.failed.Guards {
		guard := b.row(ctx, c.row.Dialect, id)
		if guard != nil && slices.ContainsFunc(guard.cases, func(c *testCase) bool { return c.result.Outcome == report.Failed && isItsOwn(c) }) {
			return id
		}
	}
	return ""
}

// row finds a row of the plan, else judges one of the suite.
func (b *blamer) row(ctx context.Context, dialect, id string) *row {
	key := dialect + " " + id
	if found, known := b.rows[key]; known {
		return found
	}
	b.rows[key] = nil
	for i := range b.plan.suite.Requirements {
		requirement := &b.plan.suite.Requirements[i]
		if requirement.Dialect != dialect || requirement.ID != id {
			continue
		}
		found := newRow(requirement, b.subject.Manifest)
		for _, c := range found.cases {
			switch lock := b.locked[dialect]; {
			case c.result.Outcome != "":
			case lock != "" && c.scenario.Phase == catalogue.Guess:
				c.untried(lock)
			default:
				c.take(b.alone(ctx, c))
			}
		}
		b.rows[key] = found
	}
	return b.rows[key]
}
