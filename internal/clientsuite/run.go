package clientsuite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// Options say how a run goes. The zero Options lack only the dialects.
type Options struct {
	// Dialects are those that the client speaks; it is judged in each.
	Dialects []string
	// Only these rows, by id; none means all.
	Only []string
	// Core judges MUST rows only.
	Core bool
	// Strict lets warnings and untestable rows make a client non-conformant.
	Strict bool
	// Without is what the client cannot do, beside what it says itself.
	Without []Capability
	// Workers is how many scenarios run at once. Default 4.
	Workers int
	// Timeout bounds the answer to one command; many calls at once may take callTime more
	// for each. Default one minute.
	Timeout time.Duration
	// Crowd is how many calls stand for thousands. Default as many as the row says.
	Crowd int
	// Memory runs the mock without a network, for clients of type Func.
	Memory bool
	// Host waits for clients that come by themselves, and no program is started.
	Host *Host
	// Subject is what the report says about the client.
	Subject report.Subject
}

func (o Options) complete() Options {
	if o.Workers <= 0 {
		o.Workers = 4
	}
	switch {
	case o.Host != nil:
		o.Timeout = hostedTimeout
	case o.Timeout <= 0:
		o.Timeout = time.Minute
	}
	return o
}

// callTime is what one of many calls at once may take of two busy processors, in a client
// in any language.
const callTime = 20 * time.Millisecond

// timeout bounds the answer to a command.
func (o Options) timeout(command string) time.Duration {
	words := strings.Fields(command)
	if len(words) > 1 && words[0] == "parallel" {
		return o.Timeout + time.Duration(number(words[1]))*callTime
	}
	return o.Timeout
}

// check says what is wrong with the options, held against the suite.
func (o Options) check(suite *catalogue.Catalogue) error {
	if len(o.Dialects) == 0 {
		return errors.New("no dialect is named: say which the client speaks, session, form, rpc or scoped")
	}
	for _, dialect := range o.Dialects {
		if !slices.Contains(manifest.DialectNames(), dialect) {
			return fmt.Errorf("no dialect %q; there are %s", dialect, strings.Join(manifest.DialectNames(), ", "))
		}
	}
	for _, id := range o.Only {
		if !slices.ContainsFunc(suite.Requirements, func(r catalogue.Requirement) bool { return r.ID == id && slices.Contains(o.Dialects, r.Dialect) }) {
			return fmt.Errorf("no requirement %q of clients in %s%s", id, strings.Join(o.Dialects, ", "), humanize.DidYouMean(id, suite.IDs()))
		}
	}
	for _, c := range o.Without {
		if !Known(c) {
			return unknownCapability(c)
		}
	}
	return nil
}

// Suite is what clients are judged by, read once for all runs.
var Suite = sync.OnceValues(func() (*catalogue.Catalogue, error) { return catalogue.LoadClients(features.ClientFS, Known) })

// row is a requirement in one dialect, and its cases.
type row struct {
	*catalogue.Requirement
	cases []*testCase
}

// isBroken says whether one of its scenarios has failed.
func (r *row) isBroken() bool {
	return slices.ContainsFunc(r.cases, func(c *testCase) bool { return c.result.Outcome == report.Failed })
}

// testCase is a scenario of a row.
type testCase struct {
	row      *row
	scenario *catalogue.Scenario
	result   report.Scenario
	failed   catalogue.Part // the step that did not pass
	blocked  string         // why its failure does not count, or ""
}

// Run judges a client. It returns a report whatever it finds, also where the client
// cannot be started. The error says that the options make no sense.
func Run(ctx context.Context, program Program, o Options) (*report.Report, error) {
	o = o.complete()
	suite, err := Suite()
	if err != nil {
		return nil, err
	}
	if err := o.check(suite); err != nil {
		return nil, err
	}
	r := &report.Report{
		Subject:      o.Subject,
		Suite:        report.Suite{Version: catalogue.Version, Digest: suite.Digest, Dialects: o.Dialects, Only: o.Only, Strict: o.Strict},
		Requirements: []report.Requirement{}, Errors: []report.Error{}, Started: time.Now(),
	}
	if o.Core {
		r.Suite.Profile = "core"
	}
	rows := plan(suite, o)
	r.Planned = len(rows)
	if o.Host != nil {
		o.Workers = len(suite.Requirements) * 2 // every scenario waits for its client at once
		defer context.AfterFunc(ctx, o.Host.End)()
		ctx = context.WithoutCancel(ctx)
		hostable(o, rows)
		execute(ctx, nil, o, rows)
		blame(rows)
	} else if err := inapplicable(ctx, program, o, rows); err != nil {
		r.Errors = append(r.Errors, report.Error{Kind: report.Environment, Text: err.Error()})
	} else {
		execute(ctx, program, o, rows)
		blame(rows)
	}
	if ctx.Err() != nil {
		r.Partial = true
		r.Errors = append(r.Errors, report.Error{Kind: report.Environment, Text: "the run was interrupted"})
	}
	for _, row := range rows {
		r.Requirements = append(r.Requirements, row.report())
		for _, c := range row.cases {
			if c.result.Outcome == report.HarnessFailed {
				r.Errors = append(r.Errors, report.Error{Kind: report.Harness, Text: row.ID + ": " + c.result.Reason})
			}
		}
	}
	r.Close(time.Now())
	return r, nil
}

