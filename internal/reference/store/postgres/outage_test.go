package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// TestOutage shows that a store outlives its database: operations fail while it
// is away, within the timeout, and work again afterwards.
func TestOutage(t *testing.T) {
	t.Parallel()
	cluster := pgtest.New(t)
	s := openWithin(t, cluster.Database(t), 0)
	if err := s.Create(t.Context(), store.Record{Kind: "form", Key: "a"}); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"fast", "immediate"} {
		cluster.Stop(mode)
		for range 3 {
			began := time.Now()
			_, err := s.Get(t.Context(), "form", "a")
			if err == nil || errors.Is(err, store.ErrNotFound) || time.Since(began) > 5*time.Second {
				t.Errorf("while the database is away, get ends in %v after %v", err, time.Since(began))
			}
		}
		cluster.Start()
		if _, err := s.Get(t.Context(), "form", "a"); err != nil {
			t.Errorf("the first get after the %s restart: %v", mode, err)
		}
	}
}

// TestReplicasStartTogether shows that the schema is made once.
func TestReplicasStartTogether(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t).Database(t)
	ended := make(chan error)
	for range 4 {
		go func() {
			s, err := postgres.Open(context.Background(), postgres.Config{URL: url, Timeout: longTimeout})
			if err == nil {
				err = s.Close()
			}
			ended <- err
		}()
	}
	for range 4 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestErrorsHideThePassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "postgres://root:hunter2@127.0.0.1:1/x", "postgres://root:hunter2@127.0.0.1:x/x", "host=127.0.0.1 port=1 password=hunter2"} {
		_, err := postgres.Open(t.Context(), postgres.Config{URL: url, Timeout: time.Second})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error is %v", url, err)
		}
	}
}

// TestSlowDatabase locks the table away: operations end with the timeout and
// work again afterwards. The timeout is that of every store, which a database on a busy
// machine is held to anyway.
func TestSlowDatabase(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t).Database(t)
	s, err := postgres.Open(t.Context(), postgres.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	if _, err := conn.Exec(t.Context(), "BEGIN; LOCK TABLE records IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	get, create := make(chan error), make(chan error)
	go func() { _, err := s.Get(t.Context(), "form", "a"); get <- err }()
	go func() { create <- s.Create(t.Context(), store.Record{Kind: "form", Key: "a"}) }()
	for what, err := range map[string]error{"get": <-get, "create": <-create} {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s from a slow database ends in %v", what, err)
		}
	}
	if _, err := conn.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := s.Create(t.Context(), store.Record{Kind: "form", Key: "b"}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
