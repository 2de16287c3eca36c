package jsonrecord_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/jsonrecord"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// TestDamagedValues: a value that is not JSON is an error of its own: neither a
// missing record nor a failure of the store.
func TestDamagedValues(t *testing.T) {
	t.Parallel()
	s := memory.New()
	if err := s.Create(t.Context(), store.Record{Kind: "account", Key: "a", Owner: "all", Value: []byte(`{"secret":`)}); err != nil {
		t.Fatal(err)
	}
	_, _, get := jsonrecord.Get[map[string]string](t.Context(), s, "account", "a")
	_, _, list := jsonrecord.List[map[string]string](t.Context(), s, "account", "all")
	change := jsonrecord.Change(t.Context(), s, "account", "a", func(*store.Record, *map[string]string) error { return nil })
	for what, err := range map[string]error{"get": get, "list": list, "change": change} {
		if err == nil || !strings.Contains(err.Error(), "kind account") || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

type down struct{ store.Store }

var errDown = errors.New("connection refused")

func (down) Get(context.Context, store.Kind, string) (store.Record, error) {
	return store.Record{}, errDown
}
func (down) List(context.Context, store.Kind, string) ([]store.Record, error) { return nil, errDown }
func (down) Create(context.Context, store.Record) error                       { return errDown }

func TestStoreDown(t *testing.T) {
	t.Parallel()
	s := down{memory.New()}
	_, _, get := jsonrecord.Get[int](t.Context(), s, "account", "a")
	_, _, list := jsonrecord.List[int](t.Context(), s, "account", "all")
	create := jsonrecord.Create(t.Context(), s, store.Record{Kind: "account", Key: "a"}, 1)
	change := jsonrecord.Change(t.Context(), s, "account", "a", func(*store.Record, *int) error { return nil })
	for what, err := range map[string]error{"get": get, "list": list, "create": create, "change": change} {
		if !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, errDown) {
			t.Errorf("%s without a store: %v", what, err)
		}
	}
}
