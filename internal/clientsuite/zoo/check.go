package zoo

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
)

// isRed says whether the suite found a row broken.
func isRed(row report.Requirement) bool {
	return row.Verdict == report.Fail || row.Verdict == report.Warn
}

// killed says whether the suite failed a broken client in what it breaks, all of it, and
// in nothing else. The error tells every difference.
func killed(b Broken, r *report.Report) error {
	problems := faults(r)
	for _, row := range r.Requirements {
		wanted := b.breaks(row.ID, row.Dialect)
		switch {
		case slices.Contains(b.Maybe, row.ID):
		case isRed(row) && !wanted:
			problems = append(problems, fmt.Errorf("it is failed by %s, which it does not break: %s", row.ID, row.Reason))
		case !isRed(row) && wanted:
			problems = append(problems, fmt.Errorf("it survives %s, which it breaks: %s %s", row.ID, row.Verdict, row.Reason))
		case row.Verdict == report.Untestable && !slices.Contains(b.Hides, row.ID) && !strings.Contains(row.Reason, "blocked by "):
			problems = append(problems, fmt.Errorf("%s could not be judged: %s", row.ID, row.Reason))
		}
	}
	return errors.Join(problems...)
}

// passes says whether the suite found nothing wrong with a right client.
func passes(r *report.Report) error { return allPass(r, 20) }

// allPass says whether the suite found nothing wrong, and judged so many rows at least.
func allPass(r *report.Report, least int) error {
	problems := faults(r)
	for _, row := range r.Requirements {
		if row.Verdict != report.Pass && row.Verdict != report.NotApplicable {
			problems = append(problems, fmt.Errorf("it is right, and %s is a %s: %s", row.ID, row.Verdict, row.Reason))
		}
	}
	if r.Counts[report.Pass] < least {
		problems = append(problems, fmt.Errorf("only %d rows were judged", r.Counts[report.Pass]))
	}
	return errors.Join(problems...)
}

// faults are errors of the run, which are no verdicts.
func faults(r *report.Report) []error {
	var problems []error
	for _, e := range r.Errors {
		problems = append(problems, e)
	}
	return problems
}

// Enough broken clients have to be failed by each row.
const (
	killersOfMust   = 2
	killersOfShould = 1
)

// ledger counts, over all broken clients, what failed them.
type ledger map[string]int

// note counts the rows, the scenarios and the steps that failed a client.
func (l ledger) note(r *report.Report) {
	for _, row := range r.Requirements {
		if isRed(row) {
			l[row.Dialect+" "+row.ID]++
			l[row.ID]++
		}
		for _, s := range row.Scenarios {
			if s.Outcome == report.Failed {
				l[s.Name]++
				l[s.Name+": "+s.FailedStep]++
			}
		}
	}
}

// gaps are what fails too few broken clients: rows, scenarios, and single steps behind
// Then and the ends of controls: one that was emptied would fail none. Where not all
// clients were judged in all dialects, one client is enough for a row, and steps do not
// count.
func (l ledger) gaps(suite *catalogue.Catalogue, whole bool) []string {
	missing := map[string]bool{}
	for i := range suite.Requirements {
		row := &suite.Requirements[i]
		wanted, key := killersOfShould, row.ID
		if whole {
			key = row.Dialect + " " + row.ID
		}
		if whole && row.Level == catalogue.Must {
			wanted = killersOfMust
		}
		if l[key] < wanted {
			missing[fmt.Sprintf("%s (%s) fails %d clients, and has to fail %d", key, row.Level, l[key], wanted)] = true
		}
		for j := range row.Scenarios {
			s := &row.Scenarios[j]
			if l[s.Name] == 0 {
				missing[fmt.Sprintf("%s: the scenario %q fails no client", row.ID, s.Name)] = true
			}
			for i, part := range s.Parts {
				if whole && (part.Expects || catalogue.EndsControl(s.Parts, i)) && l[s.Name+": "+part.Text] == 0 {
					missing[fmt.Sprintf("%s, %q: the step %q fails no client", row.ID, s.Name, part.Text)] = true
				}
			}
		}
	}
	var all []string
	for text := range missing {
		all = append(all, text)
	}
	slices.Sort(all)
	return all
}
