package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/internal/reference/store/storetest"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// plain is a store that cannot list a part.
type plain struct{ store.Store }

// unlisted is a store that cannot list.
type unlisted struct{ store.Store }

func (unlisted) List(context.Context, store.Kind, string) ([]store.Record, error) {
	return nil, errBroken
}

// TestPageOfAnyStore: a store that is no Pager and no Counter has the same pages and counts.
func TestPageOfAnyStore(t *testing.T) {
	t.Parallel()
	if _, is := store.Store(plain{}).(store.Pager); is {
		t.Fatal("this store is a pager: the test would show nothing")
	}
	if _, is := store.Store(plain{}).(store.Counter); is {
		t.Fatal("this store is a counter: the test would show nothing")
	}
	storetest.Run(t, func(*testing.T) store.Store { return plain{memory.New()} })
	if _, err := store.Page(t.Context(), unlisted{}, "form", "root", "", 1); !errors.Is(err, errBroken) {
		t.Errorf("the error is %v, want that of the store", err)
	}
	if _, err := store.Count(t.Context(), unlisted{}, "form", "root", time.Time{}); !errors.Is(err, errBroken) {
		t.Errorf("the error of a count is %v, want that of the store", err)
	}
}
