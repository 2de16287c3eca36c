package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// TestReadOnlyDatabase makes a primary read-only, as before a planned change to the
// standby, with the pools full of its connections. Until the standby is promoted every
// operation fails, and says nothing about a record. Then the first operation works, at
// the new primary, and a read does not return the data of the old one.
func TestReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	primary := pgtest.New(t)
	stores, urls := map[string]*postgres.Store{}, map[string]string{}
	for what := range operations {
		urls[what] = primary.Database(t)
	}
	standby := primary.Standby(t)
	for what := range operations {
		stores[what] = openPool(t, pgtest.Both(t, urls[what], standby))
		begin(t, stores[what])
	}
	for what, s := range stores {
		fill(t, s, urls[what])
	}
	primary.Reconfigure(t, "default_transaction_read_only", "on")
	for what, o := range operations {
		for _, err := range []error{o.run(t.Context(), stores[what]), second(stores[what].Get(t.Context(), "form", "never"))} {
			if err == nil || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrExists) {
				t.Errorf("%s with a database that takes no writes ends in %v", what, err)
			}
		}
	}
	primary.Reconfigure(t, "default_transaction_read_only", "off")
	for what, s := range stores {
		fill(t, s, urls[what])
	}
	primary.StopReplication(t, standby)
	standby.Promote()
	for what := range operations {
		if _, err := connect(t, standby.At(t, urls[what])).Exec(t.Context(), "UPDATE records SET value = 'new'"); err != nil {
			t.Fatal(err)
		}
	}
	primary.Reconfigure(t, "default_transaction_read_only", "on")
	for what, o := range operations {
		if record, err := stores[what].Get(t.Context(), "form", "a"); err != nil || string(record.Value) != "new" {
			t.Errorf("before the first %s, get finds %q, %v", what, record.Value, err)
		}
		if err := o.run(t.Context(), stores[what]); err != nil {
			t.Errorf("the first %s: %v", what, err)
		}
		if got := contents(t, standby.At(t, urls[what])); got != o.after {
			t.Errorf("after the first %s the store holds %s, want %s", what, got, o.after)
		}
	}
}

// TestStandbyAloneIsNoStore: the error says what to do.
func TestStandbyAloneIsNoStore(t *testing.T) {
	t.Parallel()
	primary := pgtest.New(t)
	database := primary.Database(t)
	standby := primary.Standby(t)
	for _, parameter := range []string{"", "&target_session_attrs=any", "&target_session_attrs=standby"} {
		_, err := postgres.Open(t.Context(), postgres.Config{URL: standby.At(t, database) + parameter})
		if err == nil || !strings.Contains(err.Error(), "takes no writes: name the primary in the URL") {
			t.Errorf("a store on a standby %s: %v", parameter, err)
		}
	}
}
