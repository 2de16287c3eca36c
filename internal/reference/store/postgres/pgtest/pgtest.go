// Package pgtest starts a real PostgreSQL for a test: a throw-away cluster on a
// port of its own, removed at the end.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dragoman-auth/dragoman/internal/needs"
)

// Cluster is a running PostgreSQL. It is safe for concurrent use, but for Stop
// and Start.
type Cluster struct {
	t         testing.TB
	bin       string // the folder of initdb and pg_ctl
	dir       string
	port      int
	uid, gid  uint32
	other     bool // PostgreSQL refuses to run as root: it runs as this user
	databases atomic.Int32
}

// timeout bounds each start and stop.
const timeout = time.Minute

// New starts a cluster and stops it with the test. Where PostgreSQL is not
// installed the test ends as package needs says.
func New(t testing.TB) *Cluster {
	t.Helper()
	c := &Cluster{t: t}
	needs.PostgreSQL(t, c.find())
	c.makeFolder()
	shared.copyTo(c)
	c.begin()
	return c
}

// makeFolder makes the cluster's folder, removes it with the test, and reserves the
// cluster's port.
func (c *Cluster) makeFolder() {
	c.t.Helper()
	c.dir = c.folder()
	c.t.Cleanup(func() { _ = os.RemoveAll(c.dir) })
	c.port = reservePort(c.t)
}

// folder makes a folder of the user that runs PostgreSQL.
func (c *Cluster) folder() string {
	c.t.Helper()
	// Short, as a socket's path has at most 107 bytes, and not below t.TempDir,
	// which another user may not enter.
	dir, err := os.MkdirTemp("/tmp", "dragoman-pg-")
	if err == nil && c.other {
		err = os.Chown(dir, int(c.uid), int(c.gid))
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return dir
}

// begin starts the cluster, and stops it with the test.
func (c *Cluster) begin() {
	c.t.Helper()
	c.Start()
	c.t.Cleanup(func() { _ = c.command("pg_ctl", "-D", c.data(), "-m", "immediate", "-w", "stop").Run() })
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *Cluster) log() string { return filepath.Join(c.dir, "log") }

// find looks for the programs, and for a user to run them.
func (c *Cluster) find() error {
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	for _, program := range []string{"initdb", "pg_ctl"} {
		path, err := exec.LookPath(program)
		if err == nil {
			path, err = filepath.EvalSymlinks(path) // pg_dump stands beside the file, not beside the link
		}
		if err == nil {
			folders = append(folders, filepath.Dir(path))
		}
	}
	for _, folder := range folders {
		if executable(filepath.Join(folder, "initdb")) && executable(filepath.Join(folder, "pg_ctl")) {
			c.bin = folder
		}
	}
	if c.bin == "" {
		return errors.New("no initdb and pg_ctl")
	}
	if os.Geteuid() != 0 {
		return nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return fmt.Errorf("it refuses to run as root: %w", err)
	}
	uid, err1 := strconv.ParseUint(account.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(account.Gid, 10, 32)
	c.uid, c.gid, c.other = uint32(uid), uint32(gid), true
	return errors.Join(err1, err2)
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}

// command is a program of PostgreSQL, or, where there is none of that name, of the system.
func (c *Cluster) command(program string, args ...string) *exec.Cmd {
	if own := filepath.Join(c.bin, program); executable(own) {
		program = own
	}
	command := exec.Command(program, args...) //nolint:noctx // it ends by pg_ctl's own timeout, also in a cleanup
	command.Dir = c.dir
	c.runAs(command)
	return command
}

func (c *Cluster) run(program string, args ...string) {
	c.t.Helper()
	if out, err := c.command(program, args...).CombinedOutput(); err != nil {
		log, _ := os.ReadFile(c.log())
		c.t.Fatalf("%s: %v\n%s%s", program, err, out, log)
	}
}

// Start starts a cluster that was stopped, on the same port.
func (c *Cluster) Start() {
	c.t.Helper()
	options := fmt.Sprintf("-p %d -k %s -c listen_addresses=127.0.0.1 -c max_connections=100 -c shared_buffers=32MB -c fsync=off", c.port, c.dir)
	c.run("pg_ctl", "-D", c.data(), "-l", c.log(), "-o", options, "-w", "-t", seconds(timeout), "start")
}

// Stop stops the cluster and cuts all connections; the mode is fast or, like
// kill -9, immediate.
func (c *Cluster) Stop(mode string) {
	c.t.Helper()
	c.run("pg_ctl", "-D", c.data(), "-m", mode, "-w", "-t", seconds(timeout), "stop")
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }

// Database makes an empty database and returns its URL.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test%d", c.databases.Add(1))
	conn, err := pgx.Connect(t.Context(), c.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context())) //nolint:errcheck // the database is made or not
	if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return c.url(name)
}

func (c *Cluster) url(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", c.port, database)
}

// Dump returns all of a database as SQL (pg_dump).
func (c *Cluster) Dump(t testing.TB, url string) string {
	t.Helper()
	out, err := c.command("pg_dump", url).CombinedOutput()
	if err != nil {
		t.Fatalf("pg_dump: %v\n%s", err, out)
	}
	return string(out)
}
