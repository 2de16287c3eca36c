package shared

import (
	"fmt"
	"testing"
)

// TestPanicsArePassedOn: a panic in one of several requests does not end the program.
// The caller of all gets it, and its scenario fails.
func TestPanicsArePassedOn(t *testing.T) {
	t.Parallel()
	broken := func(i int) int {
		if i == 3 {
			panic("at the fourth")
		}
		return i
	}
	for name, several := range map[string]func(){
		"Concurrently":   func() { Concurrently(8, broken) },
		"SeveralAtATime": func() { SeveralAtATime(8, 2, broken) },
	} {
		caught := func() (value any) {
			defer func() { value = recover() }()
			several()
			return nil
		}()
		if fmt.Sprint(caught) != "in a request of several at once: at the fourth" {
			t.Errorf("%s passes on %v", name, caught)
		}
	}
	if got := fmt.Sprint(Concurrently(3, func(i int) int { return i * i }), SeveralAtATime(3, 2, func(i int) int { return i })); got != "[0 1 4] [0 1 2]" {
		t.Errorf("got %s", got)
	}
}

func TestConcurrently(t *testing.T) {
	t.Parallel()
	const n = 20
	arrived := make(chan struct{}, n)
	all := make(chan struct{})
	go func() {
		for range n {
			<-arrived
		}
		close(all)
	}()
	for i, got := range Concurrently(n, func(i int) int { // hangs unless all run at once
		arrived <- struct{}{}
		<-all
		return i
	}) {
		if got != i {
			t.Errorf("expected result %d in its place, got %d", i, got)
		}
	}
	for i, got := range SeveralAtATime(n, 3, func(i int) int { return i }) {
		if got != i {
			t.Errorf("expected result %d in its place, got %d", i, got)
		}
	}
}
