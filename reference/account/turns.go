package account

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// turns bounds how many passwords are hashed at once, and how many logins wait
// for that.
type turns struct {
	running  *semaphore.Weighted
	present  atomic.Int64 // running and waiting
	room     int64
	patience time.Duration
}

func newTurns(parallel, waiting int, patience time.Duration) *turns {
	if parallel == 0 {
		parallel = 4
	}
	if waiting == 0 {
		waiting = 256
	}
	if patience == 0 {
		patience = 15 * time.Second
	}
	return &turns{running: semaphore.NewWeighted(int64(parallel)), room: int64(parallel + waiting), patience: patience}
}

// enter waits for a turn, which ends with leave. It returns [ErrOverloaded] at
// once when there is no room left to wait, or when patience ends.
func (t *turns) enter(ctx context.Context) (leave func(), err error) {
	if t.present.Add(1) > t.room {
		t.present.Add(-1)
		return nil, ErrOverloaded
	}
	waiting, cancel := context.WithTimeout(ctx, t.patience)
	defer cancel()
	if err := t.running.Acquire(waiting, 1); err != nil {
		t.present.Add(-1)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("check a password: %w", ctx.Err())
		}
		return nil, ErrOverloaded
	}
	return func() {
		t.running.Release(1)
		t.present.Add(-1)
	}, nil
}
