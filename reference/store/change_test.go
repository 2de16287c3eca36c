package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// interrupted is a store where something happens between the read and the write of
// a change, once.
type interrupted struct {
	store.Store
	once sync.Once
	by   func(store.Store) error
	err  error
}

func (i *interrupted) interrupt() { i.once.Do(func() { i.err = i.by(i.Store) }) }

func (i *interrupted) Create(ctx context.Context, record store.Record) error {
	i.interrupt()
	return i.Store.Create(ctx, record)
}

func (i *interrupted) Update(ctx context.Context, record store.Record) error {
	i.interrupt()
	return i.Store.Update(ctx, record)
}

// TestChangeStartsAgain: when another writer is faster, the edit sees what that has
// written, and nothing is lost.
func TestChangeStartsAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		exists bool
		by     func(store.Store) error
		want   string
	}{
		"changed": {true, func(s store.Store) error {
			return s.Update(t.Context(), store.Record{Kind: "form", Key: "a", Version: 1, Value: []byte("other ")})
		}, "other mine"},
		"deleted": {true, func(s store.Store) error { return s.Delete(t.Context(), "form", "a") }, "mine"},
		"created": {false, func(s store.Store) error {
			return s.Create(t.Context(), store.Record{Kind: "form", Key: "a", Value: []byte("other ")})
		}, "other mine"},
	} {
		s := &interrupted{Store: memory.New(), by: c.by}
		if c.exists {
			if err := s.Store.Create(t.Context(), store.Record{Kind: "form", Key: "a", Value: []byte("first ")}); err != nil {
				t.Fatal(err)
			}
		}
		err := store.Change(t.Context(), s, "form", "a", func(record *store.Record) error {
			record.Value = append(slices.Clone(record.Value), "mine"...)
			return nil
		})
		got, getErr := s.Get(t.Context(), "form", "a")
		if err := errors.Join(err, getErr, s.err); err != nil || string(got.Value) != c.want {
			t.Errorf("%s meanwhile: the value is %q (%v), want %q", name, got.Value, err, c.want)
		}
	}
}

// broken is a store that can be read, but not written.
type broken struct{ store.Store }

var errBroken = errors.New("disk full")

func (broken) Create(context.Context, store.Record) error { return errBroken }

func TestChangeErrors(t *testing.T) {
	t.Parallel()
	own := errors.New("not allowed")
	for want, edit := range map[error]error{errBroken: nil, own: own, nil: store.ErrUnchanged} {
		err := store.Change(t.Context(), broken{memory.New()}, "form", "a", func(*store.Record) error { return edit })
		if !errors.Is(err, want) || errors.Is(err, store.ErrUnavailable) != errors.Is(want, errBroken) {
			t.Errorf("an edit that returns %v ends in %v, want %v", edit, err, want)
		}
	}
}
