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
	moved   bool
	shown   time.Time // what it showed when it was last moved, stopped or started
	at      time.Time // the time of the machine then
	stopped bool
}

var _ clock.Movable = (*Clock)(nil)

// Now returns the time of the clock, without a monotonic reading.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	switch {
	case c.stopped:
		return c.shown
	case c.moved: // its distance to the machine's time may be longer than a Duration, 292 years
		return c.shown.Add(machineTime().Sub(c.at))
	}
	return machineTime()
}

// show lets the clock go on from t.
func (c *Clock) show(t time.Time) { c.moved, c.shown, c.at = true, t, machineTime() }

func machineTime() time.Time { return time.Now().Round(0) }

// Advance moves the clock by d; a negative d moves it back.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.show(c.now().Add(d))
}

// Set moves the clock so that it shows t now, however far away that is.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.show(t.Round(0).Local())
}

// Stop lets the clock stand still: only Advance and Set move it.
func (c *Clock) Stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.show(c.now())
	c.stopped = true
}

// Run lets the clock run again, from the time that it shows.
func (c *Clock) Run() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.show(c.now())
	c.stopped = false
}

// Clock returns the clock of the mock.
func (s *Server) Clock() *Clock { return s.clock }

// Now is the time of the mock, which its Date header shows.
func (s *Server) Now() time.Time { return s.clock.Now() }

// Advance moves the time of the mock forward by d; tokens expire accordingly. It
// does not wait, and it does not change the time of the client.
func (s *Server) Advance(d time.Duration) { s.clock.Advance(d) }
