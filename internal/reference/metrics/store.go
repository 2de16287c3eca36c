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

var _ store.Store = (*timed)(nil)

func (t *timed) note(operation string, began time.Time, err error) {
	t.metrics.stored.WithLabelValues(operation).Observe(time.Since(began).Seconds())
	for _, expected := range []error{nil, store.ErrNotFound, store.ErrExists, store.ErrConflict, context.Canceled} {
		if errors.Is(err, expected) {
			return
		}
	}
	t.metrics.failed.WithLabelValues(operation).Inc()
}

func (t *timed) Get(ctx context.Context, kind store.Kind, key string) (store.Record, error) {
	began := time.Now()
	record, err := t.inner.Get(ctx, kind, key)
	t.note("get", began, err)
	return record, err
}

func (t *timed) Create(ctx context.Context, record store.Record) error {
	began := time.Now()
	err := t.inner.Create(ctx, record)
	t.note("create", began, err)
	return err
}

func (t *timed) Update(ctx context.Context, record store.Record) error {
	began := time.Now()
	err := t.inner.Update(ctx, record)
	t.note("update", began, err)
	return err
}

func (t *timed) Delete(ctx context.Context, kind store.Kind, key string) error {
	began := time.Now()
	err := t.inner.Delete(ctx, kind, key)
	t.note("delete", began, err)
	return err
}

func (t *timed) List(ctx context.Context, kind store.Kind, owner string) ([]store.Record, error) {
	began := time.Now()
	records, err := t.inner.List(ctx, kind, owner)
	t.note("list", began, err)
	return records, err
}

func (t *timed) Sweep(ctx context.Context, now time.Time) (int, error) {
	began := time.Now()
	removed, err := t.inner.Sweep(ctx, now)
	t.note("sweep", began, err)
	return removed, err
}
