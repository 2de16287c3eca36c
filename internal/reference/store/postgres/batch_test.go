package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// TestManyAtOnce: of operations that come together each has its own result.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	cluster := pgtest.New(t)
	for name, parameters := range map[string]string{"prepared": "", "through a pooler": "&default_query_exec_mode=exec", "simple protocol": "&default_query_exec_mode=simple_protocol"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			manyAtOnce(t, open(t, cluster.Database(t)+parameters))
		})
	}
}

func manyAtOnce(t *testing.T, s *postgres.Store) {
	const records = 50
	var all sync.WaitGroup
	for i := range records {
		all.Go(func() {
			if err := s.Create(t.Context(), record(i, 0)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for round := int64(1); round <= 10; round++ {
		for i := range records {
			all.Go(func() { oneOfMany(t, s, i, round) })
			all.Go(func() {
				if err := s.Update(t.Context(), record(records+i, 1)); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("an update of what is not there ends in %v", err)
				}
				if _, err := s.Get(t.Context(), "form", fmt.Sprint(records+i)); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("a get of what is not there ends in %v", err)
				}
			})
		}
		all.Wait()
	}
}

// oneOfMany has two updates of one record, one with every second of them relaxed, of which
// one wins, and reads what it wrote.
func oneOfMany(t *testing.T, s *postgres.Store, i int, round int64) {
	t.Helper()
	ctx := t.Context()
	if i%2 == 0 {
		ctx = store.Relaxed(ctx)
	}
	var results [2]error
	var both sync.WaitGroup
	for n := range results {
		both.Go(func() { results[n] = s.Update(ctx, record(i, round)) })
	}
	both.Wait()
	if (results[0] == nil) == (results[1] == nil) || !errors.Is(errors.Join(results[0], results[1]), store.ErrConflict) {
		t.Errorf("two updates of record %d from version %d: %v", i, round, results)
	}
	got, err := s.Get(t.Context(), "form", fmt.Sprint(i))
	if want := record(i, round); err != nil || got.Version != round+1 || string(got.Value) != string(want.Value) || got.Owner != want.Owner || !got.Expires.Equal(want.Expires) {
		t.Errorf("record %d is %+v, %v, want %+v", i, got, err, want)
	}
}

// record is different in all its members for each i and version.
func record(i int, version int64) store.Record {
	return store.Record{
		Kind: "form", Key: fmt.Sprint(i), Version: version, Owner: fmt.Sprint("owner ", i, version),
		Expires: time.UnixMilli(int64(i)*1000 + version).UTC(), Value: fmt.Appendf(nil, "%d after %d", i, version),
	}
}

// TestALockedRecordDelaysNoOther: somebody holds the row of one record; the updates of
// others that come together with its own are done.
func TestALockedRecordDelaysNoOther(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t).Database(t)
	s := open(t, url)
	for i := range 20 {
		if err := s.Create(t.Context(), record(i, 0)); err != nil {
			t.Fatal(err)
		}
	}
	conn := connect(t, url)
	if _, err := conn.Exec(t.Context(), "BEGIN; SELECT FROM records WHERE key = '3' FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	ctx, giveUp := context.WithCancel(t.Context())
	locked := make(chan error, 1)
	var others sync.WaitGroup
	for round := int64(1); round <= 5; round++ {
		for i := range 20 {
			if i == 3 {
				continue
			}
			others.Go(func() {
				if err := s.Update(t.Context(), record(i, round)); err != nil {
					t.Errorf("the update of record %d: %v", i, err)
				}
			})
		}
		if round == 1 {
			go func() { locked <- s.Update(ctx, record(3, 1)) }()
		}
		others.Wait() // the locked one waits meanwhile
	}
	select {
	case err := <-locked:
		t.Fatalf("the update of the locked record ends in %v", err)
	default:
	}
	giveUp()
	if err := <-locked; !errors.Is(err, context.Canceled) {
		t.Errorf("the update of the locked record ends in %v", err)
	}
	noneWaits(t, conn)
	if _, err := conn.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), record(3, 1)); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
