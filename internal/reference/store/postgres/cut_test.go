package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// poolSize is how many connections each store of these tests has.
const poolSize = 4

// cut is a way to cut all connections. It returns when the database answers
// again.
type cut func(t *testing.T, cluster *pgtest.Cluster, url string)

func TestCutConnections(t *testing.T) {
	t.Parallel()
	for how, cut := range map[string]cut{
		"stopped fast":        restarted("fast"),
		"stopped immediately": restarted("immediate"),
		"ended":               backendsEnded,
		"killed":              backendKilled,
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			cluster := pgtest.New(t)
			t.Run("first operation", func(t *testing.T) { firstOperation(t, cluster, cut) })
			t.Run("writes", func(t *testing.T) { writesMeanwhile(t, cluster, cut) })
		})
	}
}

func restarted(mode string) cut {
	return func(_ *testing.T, cluster *pgtest.Cluster, _ string) {
		cluster.Stop(mode)
		cluster.Start()
	}
}

// backendsEnded ends every connection but its own, as an administrator does.
func backendsEnded(t *testing.T, _ *pgtest.Cluster, url string) {
	t.Helper()
	conn := connect(t, url)
	const others = `FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND backend_start < $1`
	var now time.Time
	if err := conn.QueryRow(t.Context(), "SELECT clock_timestamp()").Scan(&now); err != nil {
		t.Fatal(err)
	}
	for n := 1; n > 0; { // one that has just begun is not seen at once
		if err := conn.QueryRow(t.Context(), "SELECT count(pg_terminate_backend(pid)) "+others, now).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// backendKilled kills one server process: PostgreSQL then ends all others, and
// recovers as after a crash.
func backendKilled(t *testing.T, _ *pgtest.Cluster, url string) {
	t.Helper()
	conn := connect(t, url)
	var pid int
	if err := conn.QueryRow(t.Context(), `SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' LIMIT 1`).Scan(&pid); err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	for err == nil { // until this connection is cut, too
		_, err = conn.Exec(t.Context(), "SELECT 1")
	}
	for err != nil && t.Context().Err() == nil {
		if conn, err = pgx.Connect(t.Context(), url); err == nil {
			err = conn.Close(t.Context())
		}
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// fill has the store open all of its connections: it makes that many readers
// wait for the table at once.
func fill(t *testing.T, s *postgres.Store, url string) {
	t.Helper()
	conn := connect(t, url)
	if _, err := conn.Exec(t.Context(), "BEGIN; LOCK TABLE records IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range poolSize {
		all.Go(func() {
			if _, err := s.List(t.Context(), "form", "a"); err != nil { // gets share connections
				t.Errorf("fill the pool: %v", err)
			}
		})
	}
	for n := 0; n < poolSize && !t.Failed(); {
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'records'::regclass").Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conn.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// operation is one of each kind, on a store that holds "a", and "p" which has
// expired.
type operation struct {
	run   func(ctx context.Context, s *postgres.Store) error
	after string // keys and versions of what the store holds then
	write bool
}

var (
	original   = store.Record{Kind: "form", Key: "a", Owner: "ann", Version: 1}
	expired    = store.Record{Kind: "past", Key: "p", Expires: time.UnixMilli(1)}
	operations = map[string]operation{
		"get":   {func(ctx context.Context, s *postgres.Store) error { return second(s.Get(ctx, "form", "a")) }, "a1 p1", false},
		"list":  {func(ctx context.Context, s *postgres.Store) error { return second(s.List(ctx, "form", "ann")) }, "a1 p1", false},
		"sweep": {func(ctx context.Context, s *postgres.Store) error { return second(s.Sweep(ctx, time.UnixMilli(2))) }, "a1", false},
		"create": {func(ctx context.Context, s *postgres.Store) error {
			return s.Create(ctx, store.Record{Kind: "form", Key: "b"})
		}, "a1 b1 p1", true},
		"update": {func(ctx context.Context, s *postgres.Store) error { return s.Update(ctx, original) }, "a2 p1", true},
		"delete": {func(ctx context.Context, s *postgres.Store) error { return s.Delete(ctx, "form", "a") }, "p1", true},
	}
)

func second[T any](_ T, err error) error { return err }

// firstOperation cuts all connections of full pools. With the database back, the
// first operation works, whatever it is, and is done once.
func firstOperation(t *testing.T, cluster *pgtest.Cluster, cut cut) {
	t.Helper()
	stores, urls := map[string]*postgres.Store{}, map[string]string{}
	for what := range operations {
		urls[what] = cluster.Database(t)
		stores[what] = openPool(t, urls[what])
		begin(t, stores[what])
	}
	for what, s := range stores {
		fill(t, s, urls[what])
	}
	cut(t, cluster, urls["get"])
	newsOfTheEnd(t, urls["get"])
	for what, o := range operations {
		if err := o.run(t.Context(), stores[what]); err != nil {
			t.Errorf("the first %s: %v", what, err)
		}
		if got := contents(t, urls[what]); got != o.after {
			t.Errorf("after the first %s the store holds %s, want %s", what, got, o.after)
		}
	}
}

// begin gives the store what the operations are about.
func begin(t *testing.T, s *postgres.Store) {
	t.Helper()
	for _, record := range []store.Record{original, expired} {
		if err := s.Create(t.Context(), record); err != nil {
			t.Fatal(err)
		}
	}
}

func openPool(t *testing.T, url string) *postgres.Store {
	t.Helper()
	return open(t, fmt.Sprintf("%s&pool_max_conns=%d", url, poolSize))
}

// contents are the keys and versions of all records.
func contents(t *testing.T, url string) string {
	t.Helper()
	rows, err := connect(t, url).Query(t.Context(), "SELECT convert_from(key, 'UTF8') || version FROM records ORDER BY key")
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, " ")
}

// TestConnectionsThatWereCutAMomentAgo does without the ping that the pool gives
// to connections that were idle for a second.
func TestConnectionsThatWereCutAMomentAgo(t *testing.T) {
	t.Parallel()
	cluster := pgtest.New(t)
	for what, o := range operations {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			url := cluster.Database(t)
			p, through := newProxy(t, url)
			s := openPool(t, through)
			begin(t, s)
			fill(t, s, url)
			p.cut(false)
			newsOfTheEnd(t, through)
			if err := o.run(t.Context(), s); err != nil {
				t.Errorf("with all connections cut: %v", err)
			}
			if got := contents(t, url); got != o.after {
				t.Errorf("the store holds %s, want %s", got, o.after)
			}
		})
	}
}

// TestAnAnswerThatIsCutOff loses the answer of an operation that was done. A
// read is done again. A write is not: it ends in an error that claims nothing
// about the record.
func TestAnAnswerThatIsCutOff(t *testing.T) {
	t.Parallel()
	cluster := pgtest.New(t)
	for what, o := range operations {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			url := cluster.Database(t)
			p, through := newProxy(t, url)
			s := open(t, through+"&pool_max_conns=1")
			begin(t, s)
			warm(t, s) // or the answer that is cut off is that to a preparation
			p.cutNext.Store(true)
			err := o.run(t.Context(), s)
			claims := errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrNotFound)
			if o.write == (err == nil) || claims {
				t.Errorf("the error is %v", err)
			}
			if p.cutNext.Load() {
				t.Error("no answer was cut off")
			}
			if got := contents(t, url); got != o.after {
				t.Errorf("the store holds %s, want %s", got, o.after)
			}
		})
	}
}

