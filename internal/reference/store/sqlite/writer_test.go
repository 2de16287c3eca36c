package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// TestCacheIsAsCommitted gives the writer batches with many writes to few keys,
// some of them cancelled, and makes every third commit fail. Afterwards the cache
// holds what the file holds.
func TestCacheIsAsCommitted(t *testing.T) {
	t.Parallel()
	s, w := withoutLoop(t)
	s.cache.extendValidity(time.Now().Add(time.Hour))
	file := &Store{cache: newCache(), selectOne: s.selectOne} // its cache is never valid
	failing, err := w.conn.PrepareContext(t.Context(), `COMMIT`)
	if err := errors.Join(err, failing.Close()); err != nil {
		t.Fatal(err)
	}
	commit, draw := w.commit, rand.New(rand.NewPCG(1, 2))
	hits, gone := 0, 0
	for round := range 150 {
		if w.commit = commit; round%3 == 2 {
			w.commit = failing
		}
		batch := drawBatch(t, draw)
		s.transact(w, batch)
		if err := <-batch[0].done; (w.commit == failing) != (err != nil && strings.Contains(err.Error(), "statement is closed")) {
			t.Fatalf("round %d: the first write ended with %v", round, err)
		}
		for i := range drawnKeys {
			key := fmt.Sprint(i)
			got, found, _ := s.cache.get("form", key)
			want, err := file.Get(t.Context(), "form", key)
			switch {
			case found && (err != nil || !reflect.DeepEqual(got, want)):
				t.Fatalf("after round %d %+v is cached, and the file has %+v (%v)", round, got, want, err)
			case found:
				hits++
			case errors.Is(err, store.ErrNotFound):
				gone++
			case err != nil:
				t.Fatal(err)
			}
			_, _ = s.Get(t.Context(), "form", key) // cached when the next round begins
		}
	}
	if hits < 50 || gone < 50 {
		t.Errorf("%d records were cached and %d gone: too few to prove anything", hits, gone)
	}
}

// withoutLoop returns a store without its loop, and the writer, which the test
// calls itself.
func withoutLoop(t *testing.T) (*Store, *writer) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dragoman.db")
	if err := prepare(path); err != nil {
		t.Fatal(err)
	}
	w, err := connect(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	s := &Store{cache: newCache()}
	if err := s.openReaders(t.Context(), path); err != nil {
		t.Fatal(errors.Join(err, w.close()))
	}
	t.Cleanup(func() {
		if err := errors.Join(s.readers.Close(), w.close()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s, w
}

// TestRelaxedBatchesDoNotWaitForTheDisk asks SQLite after each batch whether its
// commit was synced: one is unless all its writes are relaxed.
func TestRelaxedBatchesDoNotWaitForTheDisk(t *testing.T) {
	t.Parallel()
	s, w := withoutLoop(t)
	durable, relaxed := t.Context(), store.Relaxed(t.Context())
	for i, c := range []struct {
		writes []context.Context
		want   string
	}{
		{[]context.Context{durable}, "FULL"},
		{[]context.Context{relaxed, relaxed}, "NORMAL"},
		{[]context.Context{relaxed}, "NORMAL"},
		{[]context.Context{relaxed, durable}, "FULL"},
	} {
		var batch []*write
		for n, ctx := range c.writes {
			record := store.Record{Kind: "form", Key: fmt.Sprint(i, n)}
			batch = append(batch, &write{verb: create, record: record, ctx: ctx, done: make(chan error, 1)})
		}
		s.transact(w, batch)
		for _, one := range batch {
			if err := <-one.done; err != nil {
				t.Fatal(err)
			}
		}
		var level int
		if err := w.conn.QueryRowContext(t.Context(), `PRAGMA synchronous`).Scan(&level); err != nil {
			t.Fatal(err)
		}
		if got := []string{"OFF", "NORMAL", "FULL"}[level]; got != c.want {
			t.Errorf("batch %d is committed with synchronous=%s, want %s", i, got, c.want)
		}
	}
}

const drawnKeys = 3

// drawBatch draws writes, most of which can succeed.
func drawBatch(t *testing.T, draw *rand.Rand) []*write {
	t.Helper()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	batch := make([]*write, 1+draw.IntN(6))
	for i := range batch {
		one := &write{
			verb: []verb{create, create, update, update, update, remove, sweep}[draw.IntN(7)],
			record: store.Record{
				Kind: "form", Key: fmt.Sprint(draw.IntN(drawnKeys)), Owner: fmt.Sprint(draw.IntN(2)), Version: int64(1 + draw.IntN(3)),
				Value: fmt.Append(nil, draw.Uint64()),
			},
			now: time.UnixMilli(50), ctx: t.Context(), done: make(chan error, 1),
		}
		if draw.IntN(2) == 0 {
			one.record.Expires = time.UnixMicro(draw.Int64N(200_000)).UTC() // finer than the file has it
		}
		if one.verb == sweep {
			one.record = store.Record{}
		}
		if i > 0 && draw.IntN(8) == 0 {
			one.ctx = cancelled
		}
		batch[i] = one
	}
	return batch
}

// TestAbandonedWriteKeepsItsValue changes a value after the caller has cancelled:
// the file and the cache get the value that was passed.
func TestAbandonedWriteKeepsItsValue(t *testing.T) {
	t.Parallel()
	s := &Store{writes: make(chan *write)}
	for name, submit := range map[string]func(context.Context, store.Record) error{"create": s.Create, "update": s.Update} {
		ctx, cancel := context.WithCancel(t.Context())
		taken := make(chan *write, 1)
		go func() {
			taken <- <-s.writes
			cancel()
		}()
		value := []byte("value")
		if err := submit(ctx, store.Record{Kind: "form", Key: "a", Value: value}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: a cancelled caller gets %v", name, err)
		}
		value[0] = 'X'
		if got := <-taken; string(got.record.Value) != "value" {
			t.Errorf("%s: the writer is about to write %q", name, got.record.Value)
		}
	}
}
