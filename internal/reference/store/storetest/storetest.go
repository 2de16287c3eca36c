// Package storetest tests the contract of store.Store. Every implementation runs
// it.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// Run tests the stores that open returns. Each part opens an empty store of its
// own; open closes it with t.Cleanup where that is needed.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	parts := []struct {
		name string
		run  func(*testing.T, store.Store)
	}{
		{"a created record is read back whole", createAndGet},
		{"a key is taken once per kind", createTwice},
		{"an update needs the version that was read", updateComparesVersions},
		{"a relaxed update is an update", relaxedUpdate},
		{"a deleted record is gone", deleteIsFinal},
		{"a list holds the owner's records of one kind by key", listByOwner},
		{"a page holds the first of the owner's records from a key on", pages},
		{"a count is of the owner's records of one kind that have not expired", count},
		{"an update moves a record to its new owner", updateMovesOwner},
		{"a sweep removes what has expired and nothing else", sweep},
		{"values are not shared with the caller", valuesAreCopies},
		{"of many updates of one version one wins", oneUpdateWins},
		{"of many creations of one key one wins", oneCreateWins},
		{"a cancelled context stops every operation", cancelledContext},
	}
	for _, part := range parts {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.run(t, open(t))
		})
	}
}

// noon has a fraction: stores keep milliseconds.
var noon = time.Date(2026, 1, 2, 12, 0, 0, int(123*time.Millisecond), time.UTC)

func sample(key string) store.Record {
	return store.Record{Kind: "form", Key: key, Owner: "root", Expires: noon, Value: []byte("value of " + key)}
}

func mustCreate(t *testing.T, s store.Store, records ...store.Record) {
	t.Helper()
	for _, record := range records {
		if err := s.Create(t.Context(), record); err != nil {
			t.Fatalf("create %s %q: %v", record.Kind, record.Key, err)
		}
	}
}

func mustGet(t *testing.T, s store.Store, kind store.Kind, key string) store.Record {
	t.Helper()
	record, err := s.Get(t.Context(), kind, key)
	if err != nil {
		t.Fatalf("get %s %q: %v", kind, key, err)
	}
	return record
}

func wantError(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: the error is %v, want %v", what, got, want)
	}
}

func wantRecord(t *testing.T, got, want store.Record) {
	t.Helper()
	if got.Kind != want.Kind || got.Key != want.Key || got.Owner != want.Owner || got.Version != want.Version ||
		!got.Expires.Equal(want.Expires) || string(got.Value) != string(want.Value) {
		t.Errorf("the record is\n%+v, want\n%+v", got, want)
	}
}

func createAndGet(t *testing.T, s store.Store) {
	plain := sample("a")
	plain.Version = 99 // stores ignore it
	odd := store.Record{Kind: "rpc", Key: `k'";--\%_` + "\u00e9\u4e16", Owner: "", Value: []byte{0, 255, '\n'}}
	empty := store.Record{Kind: "rpc", Key: "empty"}
	hostile := store.Record{Kind: "rpc", Key: "nul \x00 and \xff\xfe", Owner: "\x00\xff", Value: []byte("x")} // clients choose keys
	mustCreate(t, s, plain, odd, empty, hostile)
	plain.Version, odd.Version, empty.Version, hostile.Version = 1, 1, 1, 1
	for _, want := range []store.Record{plain, odd, empty, hostile} {
		wantRecord(t, mustGet(t, s, want.Kind, want.Key), want)
	}
	if got := mustGet(t, s, "rpc", "empty"); !got.Expires.IsZero() {
		t.Errorf("a record that never expires came back with %v", got.Expires)
	}
	_, err := s.Get(t.Context(), "form", "A")
	wantError(t, "get a key in another letter case", err, store.ErrNotFound)
	_, err = s.Get(t.Context(), "form", "no\x00such\xff")
	wantError(t, "get an unknown key that is no text", err, store.ErrNotFound)
	_, err = s.Get(t.Context(), "scoped", "a")
	wantError(t, "get a key of another kind", err, store.ErrNotFound)
}

func createTwice(t *testing.T, s store.Store) {
	mustCreate(t, s, sample("a"))
	again := sample("a")
	again.Value = []byte("another value")
	wantError(t, "create a taken key", s.Create(t.Context(), again), store.ErrExists)
	if got := mustGet(t, s, "form", "a"); string(got.Value) != "value of a" {
		t.Errorf("the rejected creation changed the value to %q", got.Value)
	}
	again.Kind = "scoped"
	mustCreate(t, s, again)
}

