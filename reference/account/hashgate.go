package account

import (
	"cmp"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// hashGate bounds how many passwords are hashed at once, and how many logins
// wait for that.
type hashGate struct {
	running *semaphore.Weighted
	present atomic.Int64 // running and waiting
	max     int64        // of present
	timeout time.Duration
}

func newHashGate(parallel, waiting int, timeout time.Duration) *hashGate {
	running := int64(cmp.Or(parallel, 4))
	return &hashGate{
		running: semaphore.NewWeighted(running), max: running + int64(cmp.Or(waiting, 256)), timeout: cmp.Or(timeout, 15*time.Second),
	}
}

// acquire waits until a password may be hashed; the caller then calls release.
// It returns [ErrOverloaded] at once when too many wait already, or after the
// timeout.
func (g *hashGate) acquire(ctx context.Context) (release func(), err error) {
	if g.present.Add(1) > g.max {
		g.present.Add(-1)
		return nil, ErrOverloaded
	}
	waiting, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	if err := g.running.Acquire(waiting, 1); err != nil {
		g.present.Add(-1)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("check a password: %w", ctx.Err())
		}
		return nil, ErrOverloaded
	}
	return func() {
		g.running.Release(1)
		g.present.Add(-1)
	}, nil
}
