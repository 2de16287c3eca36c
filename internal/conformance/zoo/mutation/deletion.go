package mutation

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// DeletesLate shows records of a kind for a second after they were deleted, as
// a cache would that nobody invalidates.
func DeletesLate(kind store.Kind) func(*Server) {
	return func(s *Server) {
		s.Store = &cache{Store: s.Store, kind: kind, clock: s.Clock, deleted: map[string]cached{}}
	}
}

// staleFor is what a second is to a cache here: so long it takes to look at the
// clock of a Server many thousand times. Whoever changes a record over and over
// until the cache lets go of it, does so no longer.
const staleFor = 50 * time.Millisecond

type cache struct {
	store.Store
	kind  store.Kind
	clock clock.Clock

	mu      sync.Mutex
	deleted map[string]cached
}

type cached struct {
	record store.Record
	until  time.Time
}

func (c *cache) Get(ctx context.Context, kind store.Kind, key string) (store.Record, error) {
	found, err := c.Store.Get(ctx, kind, key)
	if kind != c.kind || !errors.Is(err, store.ErrNotFound) {
		return found, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, known := c.deleted[key]; known && c.clock.Now().Before(old.until) {
		return old.record, nil
	}
	return found, err
}

func (c *cache) Delete(ctx context.Context, kind store.Kind, key string) error {
	found, err := c.Store.Get(ctx, kind, key)
	if err == nil && kind == c.kind {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.deleted[key] = cached{record: found, until: c.clock.Now().Add(staleFor)}
	}
	return c.Store.Delete(ctx, kind, key)
}
