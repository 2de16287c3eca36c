package zoo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
)

// Kind is what a server of the zoo is there for.
type Kind string

// The kinds.
const (
	KindReference Kind = "reference" // unchanged; the suite passes it
	KindMutant    Kind = "mutant"    // wrong; the suite fails it for its own reasons
	KindVariant   Kind = "variant"   // different; the suite passes it
)

// Finding is what the suite said about one server, and whether that is right.
type Finding struct {
	Kind Kind
	Name string
	// Report is nil where the server could not be judged.
	Report *report.Report
	// Err says what is wrong with the suite, or with the server's entry in the
	// zoo. Nil is as it should be.
	Err  error
	Took time.Duration
}

// Proof is what the whole zoo says about the suite.
type Proof struct {
	// Findings are one for each server, in the order of the zoo.
	Findings []Finding
	// Gaps are requirements and scenarios that too few mutants are failed by.
	Gaps []string
}

// Err joins everything that is wrong; nil is a proof.
func (p *Proof) Err() error {
	var problems []error
	for _, f := range p.Findings {
		problems = append(problems, f.Err)
	}
	for _, gap := range p.Gaps {
		problems = append(problems, errors.New(gap))
	}
	return errors.Join(problems...)
}

// Prove judges all servers of the zoo, so many at once as there are workers,
// and calls seen for each as it is done, one call at a time. It ends early with
// ctx; what was not judged by then is an error in its finding.
func Prove(ctx context.Context, workers int, seen func(Finding)) *Proof {
	servers := inhabitants()
	proof := &Proof{Findings: make([]Finding, len(servers))}
	next := make(chan int)
	var mu sync.Mutex
	var working sync.WaitGroup
	for range max(workers, 1) {
		working.Go(func() {
			for i := range next {
				found := servers[i].find(ctx)
				mu.Lock()
				proof.Findings[i] = found
				seen(found)
				mu.Unlock()
			}
		})
	}
	for i := range servers {
		next <- i
	}
	close(next)
	working.Wait()
	proof.Gaps = gaps(proof.Findings)
	return proof
}

// Try judges one server of the zoo. The error says that none has this name.
func Try(ctx context.Context, name string) (Finding, error) {
	servers := inhabitants()
	i := slices.IndexFunc(servers, func(one inhabitant) bool { return one.name == name })
	if i < 0 {
		return Finding{}, fmt.Errorf("there is no mutant and no variant %q", name)
	}
	return servers[i].find(ctx), nil
}

// inhabitant is any server of the zoo.
type inhabitant struct {
	kind  Kind
	name  string
	judge func(context.Context) (*report.Report, error)
	check func(*report.Report) error
}

func (one inhabitant) find(ctx context.Context) Finding {
	started := time.Now()
	f := Finding{Kind: one.kind, Name: one.name}
	if f.Report, f.Err = one.judge(ctx); f.Err == nil {
		f.Err = one.check(f.Report)
	}
	f.Took = time.Since(started)
	return f
}

// inhabitants are all servers: the reference, the mutants, the variants.
func inhabitants() []inhabitant {
	reference := Variant{Name: "reference", Change: func(*Server) {}}
	servers := []inhabitant{{KindReference, reference.Name, reference.Judge, reference.Passes}}
	for _, m := range Mutants() {
		servers = append(servers, inhabitant{KindMutant, m.Name, m.Judge, m.Killed})
	}
	for _, v := range Variants() {
		servers = append(servers, inhabitant{KindVariant, v.Name, v.Judge, v.Passes})
	}
	return servers
}

// isRed says whether the suite found a requirement broken.
func isRed(row report.Requirement) bool {
	return row.Verdict == report.Fail || row.Verdict == report.Warn
}

// Killed says whether the suite failed the mutant in what it breaks, all of
// it, and in nothing else. The error tells every difference.
func (m Mutant) Killed(r *report.Report) error {
	problems := faults(m.Name, r)
	found := map[string]bool{}
	for _, row := range r.Requirements {
		if row.Verdict == report.Untestable && !slices.Contains(m.Hides, row.ID) {
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

// Passes says whether the suite found nothing wrong, left out nothing but what
// the manifest does not declare, and judged something.
func (v Variant) Passes(r *report.Report) error {
	problems := faults(v.Name, r)
	for _, row := range r.Requirements {
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

// gaps are what too few mutants are failed by: requirements, and single
// scenarios, so that none of them could be left out unnoticed.
func gaps(findings []Finding) []string {
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		return []string{err.Error()}
	}
	killers := countKillers(findings)
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
	return missing
}

// countKillers counts the mutants that are failed, by dialect and requirement,
// and by dialect and scenario.
func countKillers(findings []Finding) map[string]int {
	killers := map[string]int{}
	for _, f := range findings {
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
