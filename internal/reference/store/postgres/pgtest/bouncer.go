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
logfile = %s.log
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
`, c.port, port, name, name)
	for path, text := range map[string]string{name + ".ini": settings, name + ".users": `"postgres" ""` + "\n"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // another user reads it
			t.Fatal(err)
		}
	}
	command := exec.Command(program, name+".ini") //nolint:noctx // it ends with the test
	command.Dir = c.dir
	c.runAs(command)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM) // ends at once
		_ = command.Wait()
	})
	through.Host = fmt.Sprintf("127.0.0.1:%d", port)
	for began := time.Now(); ; {
		conn, err := net.Dial("tcp", through.Host) //nolint:noctx // on this machine
		if err == nil {
			_ = conn.Close()
			return through.String()
		}
		if time.Since(began) > timeout {
			log, _ := os.ReadFile(name + ".log")
			t.Fatalf("pgbouncer does not listen: %v\n%s", err, strings.TrimSpace(string(log)))
		}
		<-time.After(10 * time.Millisecond)
	}
}
