package tracing

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/dragoman-auth/dragoman/reference/store"
)

const (
	kindKey    = attribute.Key("dragoman.store.kind")
	outcomeKey = attribute.Key("dragoman.store.outcome")
)

// Store returns a store whose operations are spans, below that of the request that they
// are for. What the server does for itself has none.
func Store(inner store.Store) store.Store { return &traced{inner} }

type traced struct{ inner store.Store }

var (
	_ store.Pager   = (*traced)(nil)
	_ store.Counter = (*traced)(nil)
)

func begin(ctx context.Context, name string, kind store.Kind) (context.Context, trace.Span) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return Child(ctx, name)
	}
	return Child(ctx, name, kindKey.String(string(kind)))
}

// end ends the span of an operation with what it said about the record, or with the
// class of its failure.
func end(span trace.Span, err error) {
	if span.IsRecording() {
		switch {
		case err == nil:
		case errors.Is(err, store.ErrNotFound):
			span.SetAttributes(outcomeKey.String("not_found"))
		case errors.Is(err, store.ErrExists):
			span.SetAttributes(outcomeKey.String("exists"))
		case errors.Is(err, store.ErrConflict):
			span.SetAttributes(outcomeKey.String("conflict"))
		case errors.Is(err, context.Canceled):
			fail(span, "canceled")
		case errors.Is(err, context.DeadlineExceeded):
			fail(span, "timeout")
		default:
			fail(span, "unavailable")
		}
	}
	span.End()
}

func (t *traced) Get(ctx context.Context, kind store.Kind, key string) (store.Record, error) {
	ctx, span := begin(ctx, "store get", kind)
	record, err := t.inner.Get(ctx, kind, key)
	end(span, err)
	return record, err
}

func (t *traced) Create(ctx context.Context, record store.Record) error {
	ctx, span := begin(ctx, "store create", record.Kind)
	err := t.inner.Create(ctx, record)
	end(span, err)
	return err
}

func (t *traced) Update(ctx context.Context, record store.Record) error {
	ctx, span := begin(ctx, "store update", record.Kind)
	err := t.inner.Update(ctx, record)
	end(span, err)
	return err
}

func (t *traced) Delete(ctx context.Context, kind store.Kind, key string) error {
	ctx, span := begin(ctx, "store delete", kind)
	err := t.inner.Delete(ctx, kind, key)
	end(span, err)
	return err
}

func (t *traced) List(ctx context.Context, kind store.Kind, owner string) ([]store.Record, error) {
	ctx, span := begin(ctx, "store list", kind)
	records, err := t.inner.List(ctx, kind, owner)
	end(span, err)
	return records, err
}

func (t *traced) Page(ctx context.Context, kind store.Kind, owner, from string, limit int) ([]store.Record, error) {
	ctx, span := begin(ctx, "store page", kind)
	records, err := store.Page(ctx, t.inner, kind, owner, from, limit)
	end(span, err)
	return records, err
}

func (t *traced) Count(ctx context.Context, kind store.Kind, owner string, now time.Time) (int, error) {
	ctx, span := begin(ctx, "store count", kind)
	count, err := store.Count(ctx, t.inner, kind, owner, now)
	end(span, err)
	return count, err
}

func (t *traced) Sweep(ctx context.Context, now time.Time) (int, error) {
	return t.inner.Sweep(ctx, now) // no request asks for it
}
