package zoo

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// Proof is what the whole zoo says about the suite.
type Proof struct {
	// Trials are one for each server, in the order of the zoo.
	Trials []Trial
	// Gaps are requirements and scenarios that too few mutants are failed by.
	Gaps []string
}

// Err joins everything that is wrong; nil is a proof.
func (p *Proof) Err() error {
	var problems []error
	for _, f := range p.Trials {
		problems = append(problems, f.Err)
	}
	for _, gap := range p.Gaps {
		problems = append(problems, errors.New(gap))
	}
	return errors.Join(problems...)
}

// Plan is which servers are judged, and how. The zero value judges each once, one
// after another.
type Plan struct {
	// Kind is the only kind that is judged; "" is all of them, and only then gaps are
	// looked for.
	Kind Kind
	// Surroundings judges each variant of a dialect in each variant of all dialects, as behind
	// a proxy that compresses, in place of Kind.
	Surroundings bool
	// Workers is how many servers are judged at once; less than 1 is 1.
	Workers int
	// Every leaves a mutant the rows that it breaks and one in Every of the others, by turns;
	// less than 2 is all rows.
	Every int
	// Repeat is how often each is judged; less than 1 is 1. From the second time on the
	// scenarios are shuffled, and 1 to 16 run at once; the verdicts have to be equal.
	Repeat int
}

// Servers is how many servers are judged.
func (p Plan) Servers() int { return len(p.entries()) }

func (p Plan) entries() []entry {
	if p.Surroundings {
		return surrounded()
	}
	all := slices.DeleteFunc(entries(), func(e entry) bool { return p.Kind != "" && e.kind != p.Kind })
	if p.Every > 1 {
		sample(all, p.Every)
	}
	return all
}

// Prove judges the servers of the zoo, and calls seen for each as it is done, one call at
// a time. It ends early with ctx; what was not judged by then is an error in its trial.
func Prove(ctx context.Context, plan Plan, seen func(Trial)) *Proof {
	servers := plan.entries()
	proof := &Proof{Trials: make([]Trial, len(servers))}
	next := make(chan int)
	var mu sync.Mutex
	var working sync.WaitGroup
	for range max(plan.Workers, 1) {
		working.Go(func() {
			for i := range next {
				found := servers[i].repeated(ctx, plan.Repeat)
				mu.Lock()
				proof.Trials[i] = found
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
	if plan.Kind == "" && !plan.Surroundings {
		proof.Gaps = gaps(proof.Trials, plan.Every < 2)
	}
	return proof
}
