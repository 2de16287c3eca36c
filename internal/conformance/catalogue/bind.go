package catalogue

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// counted is a row of one dialect, and by how many scenarios it says that it is
// judged.
type counted struct {
	Requirement
	count  int
	guards bool
}

// bind gives every row of a dialect the scenarios that are tagged with it, and
// finds what does not match: a row that is judged by more or fewer scenarios than
// it says, a tag without row, a title used twice. So no scenario, and no row of an
// outline's examples, is lost without somebody saying so in the row.
func bind(dialect string, rows []counted, scenarios []Scenario) ([]Requirement, error) {
	var problems []error
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf(dialect+": "+format, args...))
	}
	places := map[string]string{} // title to file:line
	for _, s := range scenarios {
		place := fmt.Sprintf("%s:%d", s.File, s.Line)
		if other, taken := places[s.title]; taken && other != place {
			problem("%s and %s have the same name, %q", other, place, s.title)
		}
		places[s.title] = place
		if !slices.ContainsFunc(rows, func(r counted) bool { return r.ID == s.tag }) {
			problem("%s is tagged @%s, which is no requirement", place, s.tag)
		}
	}
	var guards []string
	for _, row := range rows {
		if row.guards {
			guards = append(guards, row.ID)
		}
	}
	requirements := make([]Requirement, len(rows))
	for i, row := range rows {
		if slices.ContainsFunc(rows[:i], func(r counted) bool { return r.ID == row.ID }) {
			problem("%s stands in its own folder and among the shared rows", row.ID)
		}
		for _, s := range scenarios {
			if s.tag == row.ID {
				s.Parts = owned(s.Parts, rows)
				row.Scenarios = append(row.Scenarios, s)
			}
		}
		if got := len(row.Scenarios); got != row.count {
			problem("%s says that %d scenarios judge it, and %d are tagged @%s", row.ID, row.count, got, row.ID)
		}
		requirements[i] = row.Requirement
		requirements[i].Guards = guards
	}
	return requirements, errors.Join(problems...)
}

// AllNeeds are the capabilities that a scenario of this requirement needs.
func (r *Requirement) AllNeeds(s *Scenario) []manifest.Capability {
	needs := slices.Clone(r.Needs)
	for _, need := range s.Needs {
		if !slices.Contains(needs, need) {
			needs = append(needs, need)
		}
	}
	return needs
}