// plan selects rows.
func plan(suite *catalogue.Catalogue, o Options) []*row {
	var rows []*row
	for i := range suite.Requirements {
		requirement := &suite.Requirements[i]
		switch {
		case !slices.Contains(o.Dialects, requirement.Dialect), len(o.Only) > 0 && !slices.Contains(o.Only, requirement.ID),
			o.Core && requirement.Level != catalogue.Must:
			continue
		}
		r := &row{Requirement: requirement}
		for j := range requirement.Scenarios {
			s := &requirement.Scenarios[j]
			r.cases = append(r.cases, &testCase{row: r, scenario: s, result: report.Scenario{Name: s.Name, Place: fmt.Sprintf("%s:%d", s.File, s.Line)}})
		}
		rows = append(rows, r)
	}
	return rows
}

// inapplicable starts the client once in each dialect, asks what it is without, and
// marks the cases that need it as inapplicable. The error says that the client does not start.
func inapplicable(ctx context.Context, program Program, o Options, rows []*row) error {
	for _, dialect := range o.Dialects {
		w := newWorld(dialect, program, o)
		c, err := w.start(ctx)
		if ended := w.end(); err == nil && ended != nil {
			err = ended
		}
		if err != nil {
			return fmt.Errorf("start the client: %s", w.secrets().Hide(err.Error()))
		}
		for _, row := range rows {
			if row.Dialect != dialect {
				continue
			}
			for _, test := range row.cases {
				test.skip(o.Without, "the run is told", row.AllNeeds(test.scenario))
				test.skip(c.without, "the client says", row.AllNeeds(test.scenario))
			}
		}
	}
	return nil
}

// hostable marks the cases that cannot be judged where clients come by themselves.
func hostable(o Options, rows []*row) {
	for _, row := range rows {
		for _, test := range row.cases {
			test.skip(o.Without, "the run is told", row.AllNeeds(test.scenario))
			test.skip(hostedWithout(), "of a client that comes by itself it is known", row.AllNeeds(test.scenario))
		}
	}
}

// skip marks a case as inapplicable where it needs something that the client is without.
func (c *testCase) skip(without []Capability, who string, needs []Capability) {
	for _, need := range needs {
		if slices.Contains(without, need) && c.result.Outcome == "" {
			c.result.Outcome, c.result.Reason = report.Inapplicable, fmt.Sprintf("%s that it is without %s", who, need)
		}
	}
}

// execute runs all cases that have no outcome yet, some of them at once.
func execute(ctx context.Context, program Program, o Options, rows []*row) {
	next := make(chan *testCase)
	var working sync.WaitGroup
	all := definitions()
	for range o.Workers {
		working.Go(func() {
			program := program
			for c := range next {
				if o.Host != nil {
					program = o.Host.program(c)
				}
				c.execute(ctx, newWorld(c.row.Dialect, program, o), all)
			}
		})
	}
	for _, row := range rows {
		for _, c := range row.cases {
			if c.result.Outcome == "" && ctx.Err() == nil {
				next <- c
			}
		}
	}
	close(next)
	working.Wait()
}

// blame decides what failures of set-ups and controls mean, of all cases at once.
func blame(rows []*row) {
	byID := map[string]map[string]*row{}
	for _, r := range rows {
		if byID[r.Dialect] == nil {
			byID[r.Dialect] = map[string]*row{}
		}
		byID[r.Dialect][r.ID] = r
	}
	for _, row := range rows {
		for _, c := range row.cases {
			c.blame(byID[row.Dialect])
		}
	}
	for _, row := range rows {
		for _, c := range row.cases {
			if c.blocked != "" {
				c.result.Outcome, c.result.Reason, c.result.Error = report.Unproven, c.blocked, ""
			}
		}
	}
}

// report is the row with its verdict.
func (r *row) report() report.Requirement {
	scenarios := make([]report.Scenario, 0, len(r.cases))
	for _, c := range r.cases {
		if c.result.Outcome == "" {
			c.result.Outcome, c.result.Reason = report.Unproven, "it did not run"
		}
		scenarios = append(scenarios, c.result)
	}
	verdict, reason := r.Verdict(scenarios)
	return report.Requirement{
		ID: r.ID, Dialect: r.Dialect, Level: string(r.Level), Statement: r.Statement, Basis: r.Basis, Source: r.Source,
		Verdict: verdict, Reason: reason, Scenarios: scenarios,
	}
}