func updateComparesVersions(t *testing.T, s store.Store) {
	mustCreate(t, s, sample("a"))
	first := mustGet(t, s, "form", "a")
	stale := first
	first.Value, first.Expires = []byte("second"), noon.Add(time.Hour)
	if err := s.Update(t.Context(), first); err != nil {
		t.Fatalf("update the version that was read: %v", err)
	}
	want := first
	want.Version = 2
	wantRecord(t, mustGet(t, s, "form", "a"), want)

	stale.Value = []byte("stale")
	wantError(t, "update an old version", s.Update(t.Context(), stale), store.ErrConflict)
	wantRecord(t, mustGet(t, s, "form", "a"), want)
	stale.Version = 3
	wantError(t, "update a version to come", s.Update(t.Context(), stale), store.ErrConflict)
	stale.Key = "b"
	wantError(t, "update what is not there", s.Update(t.Context(), stale), store.ErrNotFound)
}

func relaxedUpdate(t *testing.T, s store.Store) {
	mustCreate(t, s, sample("a"))
	ctx, stale := store.Relaxed(t.Context()), mustGet(t, s, "form", "a")
	for version := int64(2); version < 5; version++ { // prepared statements among them
		next := mustGet(t, s, "form", "a")
		next.Value = fmt.Append(nil, version)
		if err := s.Update(ctx, next); err != nil {
			t.Fatalf("update: %v", err)
		}
		next.Version = version
		wantRecord(t, mustGet(t, s, "form", "a"), next)
	}
	wantError(t, "update an old version", s.Update(ctx, stale), store.ErrConflict)
	stale.Key = "b"
	wantError(t, "update what is not there", s.Update(ctx, stale), store.ErrNotFound)
}

func deleteIsFinal(t *testing.T, s store.Store) {
	mustCreate(t, s, sample("a"), sample("b"))
	record := mustGet(t, s, "form", "a")
	if err := s.Delete(t.Context(), "form", "a"); err != nil {
		t.Fatalf("delete: %v", err)
	}
	_, err := s.Get(t.Context(), "form", "a")
	wantError(t, "get what was deleted", err, store.ErrNotFound)
	wantError(t, "update what was deleted", s.Update(t.Context(), record), store.ErrNotFound)
	wantError(t, "delete it again", s.Delete(t.Context(), "form", "a"), store.ErrNotFound)
	mustGet(t, s, "form", "b")
}

func listByOwner(t *testing.T, s store.Store) {
	other, otherKind := sample("o"), sample("k")
	other.Owner, otherKind.Kind = "clerk", "scoped"
	mustCreate(t, s, sample("c"), sample("a"), other, otherKind, sample("b"))
	if got := keys(t, s, "root"); got != "a b c" {
		t.Errorf("the list holds %q, want a b c", got)
	}
	if got := keys(t, s, "nobody"); got != "" {
		t.Errorf("the list of nobody holds %q", got)
	}
	if err := s.Delete(t.Context(), "form", "b"); err != nil {
		t.Fatal(err)
	}
	if got := keys(t, s, "root"); got != "a c" {
		t.Errorf("after a deletion the list holds %q, want a c", got)
	}
}

func pages(t *testing.T, s store.Store) {
	other, otherKind, odd := sample("bb"), sample("bc"), sample("c\x00\xff")
	other.Owner, otherKind.Kind = "clerk", "scoped"
	mustCreate(t, s, sample("c"), sample("a"), other, otherKind, sample("d"), odd, sample("b"))
	for _, page := range []struct {
		from  string
		limit int
		want  string
	}{
		{"", 2, "a b"}, {store.After("b"), 2, "c c\x00\xff"}, {"b", 1, "b"}, {store.After("c\x00\xff"), 2, "d"},
		{"", 5, "a b c c\x00\xff d"}, {"", 100, "a b c c\x00\xff d"}, {"e", 1, ""},
	} {
		records, err := store.Page(t.Context(), s, "form", "root", page.from, page.limit)
		got := make([]string, len(records))
		for i, record := range records {
			want := sample(record.Key)
			want.Version = 1
			wantRecord(t, record, want)
			got[i] = record.Key
		}
		if strings.Join(got, " ") != page.want || err != nil {
			t.Errorf("the page of %d from %q holds %q (%v), want %q", page.limit, page.from, got, err, page.want)
		}
	}
}

func count(t *testing.T, s store.Store) {
	other, otherKind, late, never := sample("o"), sample("k"), sample("late"), sample("never")
	other.Owner, otherKind.Kind = "clerk", "scoped"
	late.Expires, never.Expires = noon.Add(time.Millisecond), time.Time{}
	mustCreate(t, s, sample("a"), other, otherKind, late, never, sample("b"))
	for _, c := range []struct {
		owner string
		now   time.Time
		want  int
	}{
		{"root", noon.Add(-time.Millisecond), 4}, {"root", noon, 2}, {"root", noon.Add(time.Hour), 1},
		{"clerk", noon.Add(-time.Millisecond), 1}, {"clerk", noon, 0}, {"nobody", noon, 0},
	} {
		if got, err := store.Count(t.Context(), s, "form", c.owner, c.now); err != nil || got != c.want {
			t.Errorf("at %v %s has %d records (%v), want %d", c.now, c.owner, got, err, c.want)
		}
	}
}

