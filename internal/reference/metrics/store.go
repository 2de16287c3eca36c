package metrics

import (
	"context"
	"errors"
	"time"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// Store returns a store that times and counts the operations of inner. The errors
// that say something about a record do not count as failures, nor does a caller
// that cancels its context.
func (m *Metrics) Store(inner store.Store) store.Store { return &timed{inner, m} }

type timed struct {
	inner   store.Store
	metrics *Metrics
}

var (
	_ store.Pager   = (*timed)(nil)
	_ store.Counter = (*timed)(nil)
)

// ended counts an operation when it has ended.
func (t *timed) ended(operation string, began time.Time, err *error) {
	t.metrics.stored.WithLabelValues(operation).Observe(time.Since(began).Seconds())
	for _, expected := range []error{nil, store.ErrNotFound, store.ErrExists, store.ErrConflict, context.Canceled} {
		if errors.Is(*err, expected) {
			return
		}
	}
	t.metrics.failed.WithLabelValues(operation).Inc()
}

func (t *timed) Get(ctx context.Context, kind store.Kind, key string) (_ store.Record, err error) {
	defer t.ended("get", time.Now(), &err)
	return t.inner.Get(ctx, kind, key)
}

func (t *timed) Create(ctx context.Context, record store.Record) (err error) {
	defer t.ended("create", time.Now(), &err)
	return t.inner.Create(ctx, record)
}

func (t *timed) Update(ctx context.Context, record store.Record) (err error) {
	defer t.ended("update", time.Now(), &err)
	return t.inner.Update(ctx, record)
}

func (t *timed) Delete(ctx context.Context, kind store.Kind, key string) (err error) {
	defer t.ended("delete", time.Now(), &err)
	return t.inner.Delete(ctx, kind, key)
}

func (t *timed) List(ctx context.Context, kind store.Kind, owner string) (_ []store.Record, err error) {
	defer t.ended("list", time.Now(), &err)
	return t.inner.List(ctx, kind, owner)
}

func (t *timed) Page(ctx context.Context, kind store.Kind, owner, from string, limit int) (_ []store.Record, err error) {
	defer t.ended("page", time.Now(), &err)
	return store.Page(ctx, t.inner, kind, owner, from, limit)
}

func (t *timed) Count(ctx context.Context, kind store.Kind, owner string, now time.Time) (_ int, err error) {
	defer t.ended("count", time.Now(), &err)
	return store.Count(ctx, t.inner, kind, owner, now)
}

func (t *timed) Sweep(ctx context.Context, now time.Time) (_ int, err error) {
	defer t.ended("sweep", time.Now(), &err)
	return t.inner.Sweep(ctx, now)
}
