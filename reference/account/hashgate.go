package account

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// hashGate bounds how many passwords are hashed at once, and how many logins
// wait, for that or for each other.
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

// enter lets a login in, which then calls leave, and bounds what it waits for by
// the returned context. It returns [ErrOverloaded] when too many are present.
func (g *hashGate) enter(ctx context.Context) (bounded context.Context, leave func(), err error) {
	if g.present.Add(1) > g.max {
		g.present.Add(-1)
		return nil, nil, ErrOverloaded
	}
	bounded, cancel := context.WithTimeout(ctx, g.timeout)
	return bounded, func() {
		cancel()
		g.present.Add(-1)
	}, nil
}

// acquire waits until a password may be hashed; the caller then calls release.
func (g *hashGate) acquire(ctx context.Context) (release func(), err error) {
	if err := g.running.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return func() { g.running.Release(1) }, nil
}