// warm has the store prepare all of its statements.
func warm(t *testing.T, s *postgres.Store) {
	t.Helper()
	other := store.Record{Kind: "warm", Key: "w", Version: 1}
	err := errors.Join(s.Create(t.Context(), other), s.Update(t.Context(), other), s.Delete(t.Context(), "warm", "w"),
		second(s.List(t.Context(), "warm", "w")), second(s.Sweep(t.Context(), time.UnixMilli(0))))
	if err != nil || !errors.Is(second(s.Get(t.Context(), "warm", "w")), store.ErrNotFound) {
		t.Fatal(err)
	}
}

// writesMeanwhile has writers, each of a record of its own, go on while
// connections are cut. What was acknowledged is there, what failed happened once
// or not at all, and nobody is told of a conflict with itself.
func writesMeanwhile(t *testing.T, cluster *pgtest.Cluster, cut cut) {
	t.Helper()
	url := cluster.Database(t)
	s := openPool(t, url)
	var acknowledged atomic.Int64
	var cutting sync.RWMutex
	over := make(chan struct{})
	var all sync.WaitGroup
	for i := range 2 * poolSize {
		all.Go(func() { write(t, s, fmt.Sprint(i), &acknowledged, &cutting, over) })
	}
	for range 3 {
		before := acknowledged.Load()
		for acknowledged.Load() < before+100 && !t.Failed() {
			_ = contents(t, url) // takes its time
		}
		cutting.Lock()
		cut(t, cluster, url)
		cutting.Unlock()
	}
	close(over)
	all.Wait()
}

// write creates and updates a record again and again, and deletes it at times. What
// became of a write that failed it asks when the cut is over: the commit of a backend
// that was killed may be in the log, and seen only after the database has recovered.
func write(t *testing.T, s *postgres.Store, key string, acknowledged *atomic.Int64, cutting *sync.RWMutex, over <-chan struct{}) {
	t.Helper()
	version := int64(0) // as it is in the store, 0 where there is none
	failures := 0       // in a row
	for n := 0; ; n++ {
		select {
		case <-over:
			return
		default:
		}
		var err error
		next := version + 1
		switch {
		case version == 0:
			err = s.Create(t.Context(), store.Record{Kind: "form", Key: key})
		case n%7 == 0:
			next, err = 0, s.Delete(t.Context(), "form", key)
		default:
			err = s.Update(t.Context(), store.Record{Kind: "form", Key: key, Version: version})
		}
		switch {
		case err == nil:
			acknowledged.Add(1)
			version, failures = next, 0
		case errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrNotFound):
			t.Errorf("the only writer of a record is told: %v", err)
			return
		default:
			cutting.RLock()
			found, failed := versionOf(t, s, key)
			cutting.RUnlock()
			if failed != nil || found != version && found != next {
				t.Errorf("after a failed write from version %d to %d (%v) the record has %d, %v", version, next, err, found, failed)
				return
			}
			if failures++; failures == 1000 {
				t.Errorf("a thousand writes in a row failed, the last: %v", err)
				return
			}
			version = found
		}
	}
}

// versionOf asks until the database is there to answer. The error is the last one of
// a minute.
func versionOf(t *testing.T, s *postgres.Store, key string) (int64, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		record, err := s.Get(t.Context(), "form", key)
		switch {
		case err == nil:
			return record.Version, nil
		case errors.Is(err, store.ErrNotFound):
			return 0, nil
		case ctx.Err() != nil:
			return 0, err
		}
	}
}
