package zoo

import (
	"context"
	"errors"
	"sync"
)

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
	servers := entries()
	proof := &Proof{Findings: make([]Finding, len(servers))}
	next := make(chan int)
	var mu sync.Mutex
	var working sync.WaitGroup
	for range max(workers, 1) {
		working.Go(func() {
			for i := range next {
				found := servers[i].finding(ctx)
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
