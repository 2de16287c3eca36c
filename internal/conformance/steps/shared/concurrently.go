package shared

import (
	"fmt"
	"sync"
)

// Concurrently calls f(0) to f(n-1), each in a goroutine of its own, and returns
// the results in that order. No goroutine calls f before all n goroutines run.
// When f panics, Concurrently panics too, after all calls have ended.
func Concurrently[T any](n int, f func(i int) T) []T {
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

// SeveralAtATime calls f(0) to f(n-1), at most width of them at the same time, and
// returns the results in that order. When f panics, SeveralAtATime panics too,
// after all calls have ended.
func SeveralAtATime[T any](n, width int, f func(i int) T) []T {
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

// panics keeps the first panic of several goroutines and repeats it in the
// goroutine that waits for them. There, godog recovers it and fails one scenario;
// in the goroutine of a request it would end the whole program.
type panics struct {
	once  sync.Once
	found error
}

// keep recovers a panic. Each goroutine defers it.
func (p *panics) keep() {
	if value := recover(); value != nil {
		p.once.Do(func() { p.found = fmt.Errorf("in a request of several at once: %v", value) })
	}
}

// passOn panics with the error that keep recorded, if there is one. Its caller
// first waits until all goroutines have ended.
func (p *panics) passOn() {
	if p.found != nil {
		panic(p.found)
	}
}
