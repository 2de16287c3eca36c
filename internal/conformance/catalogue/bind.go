package catalogue

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// bind gives every row the scenarios that its names stand for, and finds what
// does not match: a name without scenario, a scenario that its row does not
// name, a tag without row, a title used twice.
func bind(dialect string, rows []Requirement, scenarios []Scenario) error {
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
	}
	named := map[string]bool{} // tag and title
	for i := range rows {
		row := &rows[i]
		var bound []Scenario
		for _, name := range row.Scenarios {
			key := row.ID + " " + name.Name
			if named[key] {
				problem("%s names %q twice", row.ID, name.Name)
			}
			named[key] = true
			before := len(bound)
			for _, s := range scenarios {
				if s.tag == row.ID && s.title == name.Name {
					bound = append(bound, s)
				}
			}
			if len(bound) == before {
				problem("%s names the scenario %q, and no scenario tagged @%s has that name", row.ID, name.Name, row.ID)
			}
		}
		row.Scenarios = bound
	}
	for _, s := range scenarios {
		if !slices.ContainsFunc(rows, func(r Requirement) bool { return r.ID == s.tag }) {
			problem("%s:%d is tagged @%s, which is no requirement", s.File, s.Line, s.tag)
		} else if !named[s.tag+" "+s.title] {
			problem("%s:%d %q is tagged @%s, and that row does not name it", s.File, s.Line, s.title, s.tag)
		}
	}
	return errors.Join(problems...)
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
