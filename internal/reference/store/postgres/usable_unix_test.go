//go:build unix

package postgres

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
)

// TestUsableBesideAReader looks at a connection on which somebody waits for an
// answer, as the driver does after a slow write: the look does not wait for them.
func TestUsableBesideAReader(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), pgtest.New(t).Database(t))
	if err != nil {
		t.Fatal(err)
	}
	socket := conn.PgConn().Conn()
	reads, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		close(reads)
		_, _ = socket.Read(make([]byte, 1))
	}()
	<-reads
	for range 1000 {
		if !usable(t.Context(), conn) {
			t.Fatal("a connection that is fine is not usable")
		}
	}
	_ = socket.Close()
	<-ended
	if usable(context.Background(), conn) {
		t.Error("a closed connection is usable")
	}
}
