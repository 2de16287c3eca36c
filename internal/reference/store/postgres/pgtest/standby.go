package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Standby starts a standby of the cluster, which receives its log and answers reads, and
// stops it with the test. A database that is made later is there a moment later.
func (c *Cluster) Standby(t testing.TB) *Cluster {
	t.Helper()
	s := &Cluster{t: t, bin: c.bin, uid: c.uid, gid: c.gid, other: c.other}
	s.makeFolder()
	c.run("pg_basebackup", "-D", s.data(), "-d", c.url("postgres"), "-R", "-c", "fast", "-X", "stream", "--no-sync")
	s.begin()
	return s
}

// SynchronousCommit has commits of the cluster wait for its standby, and returns when they
// do.
func (c *Cluster) SynchronousCommit(t testing.TB) {
	t.Helper()
	c.Reconfigure(t, "synchronous_standby_names", "*")
	c.await(t, "a synchronous standby", "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'")
}

// StopReplication has a standby receive nothing that the cluster writes from now on.
func (c *Cluster) StopReplication(t testing.TB, standby *Cluster) {
	t.Helper()
	c.await(t, "a standby that has all", "SELECT count(*) = 1 FROM pg_stat_replication WHERE replay_lsn = pg_current_wal_lsn()")
	standby.Reconfigure(t, "primary_conninfo", "")
	standby.await(t, "the end of the receiver", "SELECT count(*) = 0 FROM pg_stat_wal_receiver")
}

// Promote makes a standby a primary, and returns when it takes writes.
func (c *Cluster) Promote() {
	c.t.Helper()
	c.run("pg_ctl", "-D", c.data(), "-w", "-t", seconds(timeout), "promote")
}

// Reconfigure changes a setting of a running cluster; connections read it before their
// next statement.
func (c *Cluster) Reconfigure(t testing.TB, name, value string) {
	t.Helper()
	conn := c.connect(t)
	defer conn.Close(context.WithoutCancel(t.Context())) //nolint:errcheck // it is changed or not
	for _, sql := range []string{fmt.Sprintf("ALTER SYSTEM SET %s = '%s'", name, value), "SELECT pg_reload_conf()"} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	c.await(t, name+" as it is to be", fmt.Sprintf("SELECT current_setting('%s') = '%s'", name, value))
}

// Both returns the URL of a database that is on two clusters, the first of them first.
func Both(t testing.TB, database string, second *Cluster) string {
	t.Helper()
	both, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	both.Host += fmt.Sprintf(",127.0.0.1:%d", second.port)
	return both.String()
}

// At returns the URL of a database that is on this cluster, too.
func (c *Cluster) At(t testing.TB, database string) string {
	t.Helper()
	here, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	here.Host = fmt.Sprintf("127.0.0.1:%d", c.port)
	return here.String()
}

// await waits until a new connection is told that something is so.
func (c *Cluster) await(t testing.TB, what, question string) {
	t.Helper()
	for began := time.Now(); time.Since(began) < timeout; <-time.After(10 * time.Millisecond) {
		conn := c.connect(t)
		var is bool
		err := conn.QueryRow(t.Context(), question).Scan(&is)
		_ = conn.Close(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", question, err)
		}
		if is {
			return
		}
	}
	log, _ := os.ReadFile(c.log())
	t.Fatalf("%s did not come in time\n%s", what, log)
}

func (c *Cluster) connect(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
