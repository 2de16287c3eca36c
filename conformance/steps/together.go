package steps

import "sync"

// together calls f n times at once, with 0 to n-1, and returns the results in
// that order. No call starts before all are ready to.
func together[T any](n int, f func(i int) T) []T {
	results := make([]T, n)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-start
			results[i] = f(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	return results
}

// severalAtATime calls f n times, with 0 to n-1, at most width at a time, and
// returns the results in that order.
func severalAtATime[T any](n, width int, f func(i int) T) []T {
	results := make([]T, n)
	places := make(chan struct{}, width)
	var done sync.WaitGroup
	for i := range n {
		places <- struct{}{}
		done.Go(func() {
			results[i] = f(i)
			<-places
		})
	}
	done.Wait()
	return results
}
