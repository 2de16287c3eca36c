package filelock_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/dragoman-auth/dragoman/internal/sdk/filelock"
)

func TestOneHolderAtATime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "directory", "the.lock")
	var group sync.WaitGroup
	var holders atomic.Int64
	for range 8 {
		group.Go(func() {
			for range 20 {
				unlock, err := filelock.Lock(t.Context(), path)
				if err != nil {
					t.Error(err)
					return
				}
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d holders", n)
				}
				holders.Add(-1)
				unlock()
				unlock() // once more does no harm
			}
		})
	}
	group.Wait()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the lock file: %v, %v", info.Mode(), err)
	}
}

// Whoever has had the lock and wants it again comes after the one who waits.
func TestAHolderInALoopDoesNotKeepIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "the.lock")
	unlock, err := filelock.Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	order := make(chan string, 2)
	var group sync.WaitGroup
	group.Go(func() {
		unlock, err := filelock.Lock(t.Context(), path)
		if err != nil {
			t.Error(err)
			return
		}
		order <- "who waited"
		unlock()
	})
	for turn := flock.New(path + ".next"); ; { // until somebody's turn is next
		free, err := turn.TryLock()
		if err != nil {
			t.Fatal(err)
		}
		if !free {
			break
		}
		if err := turn.Close(); err != nil {
			t.Fatal(err)
		}
		runtime.Gosched()
	}
	unlock()
	unlock, err = filelock.Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	order <- "who had it"
	unlock()
	group.Wait()
	if first := <-order; first != "who waited" {
		t.Errorf("first was %s", first)
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "the.lock")
	unlock, err := filelock.Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := filelock.Lock(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestNoLockWhereNoFileCanBe(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a-file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := filelock.Lock(t.Context(), filepath.Join(file, "the.lock")); err == nil {
		t.Error("a lock below a file")
	}
}
