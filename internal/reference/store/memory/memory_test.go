package memory_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/internal/reference/store/storetest"
	"github.com/dragoman-auth/dragoman/reference/store"
)

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) store.Store { return memory.New() })
	t.Run("a scan sees every record whole", func(t *testing.T) {
		t.Parallel()
		storetest.Scan(t, memory.New())
	})
}

// between calls a function whenever a sweep asks whether it should go on.
type between struct {
	context.Context //nolint:containedctx // it is a context
	work            func()
}

func (b between) Err() error {
	b.work()
	return b.Context.Err()
}

// Requests do not wait for a whole sweep: it lets them in while it works. What they
// prolong meanwhile stays.
func TestASweepLetsRequestsIn(t *testing.T) {
	t.Parallel()
	s := memory.New()
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	const records = 5000
	for i := range records {
		if err := s.Create(t.Context(), store.Record{Kind: "token", Key: strconv.Itoa(i), Expires: noon}); err != nil {
			t.Fatal(err)
		}
	}
	letIn, prolonged := 0, map[string]bool{}
	removed, err := s.Sweep(between{t.Context(), func() {
		letIn++
		for i := range records { // one that is still there, if any
			record, err := s.Get(t.Context(), "token", strconv.Itoa(i))
			if errors.Is(err, store.ErrNotFound) || prolonged[record.Key] {
				continue
			}
			record.Expires = noon.Add(time.Hour)
			if err := s.Update(t.Context(), record); err != nil {
				t.Error(err)
			}
			prolonged[record.Key] = true
			return
		}
	}}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if letIn < 5 || len(prolonged) < 5 {
		t.Errorf("let in %d times, %d records prolonged, want 5 at least", letIn, len(prolonged))
	}
	if removed+len(prolonged) != records {
		t.Errorf("%d removed and %d prolonged of %d", removed, len(prolonged), records)
	}
	for key := range prolonged {
		if _, err := s.Get(t.Context(), "token", key); err != nil {
			t.Errorf("%s was prolonged: %v", key, err)
		}
	}
}
