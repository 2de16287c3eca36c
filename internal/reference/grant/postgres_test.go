package grant_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// TestRefreshesChangeNoIndex: PostgreSQL writes the refreshes of an hour beside the old
// row, without a new entry in any of its indexes.
func TestRefreshesChangeNoIndex(t *testing.T) {
	t.Parallel()
	url, c := pgtest.New(t).Database(t), stopped()
	records, err := postgres.Open(t.Context(), postgres.Config{URL: url, Timeout: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	// Beside a busy disk a new database answers its first query late, and a service waits
	// ten seconds for its keys.
	if _, err := records.Get(t.Context(), "keys", "none"); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("a key that is not there: %v", err)
	}
	s := newService(t, grant.Config{Store: records, Clock: c})
	c.Advance(time.Minute)
	pair := must[grant.Pair](t)(s.OpenSession(t.Context(), root, grant.Client{}))
	const refreshes = 20
	for range refreshes {
		c.Advance(time.Minute)
		pair = must[grant.Pair](t)(s.RefreshSession(t.Context(), pair.Refresh, pair.Access))
	}
	if err := records.Close(); err != nil { // the last connection reports its numbers
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	var updates, withoutIndex int
	for began := time.Now(); updates < refreshes && time.Since(began) < 30*time.Second; <-time.After(20 * time.Millisecond) {
		if err := conn.QueryRow(t.Context(), `SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'records'`).Scan(&updates, &withoutIndex); err != nil {
			t.Fatal(err)
		}
	}
	if updates != refreshes || withoutIndex != refreshes {
		t.Errorf("of %d updates %d change no index, want %d", updates, withoutIndex, refreshes)
	}
}
