package main

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
)

// TestSlowDatabaseIs503 locks a table that the server needs, so that the database
// accepts connections but does not answer. After three seconds the server answers
// 503, never 401. When the lock is released, tokens and logins are accepted again.
func TestSlowDatabaseIs503(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t).Database(t)
	p, c := startServe(t, ownBinary(t), "serve", "--demo", "--store", url), newCaller(t)
	token := c.formLogin(p.url).member("token")
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "BEGIN; LOCK TABLE records IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	answers := make(chan exchange)
	asks := []func() exchange{
		func() exchange { return c.items(p.url, token) },
		func() exchange { return c.items(p.url, strings.Repeat("0", len(token))) },
		func() exchange { return c.formLogin(p.url) },
		func() exchange { return c.formLogout(p.url, token) },
	}
	began := time.Now()
	for _, ask := range asks {
		go func() { answers <- ask() }()
	}
	for range asks {
		r := <-answers
		// The timeout is three seconds; the upper limit allows for a busy machine.
		if took := time.Since(began); r.status != 503 || r.header.Get("Retry-After") == "" || took < 2900*time.Millisecond || took > 10*time.Second {
			t.Errorf("with a slow database, after %v: got %v; want 503 with Retry-After after 3s", took, r)
		}
	}
	if _, err := conn.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if r := c.items(p.url, token); r.status != 200 {
		t.Errorf("a token after the lock is released: got %v, want 200", r)
	}
	if r := c.formLogin(p.url); r.status != 200 {
		t.Errorf("a login after the lock is released: got %v, want 200", r)
	}
	c.CloseIdleConnections()
	p.terminate()
}
