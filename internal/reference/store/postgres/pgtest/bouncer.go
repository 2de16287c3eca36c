package pgtest

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/needs"
)

// Bouncer starts PgBouncer in front of a database, with transaction pooling over few
// connections, and stops it with the test. It returns the URL of the database through
// it.
func (c *Cluster) Bouncer(t testing.TB, database string) string {
	t.Helper()
	program := needs.Program(t, "pgbouncer")
	through, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	port := reservePort(t)
	name := filepath.Join(c.dir, fmt.Sprintf("bouncer%d", port))
	settings := fmt.Sprintf(`[databases]
* = host=127.0.0.1 port=%d
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = trust
auth_file = %s.users
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
`, c.port, port, name)
	for path, text := range map[string]string{name + ".ini": settings, name + ".users": `"postgres" ""` + "\n"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // another user reads it
			t.Fatal(err)
		}
	}
	c.Serve(t, exec.Command(program, name+".ini"), port) //nolint:noctx // it ends with the test
	through.Host = fmt.Sprintf("127.0.0.1:%d", port)
	return through.String()
}

// Serve starts a program as the user and in the folder of the cluster, waits until it
// listens on a port, and stops it with the test. What it says is in the message where it
// does not.
func (c *Cluster) Serve(t testing.TB, command *exec.Cmd, port int) {
	t.Helper()
	said := filepath.Join(c.dir, fmt.Sprintf("said%d", port))
	output, err := os.Create(said)
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close() //nolint:errcheck // the program has its own
	command.Dir, command.Stdout, command.Stderr = c.dir, output, output
	c.runAs(command)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM) // ends at once
		_ = command.Wait()
	})
	for began := time.Now(); ; {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)) //nolint:noctx // on this machine
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Since(began) > timeout {
			log, _ := os.ReadFile(said)
			t.Fatalf("%s does not listen: %v\n%s", command.Path, err, strings.TrimSpace(string(log)))
		}
		<-time.After(10 * time.Millisecond)
	}
}

// Dir is the cluster's folder, for the files of what [Cluster.Serve] starts.
func (c *Cluster) Dir() string { return c.dir }

// ReservePort returns a port of 127.0.0.1 that is the test's alone until it ends.
func ReservePort(t testing.TB) int {
	t.Helper()
	return reservePort(t)
}
