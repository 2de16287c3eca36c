package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// freezing is a store whose database freezes before an update.
type freezing struct {
	store.Store
	freeze func()
}

func (f freezing) Update(ctx context.Context, record store.Record) error {
	// The pool asks a connection whether it is there when it was idle for a second.
	if _, err := f.Get(ctx, record.Kind, record.Key); err != nil {
		return err
	}
	f.freeze()
	return f.Store.Update(ctx, record)
}

// eventually waits until the database is as it is to be.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 1000 {
		if is() {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	t.Fatalf("%s did not come in time", what)
}

// TestFrozenDatabase shows what becomes of statements that were given up.
func TestFrozenDatabase(t *testing.T) {
	t.Parallel()
	cluster := pgtest.New(t)
	t.Run("one that takes effect late", func(t *testing.T) {
		t.Parallel()
		lateRefresh(t, cluster.Database(t))
	})
	t.Run("one that waits for a lock", func(t *testing.T) {
		t.Parallel()
		givenUp(t, cluster.Database(t))
	})
}

// lateRefresh freezes the database when the update of a refresh is on
// its way. The client is told 503; the update takes effect minutes later; the client
// repeats its refresh after that. That is no replay.
func lateRefresh(t *testing.T, url string) {
	p, through := newProxy(t, url)
	clk := clock.NewOffset(nil)
	direct := open(t, url)
	healthy, err := grant.New(grant.Config{Store: direct, Clock: clk})
	if err != nil {
		t.Fatal(err)
	}
	freeze, resume := func() {}, func() {}
	frozen, err := grant.New(grant.Config{Store: freezing{openWithin(t, through, 0), func() { freeze() }}, Clock: clk})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := healthy.OpenSession(t.Context(), grant.Subject{Login: "ann"}, grant.Client{})
	if err == nil { // the connection has prepared its statements from now on
		pair, err = frozen.RefreshSession(t.Context(), pair.Refresh, pair.Access)
	}
	if err != nil {
		t.Fatal(err)
	}
	freeze = func() { resume = p.freeze() }
	_, err = frozen.RefreshSession(t.Context(), pair.Refresh, pair.Access)
	defer func() { resume() }()
	if !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("the refresh of a frozen database ends in %v", err)
	}
	resume()
	eventually(t, "the update of the refresh", func() bool {
		sessions, err := direct.List(t.Context(), "session", "ann")
		return err == nil && len(sessions) == 1 && sessions[0].Version == 3
	})
	clk.Advance(5 * time.Minute)
	next, err := healthy.RefreshSession(t.Context(), pair.Refresh, pair.Access)
	if err != nil {
		t.Fatalf("the repeat of the refresh: %v", err)
	}
	if _, err := healthy.CheckSession(t.Context(), next.Access); err != nil {
		t.Errorf("its token: %v", err)
	}
}

// givenUp lets a statement wait for a lock when its time is over: it is cancelled, and
// takes no effect when the lock is released.
func givenUp(t *testing.T, url string) {
	s := openWithin(t, url, 0)
	record := store.Record{Kind: "form", Key: "a", Value: []byte("first")}
	if err := s.Create(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	if _, err := conn.Exec(t.Context(), "BEGIN; SELECT FROM records FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	record.Version, record.Value = 1, []byte("second")
	if err := s.Update(t.Context(), record); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an update that waits for a lock ends in %v", err)
	}
	noneWaits(t, conn)
	if _, err := conn.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), "form", "a"); err != nil || string(got.Value) != "first" {
		t.Errorf("afterwards the value is %q (%v)", got.Value, err)
	}
}

// noneWaits returns once no statement waits for a lock any more: that of a context that
// has ended is cancelled a moment later.
func noneWaits(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	eventually(t, "the end of the statement", func() bool {
		var waiting int
		err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&waiting)
		return err == nil && waiting == 0
	})
}
