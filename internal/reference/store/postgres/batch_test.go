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

// locked opens a store of twenty records, of which somebody holds the rows of the first
// n until unlock.
func locked(t *testing.T, n int) (s *postgres.Store, unlock func()) {
	t.Helper()
	url := pgtest.New(t).Database(t)
	s = open(t, url+"&pool_max_conns=8")
	for i := range 20 {
		if err := s.Create(t.Context(), record(i, 0)); err != nil {
			t.Fatal(err)
		}
	}
	conn := connect(t, url)
	if _, err := conn.Exec(t.Context(), "BEGIN"); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if _, err := conn.Exec(t.Context(), "SELECT FROM records WHERE key = $1 FOR UPDATE", []byte(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	return s, func() {
		t.Helper()
		noneWaits(t, conn)
		if _, err := conn.Exec(t.Context(), "ROLLBACK"); err != nil {
			t.Fatal(err)
		}
	}
}

// stuck begins the update of record i from version 1, which waits for a lock.
func stuck(ctx context.Context, s *postgres.Store, i int) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- s.Update(ctx, record(i, 1)) }()
	return ended
}

// TestALockedRecordDelaysNoOther: somebody holds the row of one record; the updates of
// others that come together with its own are done.
func TestALockedRecordDelaysNoOther(t *testing.T) {
	t.Parallel()
	s, unlock := locked(t, 1)
	ctx, giveUp := context.WithCancel(t.Context())
	var waiting []<-chan error
	for round := int64(1); round <= 6; round++ {
		var others sync.WaitGroup
		for i := 1; i < 20; i++ {
			others.Go(func() {
				if err := s.Update(t.Context(), record(i, round)); err != nil {
					t.Errorf("the update of record %d: %v", i, err)
				}
			})
		}
		waiting = append(waiting, stuck(ctx, s, 0)) // each of them has come with others
		others.Wait()
	}
	giveUp()
	for _, ended := range waiting {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("an update of the locked record ends in %v", err)
		}
	}
	unlock()
	if err := s.Update(t.Context(), record(0, 1)); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestLockedRecordsDelayNoRead: more records are locked, and are to be updated, than the
// store has connections.
func TestLockedRecordsDelayNoRead(t *testing.T) {
	t.Parallel()
	s, unlock := locked(t, 12)
	ctx, giveUp := context.WithCancel(t.Context())
	var waiting []<-chan error
	for i := range 12 {
		waiting = append(waiting, stuck(ctx, s, i))
	}
	for range 100 { // some come while the updates are sent together, others when they are not any more
		if got, err := s.Get(t.Context(), "form", "0"); err != nil || got.Version != 1 {
			t.Fatalf("a read: %+v, %v", got, err)
		}
		<-time.After(5 * time.Millisecond)
	}
	giveUp()
	for _, ended := range waiting {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("an update of a locked record ends in %v", err)
		}
	}
	unlock()
}

// TestABatchThatIsCutOff: of updates whose answer is cut off nobody knows whether they
// happened, so none is told that it did, nor of a conflict with itself.
func TestABatchThatIsCutOff(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t).Database(t)
	p, through := newProxy(t, url)
	s := open(t, through+"&pool_max_conns=1")
	for i := range 4 {
		if err := s.Create(t.Context(), record(i, 0)); err != nil {
			t.Fatal(err)
		}
	}
	all := func(version int64) []error {
		return s.UpdateAtOnce(t.Context(), record(0, version), record(1, version), record(2, version), record(3, version))
	}
	for i, err := range all(1) { // prepares the statements
		if err != nil {
			t.Fatalf("update %d: %v", i, err)
		}
	}
	p.cutNext.Store(true)
	for i, err := range all(2) {
		if err == nil || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
			t.Errorf("update %d ends in %v", i, err)
		}
	}
	if p.cutNext.Load() {
		t.Error("no answer was cut off")
	}
	direct := open(t, url)
	eventually(t, "the commit", func() bool {
		got, err := direct.Get(t.Context(), "form", "3")
		return err == nil && got.Version == 3
	})
	for i, err := range all(2) {
		if !errors.Is(err, store.ErrConflict) {
			t.Errorf("the repeat of update %d ends in %v", i, err)
		}
	}
}
