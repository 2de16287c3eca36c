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

// TestASweepEndsWithItsContext says how many it has removed until then.
func TestASweepEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := memory.New()
	for i := range 5000 {
		if err := s.Create(t.Context(), store.Record{Kind: "token", Key: strconv.Itoa(i), Expires: time.UnixMilli(1)}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	removed, err := s.Sweep(between{ctx, func() {
		if asked++; asked == 3 {
			cancel()
		}
	}}, time.UnixMilli(2))
	if !errors.Is(err, context.Canceled) || removed == 0 || removed == 5000 {
		t.Errorf("%d removed, %v", removed, err)
	}
	if rest, err := s.Sweep(t.Context(), time.UnixMilli(2)); err != nil || rest != 5000-removed {
		t.Errorf("then %d removed, %v", rest, err)
	}
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
	letIn := 0
	var prolonged []string // all that are there when requests come in for the second time
	removed, err := s.Sweep(between{t.Context(), func() {
		if letIn++; letIn != 2 {
			return
		}
		for i := range records {
			record, err := s.Get(t.Context(), "token", strconv.Itoa(i))
			if errors.Is(err, store.ErrNotFound) {
				continue
			}
			record.Expires = noon.Add(time.Hour)
			if err := s.Update(t.Context(), record); err != nil {
				t.Error(err)
			}
			prolonged = append(prolonged, record.Key)
		}
	}}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if letIn < 5 || len(prolonged) == 0 {
		t.Errorf("let in %d times, %d records prolonged", letIn, len(prolonged))
	}
	if removed+len(prolonged) != records {
		t.Errorf("%d removed and %d prolonged of %d", removed, len(prolonged), records)
	}
	for _, key := range prolonged {
		if _, err := s.Get(t.Context(), "token", key); err != nil {
			t.Errorf("%s was prolonged: %v", key, err)
		}
	}
}

// TestErrorsNameTheOperation holds the texts that a log has of records that are not there.
func TestErrorsNameTheOperation(t *testing.T) {
	t.Parallel()
	s := memory.New()
	for want, operation := range map[string]func() error{
		"get token: no such record": func() error {
			_, err := s.Get(t.Context(), "token", "gone")
			return err
		},
		"update token: no such record": func() error {
			return s.Update(t.Context(), store.Record{Kind: "token", Key: "gone", Version: 1})
		},
		"delete token: no such record": func() error { return s.Delete(t.Context(), "token", "gone") },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			if err := operation(); !errors.Is(err, store.ErrNotFound) || err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
		})
	}
}
