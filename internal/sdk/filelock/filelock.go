// Package filelock locks a file among processes, and among goroutines of one.
package filelock

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// A waiting Lock tries again after a pause: the kernel's own waiting cannot be
// called off. The pause becomes shorter the longer it waits, so that those who wait
// longest have the best chance.
const (
	longest  = 10 * time.Millisecond
	shortest = 2 * time.Millisecond
	nextTry  = time.Millisecond // of the one whose turn is next
)

// nextSuffix is of the file that is locked by the one whose turn is next.
const nextSuffix = ".next"

// Lock locks the file at path, making it (0600) and its directory (0700) if
// need be, or returns ctx's error. The lock ends with unlock, and with the
// process. Who has had it and wants it again comes after the one whose turn is
// next; without that, a process in a loop would keep it for itself, because the
// others nearly always look while it is locked. A second file, path with ".next",
// says who that is. The files stay: removing them would let two holders in.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	next, err := wait(ctx, path+nextSuffix, longest)
	if err != nil {
		return nil, err
	}
	defer next()
	return wait(ctx, path, nextTry)
}

// wait locks one file, and tries again after pauses from this one on.
func wait(ctx context.Context, path string, pause time.Duration) (unlock func(), err error) {
	lock := flock.New(path, flock.SetPermissions(0o600))
	for ; ; pause = max(pause-pause/8, min(pause, shortest)) {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
		locked, err := lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
		if locked {
			return sync.OnceFunc(func() { _ = lock.Close() }), nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}
