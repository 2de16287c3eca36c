package mockserver

import (
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/reference/clock"
)

// Clock is the time of a mock: everything that clients can see of time follows it.
// It runs with the time of the machine, or of the bubble in [testing/synctest],
// until it is stopped. It is safe for concurrent use.
type Clock struct {
	mu      sync.Mutex
	offset  time.Duration
	stopped time.Time // zero: it runs
}

var _ clock.Movable = (*Clock)(nil)

// Now returns the time of the clock, without a monotonic reading.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if !c.stopped.IsZero() {
		return c.stopped
	}
	return time.Now().Round(0).Add(c.offset)
}

// Advance moves the clock by d; a negative d moves it back.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.offset += d; !c.stopped.IsZero() {
		c.stopped = c.stopped.Add(d)
	}
}

// Set moves the clock so that it shows t now.
func (c *Clock) Set(t time.Time) { c.Advance(t.Round(0).Sub(c.Now())) }

// Stop lets the clock stand still: only Advance and Set move it.
func (c *Clock) Stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = c.now()
}

// Run lets the clock run again, from the time that it shows.
func (c *Clock) Run() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped.IsZero() {
		return
	}
	c.offset, c.stopped = c.stopped.Sub(time.Now().Round(0)), time.Time{}
}

// Clock returns the clock of the mock.
func (s *Server) Clock() *Clock { return s.clock }

// Now is the time of the mock, which its Date header shows.
func (s *Server) Now() time.Time { return s.clock.Now() }

// Advance moves the time of the mock forward by d; tokens expire accordingly. It
// does not wait, and it does not change the time of the client.
func (s *Server) Advance(d time.Duration) { s.clock.Advance(d) }