func updateMovesOwner(t *testing.T, s store.Store) {
	mustCreate(t, s, sample("a"))
	record := mustGet(t, s, "form", "a")
	record.Owner = "clerk"
	if err := s.Update(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	if old, moved := keys(t, s, "root"), keys(t, s, "clerk"); old != "" || moved != "a" {
		t.Errorf("the old owner has %q and the new one %q, want nothing and a", old, moved)
	}
}

func sweep(t *testing.T, s store.Store) {
	late, never := sample("late"), sample("never")
	late.Expires, never.Expires = noon.Add(time.Millisecond), time.Time{}
	mustCreate(t, s, sample("due"), late, never)
	for _, step := range []struct {
		now     time.Time
		removed int
		left    string
	}{
		{noon.Add(-time.Millisecond), 0, "due late never"},
		{noon, 1, "late never"},
		{noon.Add(24 * time.Hour), 1, "never"},
	} {
		removed, err := s.Sweep(t.Context(), step.now)
		if err != nil || removed != step.removed {
			t.Errorf("sweep at %v removed %d (%v), want %d", step.now, removed, err, step.removed)
		}
		if got := keys(t, s, "root"); got != step.left {
			t.Errorf("after the sweep at %v there is %q, want %q", step.now, got, step.left)
		}
	}
}

func valuesAreCopies(t *testing.T, s store.Store) {
	record := sample("a")
	mustCreate(t, s, record)
	record.Value[0] = 'X'
	got := mustGet(t, s, "form", "a")
	if string(got.Value) != "value of a" {
		t.Errorf("changing the given value changed the stored one to %q", got.Value)
	}
	listed, err := s.List(t.Context(), "form", "root")
	if err != nil || string(listed[0].Value) != "value of a" {
		t.Errorf("the list has the value %q (%v)", listed[0].Value, err)
	}
	next := got
	next.Value = []byte("another value")
	if err := s.Update(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	if string(got.Value) != "value of a" || string(listed[0].Value) != "value of a" {
		t.Errorf("an update changed values that were returned before it, to %q and %q", got.Value, listed[0].Value)
	}
}

func oneUpdateWins(t *testing.T, s store.Store) {
	mustCreate(t, s, sample("a"))
	record := mustGet(t, s, "form", "a")
	winners := race(t, store.ErrConflict, func(i int) error {
		mine := record
		mine.Value = fmt.Appendf(nil, "writer %d", i)
		return s.Update(context.WithoutCancel(t.Context()), mine)
	})
	if got := mustGet(t, s, "form", "a"); winners != 1 || got.Version != 2 {
		t.Errorf("%d updates won and the version is %d, want 1 and 2", winners, got.Version)
	}
}

func oneCreateWins(t *testing.T, s store.Store) {
	if winners := race(t, store.ErrExists, func(int) error { return s.Create(context.WithoutCancel(t.Context()), sample("a")) }); winners != 1 {
		t.Errorf("%d creations won, want 1", winners)
	}
}

// race runs try 20 times at once and counts those that return nil. Other errors
// than loss fail the test.
func race(t *testing.T, loss error, try func(i int) error) int {
	t.Helper()
	var wins atomic.Int32
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			switch err := try(i); {
			case err == nil:
				wins.Add(1)
			case !errors.Is(err, loss):
				t.Errorf("the loser's error is %v, want %v", err, loss)
			}
		})
	}
	wg.Wait()
	return int(wins.Load())
}

func cancelledContext(t *testing.T, s store.Store) {
	mustCreate(t, s, sample("a"))
	record := mustGet(t, s, "form", "a")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Get(ctx, "form", "a")
	wantError(t, "get", err, context.Canceled)
	wantError(t, "create", s.Create(ctx, sample("b")), context.Canceled)
	wantError(t, "update", s.Update(ctx, record), context.Canceled)
	wantError(t, "delete", s.Delete(ctx, "form", "a"), context.Canceled)
	_, err = s.List(ctx, "form", "root")
	wantError(t, "list", err, context.Canceled)
	_, err = store.Page(ctx, s, "form", "root", "", 1)
	wantError(t, "page", err, context.Canceled)
	_, err = store.Count(ctx, s, "form", "root", noon)
	wantError(t, "count", err, context.Canceled)
	_, err = s.Sweep(ctx, noon.Add(time.Hour))
	wantError(t, "sweep", err, context.Canceled)
	if got := keys(t, s, "root"); got != "a" {
		t.Errorf("cancelled operations left %q, want a", got)
	}
}

// keys returns the keys of an owner's samples.
func keys(t *testing.T, s store.Store, owner string) string {
	t.Helper()
	records, err := s.List(t.Context(), "form", owner)
	if err != nil {
		t.Fatalf("list the records of %q: %v", owner, err)
	}
	list := make([]string, len(records))
	for i, record := range records {
		list[i] = record.Key
	}
	return strings.Join(list, " ")
}
