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

// A waiting Lock tries again after a pause that grows from the one to the
// other: the kernel's own waiting cannot be called off.
const (
	shortest = time.Millisecond
	longest  = 5 * time.Millisecond
)

// Lock locks the file at path, making it (0600) and its directory (0700) if
// need be, or returns ctx's error. The lock ends with unlock, and with the
// process. The file stays: removing it would let two holders in.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	lock := flock.New(path, flock.SetPermissions(0o600))
	for pause := shortest; ; pause = min(2*pause, longest) {
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
