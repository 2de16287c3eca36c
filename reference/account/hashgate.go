package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// ErrOverloaded says that too many passwords are being checked.
var ErrOverloaded = errors.New("too many logins at once")

// OverloadedError is [ErrOverloaded] with the time after which there is likely to
// be room.
type OverloadedError struct {
	// RetryAfter is how long to wait: above zero, in whole seconds.
	RetryAfter time.Duration
}

// Error implements error.
func (e *OverloadedError) Error() string {
	return fmt.Sprintf("%v: try again in %v", ErrOverloaded, e.RetryAfter)
}

// Unwrap gives [ErrOverloaded] to [errors.Is].
func (e *OverloadedError) Unwrap() error { return ErrOverloaded }

// hashGate bounds how many passwords are hashed at once, and how many logins
// wait, for that or for each other. Only logins pass it: what needs no password,
// such as a refresh, is served whatever waits here.
type hashGate struct {
	parallel int64
	running  *semaphore.Weighted
	max      int64 // of present
	timeout  time.Duration

	mu      sync.Mutex
	present int64         // running and waiting
	each    time.Duration // that one password takes, in the mean of late
	free    time.Time     // when those who were sent away will have been served
}

// longestAway bounds for how long a login is sent away: some of those who were
// sent away before do not come back.
const longestAway = time.Minute

// The defaults: passwords that are hashed at once, logins that wait, and how long.
const (
	maxHashing = 4
	maxWaiting = 256
	maxWait    = 15 * time.Second
)

func newHashGate(parallel, waiting int, timeout time.Duration) *hashGate {
	running := int64(cmp.Or(parallel, maxHashing))
	return &hashGate{
		parallel: running, running: semaphore.NewWeighted(running),
		max: running + int64(cmp.Or(waiting, maxWaiting)), timeout: cmp.Or(timeout, maxWait),
	}
}

// admit lets a login in, which then calls release, and bounds what it waits for by
// the returned context. It returns an [*OverloadedError] at once when too many are
// present, or so many that the login would wait for more than half of its time.
func (g *hashGate) admit(ctx context.Context) (bounded context.Context, release func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.present >= g.max || g.wait() > g.timeout/2 {
		return nil, nil, g.overloaded()
	}
	g.present++
	bounded, cancel := context.WithTimeout(ctx, g.timeout)
	return bounded, func() {
		cancel()
		g.mu.Lock()
		defer g.mu.Unlock()
		g.present--
	}, nil
}

// wait is how long one more login would wait. The caller holds mu.
func (g *hashGate) wait() time.Duration {
	return g.each * time.Duration(max(g.present-g.parallel+1, 0)) / time.Duration(g.parallel)
}

// overloaded sends a login away until the queue of today, and those who were sent
// away before, have been served: each is told a later moment than the one before,
// so that they do not come back together. The caller holds mu.
func (g *hashGate) overloaded() error {
	now := time.Now()
	if served := now.Add(g.wait()); g.free.Before(served) {
		g.free = served
	}
	g.free = g.free.Add(g.each / time.Duration(g.parallel))
	if latest := now.Add(longestAway); g.free.After(latest) {
		g.free = latest
	}
	return &OverloadedError{RetryAfter: max((g.free.Sub(now) + time.Second - 1).Truncate(time.Second), time.Second)}
}

// tooLate is the error of a login whose time to wait is over.
func (g *hashGate) tooLate() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.overloaded()
}

// acquire waits until a password may be hashed; the caller then calls release.
func (g *hashGate) acquire(ctx context.Context) (release func(), err error) {
	if err := g.running.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	began := time.Now()
	return func() {
		g.running.Release(1)
		g.took(time.Since(began))
	}, nil
}

// took notes how long a password took.
func (g *hashGate) took(d time.Duration) {
	const weight = 16
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.each == 0 {
		g.each = d
	}
	g.each += (d - g.each) / weight
}
