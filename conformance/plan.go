package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// plan is what a run is to judge: rows of the selected dialects, in order.
type plan struct {
	suite    *catalogue.Catalogue
	dialects []string
	rows     []*row
}

// row is a requirement of the plan and its cases.
type row struct {
	*catalogue.Requirement
	cases []*testCase
}

// testCase is a scenario of a row. Its result is decided when planning already
// where it cannot run.
type testCase struct {
	row      *row
	scenario *catalogue.Scenario
	result   report.Scenario
	log      *evidence.Log // what it sent; nil until it has run
	earlier  []execution   // of earlier repetitions

	failed    catalogue.Part // the step that did not pass
	disturbed string         // its failure beside or after others
}

// take sets the result to what an execution found.
func (c *testCase) take(found result) {
	name, place := c.result.Name, c.result.Place
	c.result, c.log, c.failed = found.Scenario, found.log, found.failed
	c.result.Name, c.result.Place = name, place
}

// newPlan selects rows. Rows of dialects that the manifest does not declare
// are not in the plan at all.
func newPlan(suite *catalogue.Catalogue, m *manifest.Manifest, o Options) (*plan, error) {
	dialects, err := selectDialects(m, o.Dialects)
	if err != nil {
		return nil, err
	}
	if err := checkIDs(suite, dialects, o.Only); err != nil {
		return nil, err
	}
	chosen, err := chooseRows(suite, o)
	if err != nil {
		return nil, err
	}
	p := &plan{suite: suite, dialects: dialects}
	for i := range suite.Requirements {
		requirement := &suite.Requirements[i]
		if !slices.Contains(dialects, requirement.Dialect) || !chosen(requirement) {
			continue
		}
		p.rows = append(p.rows, newRow(requirement, m))
	}
	return p, nil
}

// The profiles: MUST rows only, or all.
const (
	coreProfile     = "core"
	extendedProfile = "extended"
)

// chooseRows says which rows the options leave in the plan.
func chooseRows(suite *catalogue.Catalogue, o Options) (func(*catalogue.Requirement) bool, error) {
	if o.Profile != "" && o.Profile != coreProfile && o.Profile != extendedProfile {
		return nil, &UsageError{fmt.Sprintf("no profile %q; there are %s (MUST rows) and %s (all rows)", o.Profile, coreProfile, extendedProfile)}
	}
	frozen, known := suite.Frozen(o.Requirements)
	if o.Requirements != "" && !known {
		return nil, &UsageError{fmt.Sprintf("no requirements %q; there are those of %s", o.Requirements, strings.Join(suite.Versions(), ", "))}
	}
	return func(r *catalogue.Requirement) bool {
		switch {
		case len(o.Only) > 0 && !slices.Contains(o.Only, r.ID):
			return false
		case o.Profile == coreProfile && r.Level != catalogue.Must:
			return false
		}
		return !known || frozen(r.Dialect, r.ID)
	}, nil
}

func selectDialects(m *manifest.Manifest, asked []string) ([]string, error) {
	var selected []string
	for _, dialect := range asked {
		switch {
		case !slices.Contains(manifest.DialectNames(), dialect):
			return nil, &UsageError{fmt.Sprintf("no dialect %q; there are %s", dialect, strings.Join(manifest.DialectNames(), ", "))}
		case !m.Speaks(dialect):
			return nil, &UsageError{fmt.Sprintf("the manifest does not declare the dialect %s; add dialects.%s", dialect, dialect)}
		}
	}
	for _, dialect := range manifest.DialectNames() {
		if m.Speaks(dialect) && (len(asked) == 0 || slices.Contains(asked, dialect)) {
			selected = append(selected, dialect)
		}
	}
	return selected, nil
}

// checkIDs wants every asked id to stand in a selected dialect.
func checkIDs(suite *catalogue.Catalogue, dialects, asked []string) error {
	for _, id := range asked {
		var elsewhere string
		found := slices.ContainsFunc(suite.Requirements, func(r catalogue.Requirement) bool {
			if r.ID == id && !slices.Contains(dialects, r.Dialect) {
				elsewhere = r.Dialect
			}
			return r.ID == id && slices.Contains(dialects, r.Dialect)
		})
		switch {
		case found:
		case elsewhere != "":
			return &UsageError{fmt.Sprintf("%s is a row of the dialect %s, which is not selected or not declared", id, elsewhere)}
		default:
			return &UsageError{fmt.Sprintf("no requirement %q%s", id, nearestIDs(suite, id))}
		}
	}
	return nil
}

func nearestIDs(suite *catalogue.Catalogue, id string) string {
	known := suite.IDs()
	if near, ok := humanize.Nearest(id, known); ok {
		return fmt.Sprintf("; did you mean %s?", near)
	}
	first := map[string]string{} // by prefix
	var examples []string
	for _, k := range known {
		prefix, _, _ := strings.Cut(k, "-")
		if first[prefix] == "" {
			first[prefix] = k
			examples = append(examples, k)
		}
	}
	return "; ids look like " + strings.Join(examples, ", ")
}

// newRow makes the cases of a row. Those that cannot run have their result at once.
func newRow(requirement *catalogue.Requirement, m *manifest.Manifest) *row {
	r := &row{Requirement: requirement}
	for i := range requirement.Scenarios {
		scenario := &requirement.Scenarios[i]
		c := &testCase{row: r, scenario: scenario}
		c.result.Name, c.result.Place = scenario.Name, fmt.Sprintf("%s:%d", scenario.File, scenario.Line)
		for _, need := range requirement.AllNeeds(scenario) {
			if !m.Declares(requirement.Dialect, need) {
				c.skip(need)
			}
		}
		r.cases = append(r.cases, c)
	}
	return r
}

// skip notes that a need is missing. Without a clock a case is untestable and not
// inapplicable, for every server has to do what only a moved clock can show. A case
// that is inapplicable already stays so.
func (c *testCase) skip(missing manifest.Capability) {
	key := missing.Key(c.row.Dialect)
	if missing != manifest.ClockControl {
		c.result.Outcome = report.Inapplicable
		c.result.Reason = "the manifest does not declare " + key
		return
	}
	if c.result.Outcome == "" {
		c.result.Outcome = report.Unproven
		c.result.Reason = "the subject's time cannot be moved; add " + key + " to the manifest (a request that moves it)"
	}
}

// pending are the cases of a phase that are to run, in order.
func (p *plan) pending(phase catalogue.Phase) []*testCase {
	var cases []*testCase
	for _, r := range p.rows {
		for _, c := range r.cases {
			if c.scenario.Phase == phase && c.result.Outcome == "" {
				cases = append(cases, c)
			}
		}
	}
	return cases
}

// report writes every row into r. Why says why a case has no result, if so.
func (p *plan) report(r *report.Report, why string) {
	r.Planned = len(p.rows)
	for _, row := range p.rows {
		scenarios := make([]report.Scenario, 0, len(row.cases))
		for _, c := range row.cases {
			if c.result.Outcome == "" {
				c.result.Outcome, c.result.Reason = report.Unproven, why
			}
			scenarios = append(scenarios, c.result)
		}
		verdict, reason := row.Verdict(scenarios)
		r.Requirements = append(r.Requirements, report.Requirement{
			ID: row.ID, Dialect: row.Dialect, Level: string(row.Level), Statement: row.Statement, Basis: row.Basis, Source: row.Source,
			Verdict: verdict, Reason: reason, Scenarios: scenarios,
		})
	}
}
