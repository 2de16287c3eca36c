package zoo

import (
	"context"
	"errors"
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

// Prove judges all servers of the zoo, so many at once as there are workers,
// and calls seen for each as it is done, one call at a time. It ends early with
// ctx; what was not judged by then is an error in its trial.
func Prove(ctx context.Context, workers int, seen func(Trial)) *Proof {
	servers := entries()
	proof := &Proof{Trials: make([]Trial, len(servers))}
	next := make(chan int)
	var mu sync.Mutex
	var working sync.WaitGroup
	for range max(workers, 1) {
		working.Go(func() {
			for i := range next {
				found := servers[i].trial(ctx, oneByOne)
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
	proof.Gaps = gaps(proof.Trials)
	return proof
}
