package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
	"github.com/dragoman-auth/dragoman/internal/reference/store/storetest"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// TestBehindPgBouncer runs the contract behind PgBouncer with transaction pooling, where
// each statement may be done by another connection; stores that start at once make the
// schema there, and many callers share few connections.
func TestBehindPgBouncer(t *testing.T) {
	t.Parallel()
	cluster := pgtest.New(t)
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, cluster.Bouncer(t, cluster.Database(t))) })
	t.Run("a scan sees every record whole", func(t *testing.T) {
		t.Parallel()
		storetest.Scan(t, open(t, cluster.Bouncer(t, cluster.Database(t))))
	})
	t.Run("the pooler is found", func(t *testing.T) {
		t.Parallel()
		direct := cluster.Database(t)
		for url, want := range map[string]bool{direct: false, cluster.Bouncer(t, direct): true} {
			if pooled, err := postgres.Pooled(t.Context(), url); err != nil || pooled != want {
				t.Errorf("behind a pooler: %v (%v), want %v", pooled, err, want)
			}
		}
	})
	t.Run("mistakes have hints", func(t *testing.T) {
		t.Parallel()
		mistakesHaveHints(t, cluster)
	})
	t.Run("stores start at once", func(t *testing.T) {
		t.Parallel()
		startAtOnce(t, cluster.Bouncer(t, cluster.Database(t)))
	})
}

// startAtOnce starts four stores, with eight callers each.
func startAtOnce(t *testing.T, url string) {
	var all sync.WaitGroup
	for replica := range 4 {
		all.Go(func() {
			s, err := postgres.Open(context.Background(), postgres.Config{URL: url, Timeout: longTimeout})
			if err != nil {
				t.Errorf("replica %d does not start: %v", replica, err)
				return
			}
			defer s.Close()
			var callers sync.WaitGroup
			for caller := range 8 {
				callers.Go(func() {
					for i := range 10 {
						key := fmt.Sprint(replica, caller, i)
						if err := s.Create(context.Background(), store.Record{Kind: "form", Key: key}); err != nil {
							t.Errorf("create %s: %v", key, err)
						}
						if _, err := s.Get(context.Background(), "form", key); err != nil {
							t.Errorf("get %s: %v", key, err)
						}
					}
				})
			}
			callers.Wait()
		})
	}
	all.Wait()
}

// mistakesHaveHints makes mistakes of pools and TLS: the error says what to do.
func mistakesHaveHints(t *testing.T, cluster *pgtest.Cluster) {
	direct := cluster.Database(t)
	conn, err := pgx.Connect(t.Context(), direct)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), "CREATE ROLE few LOGIN CONNECTION LIMIT 0"); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		strings.Replace(direct, "sslmode=disable", "sslmode=require", 1): "has no TLS: switch it on there, or set sslmode=disable",
		strings.Replace(direct, "postgres@", "few@", 1):                  "lower pool_max_conns in the URL",
		cluster.Bouncer(t, direct) + "&search_path=public":               "name it in ignore_startup_parameters",
	} {
		if _, err := postgres.Open(t.Context(), postgres.Config{URL: url}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want %s", url, err, want)
		}
	}
}
