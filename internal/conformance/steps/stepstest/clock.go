package stepstest

import (
	"context"
	"math"
	"net/http"
	"sync"
	"time"
)

// Clock is the time of a fake server and of its judge at once. It stands still between
// two moves, so that no answer comes too late on a busy machine. The zero Clock is ready;
// it is safe for concurrent use.
type Clock struct {
	mu    sync.Mutex
	began time.Time // when it was first asked
	ahead time.Duration
}

// Now implements exchange.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.began.IsZero() {
		c.began = time.Now()
	}
	return c.began.Add(c.ahead)
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

// dated writes the clock's time into each answer of a server.
func dated(clock *Clock, server http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", clock.Now().UTC().Format(http.TimeFormat))
		server.ServeHTTP(w, r)
	})
}
