//go:build unix

package clientsuite_test

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/clientsuite"
)

// TestKillEndsTheWholeGroup: a script that has started another program leaves nothing
// behind. What lives on would keep the named pipe open.
func TestKillEndsTheWholeGroup(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "open")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	running, err := clientsuite.ProcessProgram{"sh", "-c", `sleep 600 >"$0" & wait`, path}.Start(t.Context(), clientsuite.Environment{})
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := os.Open(path) // waits for the other program
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pipe.Close() }()
	running.Kill()
	_ = running.Wait() // it was killed
	if err := pipe.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(pipe); err != nil {
		t.Errorf("the program that the script has started lives on: %v", err)
	}
}
