package security

import (
	"fmt"
	"sync"
)

// concurrently calls f n times at once, with 0 to n-1, and returns the results in
// that order. No call starts before all are ready to. A panic in f is passed on
// to the caller, once all calls have ended.
func concurrently[T any](n int, f func(i int) T) []T {
	results := make([]T, n)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	var broken panics
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-start
			defer broken.keep()
			results[i] = f(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	broken.passOn()
	return results
}

// severalAtATime calls f n times, with 0 to n-1, at most width at a time, and
// returns the results in that order. A panic in f is passed on like concurrently's.
func severalAtATime[T any](n, width int, f func(i int) T) []T {
	results := make([]T, n)
	places := make(chan struct{}, width)
	var done sync.WaitGroup
	var broken panics
	for i := range n {
		places <- struct{}{}
		done.Go(func() {
			defer func() { <-places }()
			defer broken.keep()
			results[i] = f(i)
		})
	}
	done.Wait()
	broken.passOn()
	return results
}

// panics carries a panic from the goroutine that it is in, where it would end
// the whole run, to the one that waits, where it ends a scenario.
type panics struct {
	once  sync.Once
	found error
}

// keep is deferred in the goroutine.
func (p *panics) keep() {
	if value := recover(); value != nil {
		p.once.Do(func() { p.found = fmt.Errorf("in a request of several at once: %v", value) })
	}
}

// passOn is called where all goroutines have ended.
func (p *panics) passOn() {
	if p.found != nil {
		panic(p.found)
	}
}
