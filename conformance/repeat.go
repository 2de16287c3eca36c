package conformance

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// execution is one execution of a case, and what it sent.
type execution struct {
	result report.Scenario
	log    *evidence.Log
	failed catalogue.Part
}

// order is how a repetition goes through the cases of a phase: as they stand,
// or shuffled, the same way whenever the seed is the same.
func (o Options) order(repetition int) func([]*testCase) []*testCase {
	if !o.Shuffle {
		return func(cases []*testCase) []*testCase { return cases }
	}
	random := rand.New(rand.NewPCG(o.Seed, uint64(repetition))) //nolint:gosec // an order is no secret
	return func(cases []*testCase) []*testCase {
		random.Shuffle(len(cases), func(i, j int) { cases[i], cases[j] = cases[j], cases[i] })
		return cases
	}
}

// repeat puts the results of the cases of some phases that have run aside, so that they
// are pending again, but for dialects to be left out. What was decided when planning stays
// decided.
func (p *plan) repeat(phases []catalogue.Phase, without map[string]string) {
	for _, row := range p.rows {
		for _, c := range row.cases {
			if c.log == nil || !slices.Contains(phases, c.scenario.Phase) || without[c.row.Dialect] != "" {
				continue
			}
			c.earlier = append(c.earlier, execution{c.result, c.log, c.failed})
			c.result, c.log, c.disturbed = report.Scenario{Name: c.result.Name, Place: c.result.Place}, nil, ""
		}
	}
}

// untried notes why a case was not executed. What an earlier repetition found stands.
func (c *testCase) untried(reason string) {
	if n := len(c.earlier); n > 0 {
		last := c.earlier[n-1]
		c.earlier, c.result, c.log, c.failed = c.earlier[:n-1], last.result, last.log, last.failed
		return
	}
	c.result.Outcome, c.result.Reason = report.Unproven, reason
}

// compare holds the executions of each case against each other. The worst one
// is what counts.
func (p *plan) compare() {
	for _, row := range p.rows {
		for _, c := range row.cases {
			c.compare()
		}
	}
}

func (c *testCase) compare() {
	all := append(c.earlier, execution{c.result, c.log, c.failed})
	if len(c.earlier) == 0 {
		return
	}
	worst, stable := all[0], true
	outcomes := make([]report.Outcome, len(all))
	passed := 0
	for i, e := range all {
		outcomes[i] = e.result.Outcome
		stable = stable && e.result.Outcome == all[0].result.Outcome
		if e.result.Outcome == report.Passed {
			passed++
		}
		if weight(e.result.Outcome) > weight(worst.result.Outcome) {
			worst = e
		}
	}
	c.result, c.log, c.failed = worst.result, worst.log, worst.failed
	if stable {
		return
	}
	c.result.Outcomes = outcomes
	c.result.Reason = fmt.Sprintf("unstable: it passed %d of %d times", passed, len(all))
	if worst.result.Reason != "" {
		c.result.Reason += "; " + worst.result.Reason
	}
}

// weight orders outcomes by how much they say against a run.
func weight(o report.Outcome) int {
	switch o {
	case report.HarnessFailed:
		return 4
	case report.Failed:
		return 3
	case report.Unproven:
		return 2
	case report.Passed:
		return 1
	}
	return 0
}
