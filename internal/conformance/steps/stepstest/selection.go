package stepstest

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
)

// Selection says which scenarios a run has, by the row that they judge.
type Selection func(row string, s *catalogue.Scenario) bool

// All selects all scenarios.
func All(string, *catalogue.Scenario) bool { return true }

// Only selects those of some rows, which are separated by blanks.
func Only(rows string) Selection {
	return func(row string, _ *catalogue.Scenario) bool { return slices.Contains(strings.Fields(rows), row) }
}

// But selects all except those of some rows.
func But(rows string) Selection {
	of := Only(rows)
	return func(row string, s *catalogue.Scenario) bool { return !of(row, s) }
}

// HeavyBut leaves out the rows that cost most, unless the fault is theirs.
func HeavyBut(rows string) Selection {
	heavy, faulty := Only("SEC-01 SEC-05 SEC-06 SES-25 FRM-22"), Only(rows)
	return func(row string, s *catalogue.Scenario) bool { return !heavy(row, s) || faulty(row, s) }
}

// planned is a scenario with the row that it judges.
type planned struct {
	*catalogue.Scenario
	row string
}

// aboutTheWire says whether it needs a real connection.
func (p planned) aboutTheWire() bool { return p.row == "SEC-06" }

// suite is read once for all runs.
var suite = sync.OnceValues(func() (*catalogue.Catalogue, error) { return catalogue.Load(features.FS) })

// of are the selected scenarios of a dialect, in the order of a run.
func (selected Selection) of(t *testing.T, dialect string) []planned {
	t.Helper()
	suite, err := suite()
	if err != nil {
		t.Fatal(err)
	}
	var scenarios []planned
	for _, r := range suite.Requirements {
		for i := range r.Scenarios {
			if s := &r.Scenarios[i]; r.Dialect == dialect && selected(r.ID, s) {
				scenarios = append(scenarios, planned{s, r.ID})
			}
		}
	}
	slices.SortStableFunc(scenarios, func(a, b planned) int { return int(a.Phase - b.Phase) })
	return scenarios
}
