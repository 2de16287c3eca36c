package stepstest

import (
	"context"
	"math"
	"sync"
	"time"
)

// Clock is the time of a fake server and of its judge at once. The zero Clock
// is ready; it is safe for concurrent use.
type Clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// Now implements exchange.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// Advance implements exchange.Clock.
func (c *Clock) Advance(_ context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += time.Duration(math.Ceil(d.Seconds())) * time.Second
	return nil
}

// Pass lets a fraction of a second pass at once.
func (c *Clock) Pass(_ context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += max(d, 0)
	return nil
}
