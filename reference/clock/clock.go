// Package clock is the time of the reference server: the system's clock, or one
// that can be moved, so that tests need not wait for a token to expire. It leaves
// timers and tickers to package time; nothing that clients see depends on those.
package clock

import (
	"sync/atomic"
	"time"
)

// Clock tells the time. Implementations are safe for concurrent use.
type Clock interface {
	// Now returns the current time of the clock.
	Now() time.Time
}

// Movable is a clock that can be set forward.
type Movable interface {
	Clock
	// Advance moves the clock by d. Every later Now includes it.
	Advance(d time.Duration)
}

// Func adapts a function to a [Clock].
type Func func() time.Time

// Now calls f.
func (f Func) Now() time.Time { return f() }

// System is the clock of the machine.
type System struct{}

// Now returns [time.Now].
func (System) Now() time.Time { return time.Now() }

// Offset is a clock with a fixed distance to another clock, its base. It is safe
// for concurrent use.
type Offset struct {
	base   Clock
	offset atomic.Int64
}

var _ Movable = (*Offset)(nil)

// NewOffset returns a clock that shows the time of base. A nil base is [System].
func NewOffset(base Clock) *Offset {
	if base == nil {
		base = System{}
	}
	return &Offset{base: base}
}

// Now returns the time of the base plus everything advanced so far. The result
// has no monotonic reading, so that differences follow the moved clock.
func (o *Offset) Now() time.Time {
	return o.base.Now().Round(0).Add(time.Duration(o.offset.Load()))
}

// Advance moves the clock by d; a negative d moves it back.
func (o *Offset) Advance(d time.Duration) { o.offset.Add(int64(d)) }

// Set moves the clock so that it shows t now.
func (o *Offset) Set(t time.Time) {
	o.offset.Store(int64(t.Sub(o.base.Now().Round(0))))
}
