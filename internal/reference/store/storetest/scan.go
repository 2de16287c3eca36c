package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// Scanner is a store that can be read as a whole.
type Scanner interface {
	store.Store
	Scan(ctx context.Context, each func(store.Record) error) error
}

// Scan tests that an empty store, once it is filled, is read as a whole.
func Scan(t *testing.T, s Scanner) {
	t.Helper()
	var want []store.Record
	for i := range 300 { // more than one packet of a database
		record := sample(fmt.Sprint(i))
		if i%2 == 0 {
			record.Kind, record.Key, record.Owner, record.Expires = "rpc", record.Key+"\x00\xff", "", time.Time{}
		}
		mustCreate(t, s, record)
		record.Version = 1
		want = append(want, record)
	}
	got := map[string]store.Record{}
	if err := s.Scan(t.Context(), func(record store.Record) error {
		got[string(record.Kind)+record.Key] = record
		return nil
	}); err != nil || len(got) != len(want) {
		t.Fatalf("%d records are scanned (%v), want %d", len(got), err, len(want))
	}
	for _, record := range want {
		wantRecord(t, got[string(record.Kind)+record.Key], record)
	}
	stop, calls := errors.New("stop"), 0
	err := s.Scan(t.Context(), func(store.Record) error {
		calls++
		return stop
	})
	if wantError(t, "a scan that is stopped", err, stop); calls != 1 {
		t.Errorf("it went on for %d records", calls)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	wantError(t, "a scan that is cancelled", s.Scan(ended, func(store.Record) error { return nil }), context.Canceled)
}
