package zoo

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// isRed says whether the suite found a requirement broken.
func isRed(row report.Requirement) bool {
	return row.Verdict == report.Fail || row.Verdict == report.Warn
}

// killed says whether the suite failed a mutant in what it breaks, all of it,
// and in nothing else. The error tells every difference.
func killed(m mutation.Mutant, r *report.Report) error {
	problems := faults(m.Name, r)
	found := map[string]bool{}
	for _, row := range r.Requirements {
		if row.Verdict == report.Untestable && !slices.Contains(m.Hides, row.ID) && !blocked(row, m.Breaks) {
			problems = append(problems, fmt.Errorf("%s: %s could not be judged: %s", m.Name, row.ID, row.Reason))
		}
		if isRed(row) {
			found[row.ID] = true
			if !slices.Contains(m.Breaks, row.ID) {
				problems = append(problems, fmt.Errorf("%s is failed by %s, which it does not break: %s", m.Name, row.ID, row.Reason))
			}
		}
	}
	for _, id := range m.Breaks {
		if !found[id] {
			problems = append(problems, fmt.Errorf("%s survives %s, which it breaks", m.Name, id))
		}
	}
	return errors.Join(problems...)
}

const blockedBy = "blocked by "

// blocked says whether a requirement is blocked by some others: it has scenarios
// that prove nothing, and each of them for that reason.
func blocked(row report.Requirement, by []string) bool {
	seen := false
	for _, s := range row.Scenarios {
		if s.Outcome != report.Unproven {
			continue
		}
		cause, isBlocked := strings.CutPrefix(s.Reason, blockedBy)
		id, _, _ := strings.Cut(cause, ":")
		if !isBlocked || !slices.Contains(by, id) {
			return false
		}
		seen = true
	}
	return seen
}

// passes says whether the suite found nothing wrong with a variant but its
// policy, left out nothing but what the manifest does not declare or the policy
// hides, and judged something.
func passes(v mutation.Variant, r *report.Report) error {
	problems := faults(v.Name, r)
	for _, row := range r.Requirements {
		if v.Policy != nil && (row.Verdict == report.Untestable || slices.Contains(v.Policy, row.ID)) {
			continue
		}
		if row.Verdict == report.Untestable && len(v.Dialects) == 1 && slices.Contains(v.HidesAlone, row.ID) {
			continue
		}
		if row.Verdict != report.Pass && row.Verdict != report.NotApplicable {
			problems = append(problems, fmt.Errorf("%s is right, and %s in %s is a %s: %s", v.Name, row.ID, row.Dialect, row.Verdict, row.Reason))
		}
	}
	if r.Counts[report.Pass] == 0 {
		problems = append(problems, fmt.Errorf("%s passes nothing", v.Name))
	}
	return errors.Join(problems...)
}

// faults are errors of the run, which are no verdicts.
func faults(name string, r *report.Report) []error {
	var problems []error
	for _, e := range r.Errors {
		problems = append(problems, fmt.Errorf("%s: %w", name, e))
	}
	return problems
}

// Enough mutants have to be failed by each requirement.
const (
	killersOfMust   = 2
	killersOfShould = 1
)

// gaps are what too few mutants are failed by: requirements, single scenarios, and
// steps, so that none of them could be left out or emptied unnoticed. Whole says that
// all rows judged each mutant: a sample may lack those that a broken one blocks.
func gaps(trials []Trial, whole bool) []string {
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		return []string{err.Error()}
	}
	killers := countKillers(trials)
	var missing []string
	for _, row := range suite.Requirements {
		wanted := killersOfShould
		if row.Level == catalogue.Must {
			wanted = killersOfMust
		}
		if row.Excluded != "" {
			wanted = 0
		}
		if got := killers[row.Dialect+" "+row.ID]; got < wanted {
			missing = append(missing, fmt.Sprintf("%s %s (%s) fails %d mutants, and has to fail %d", row.Dialect, row.ID, row.Level, got, wanted))
		}
		for _, s := range row.Scenarios {
			if killers[row.Dialect+" "+s.Name] == 0 {
				missing = append(missing, fmt.Sprintf("%s %s: the scenario %q fails no mutant", row.Dialect, row.ID, strings.TrimSpace(s.Name)))
			}
		}
	}
	return append(missing, idleSteps(suite, trials, whole)...)
}

// idleSteps are the steps behind Then that have failed no mutant in what it breaks, and
// the ends of controls that have failed at none at all, as the features write them. A
// control that fails because another row is broken leaves its own row untestable. These
// ends count where the whole is judged.
func idleSteps(suite *catalogue.Catalogue, trials []Trial, whole bool) []string {
	failed, blocked := failedSteps(trials)
	works, where := map[string]bool{}, map[string]string{} // by the step as it is written
	for _, row := range suite.Requirements {
		if row.Excluded != "" {
			continue
		}
		for _, s := range row.Scenarios {
			for i, part := range s.Parts {
				key, written := stepKey(row.Dialect, s.Name, part.Text), part.Written
				switch {
				case part.Expects:
					works[written] = works[written] || failed[key]
				case whole && catalogue.EndsControl(s.Parts, i):
					written = "But " + written
					works[written] = works[written] || failed[key] || blocked[key]
				default:
					continue
				}
				where[written] = row.ID
			}
		}
	}
	var idle []string
	for _, step := range slices.Sorted(maps.Keys(works)) {
		if !works[step] {
			idle = append(idle, fmt.Sprintf("the step %q, as in %s, fails no mutant", step, where[step]))
		}
	}
	return idle
}

// failedSteps are the steps that have failed a mutant in what it breaks, and those at
// which a scenario ended that a broken row blocked.
func failedSteps(trials []Trial) (failed, blocked map[string]bool) {
	failed, blocked = map[string]bool{}, map[string]bool{}
	for _, f := range trials {
		if f.Kind != KindMutant || f.Report == nil {
			continue
		}
		for _, row := range f.Report.Requirements {
			for _, s := range row.Scenarios {
				key := stepKey(row.Dialect, s.Name, s.FailedStep)
				switch {
				case isRed(row) && s.Outcome == report.Failed:
					failed[key] = true
				case s.Outcome == report.Unproven && strings.HasPrefix(s.Reason, blockedBy):
					blocked[key] = true
				}
			}
		}
	}
	return failed, blocked
}

func stepKey(dialect, scenario, step string) string { return dialect + " " + scenario + ": " + step }

// countKillers counts the mutants that are failed, by dialect and requirement,
// and by dialect and scenario.
func countKillers(trials []Trial) map[string]int {
	killers := map[string]int{}
	for _, f := range trials {
		if f.Kind != KindMutant || f.Report == nil {
			continue
		}
		for _, row := range f.Report.Requirements {
			if !isRed(row) {
				continue
			}
			killers[row.Dialect+" "+row.ID]++
			for _, s := range row.Scenarios {
				if s.Outcome == report.Failed {
					killers[row.Dialect+" "+s.Name]++
				}
			}
		}
	}
	return killers
}
