package mutation

import (
	"sync"
	"testing"
	"time"
)

// TestTickingMovesByBeingRead: no reading equals another, whoever reads at the
// same time, and two servers with one name begin in the same part of a second.
func TestTickingMovesByBeingRead(t *testing.T) {
	t.Parallel()
	clock, again, other := newTicking("a"), newTicking("a"), newTicking("b")
	part := func(c *ticking) time.Duration { return c.start.Sub(c.start.Truncate(time.Second)) }
	if part(clock) != part(again) || part(clock) == part(other) {
		t.Errorf("they begin %v, %v and %v into a second", part(clock), part(again), part(other))
	}
	const reads = 100
	var mu sync.Mutex
	seen := map[time.Time]bool{}
	var reading sync.WaitGroup
	for range reads {
		reading.Go(func() {
			now := clock.Now()
			mu.Lock()
			defer mu.Unlock()
			seen[now] = true
		})
	}
	reading.Wait()
	if moved := clock.Now().Sub(clock.start); len(seen) != reads || moved != (reads+1)*tick {
		t.Errorf("%d readings of %d differ, and it has moved by %v", len(seen), reads, moved)
	}
}
