package mutation

import (
	"context"
	"hash/fnv"
	"sync/atomic"
	"time"
)

// tick is how far a server's time moves when it is read.
const tick = time.Microsecond

// ticking is a clock that moves by being read, and not otherwise. A server of
// the zoo and its judge both follow it, so that what they do takes no time,
// however little of the machine they get: hundreds of servers at once make
// none of them late. It is safe for concurrent use.
type ticking struct {
	start time.Time
	reads atomic.Int64
}

// newTicking starts at the present second. Where in it is drawn from a name,
// so that the zoo sees many fractions, and each server the same one every time.
func newTicking(name string) *ticking {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(name)) // never fails
	fraction := time.Duration(hash.Sum32()) % time.Second
	return &ticking{start: time.Now().Truncate(time.Second).Add(fraction)}
}

// Now is later than every time that it has told before.
func (c *ticking) Now() time.Time { return c.start.Add(time.Duration(c.reads.Add(1)) * tick) }

// Sleep moves the time on, as if it was read often.
func (c *ticking) Sleep(_ context.Context, d time.Duration) error {
	c.reads.Add(max(int64(d/tick), 0))
	return nil
}
