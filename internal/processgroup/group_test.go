//go:build unix

package processgroup_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/processgroup"
)

// TestTheWholeGroupEnds: a script that has started another program leaves nothing behind.
// What lives on would keep the named pipe open.
func TestTheWholeGroupEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*os.Process){"asked": processgroup.Ask, "killed": processgroup.Kill} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "open")
			if err := syscall.Mkfifo(path, 0o600); err != nil {
				t.Fatal(err)
			}
			command := exec.CommandContext(t.Context(), "sh", "-c", `sleep 600 >"$0" & wait`, path)
			processgroup.Own(command)
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			pipe, err := os.Open(path) // waits for the other program
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = pipe.Close() }()
			if !processgroup.Lives(command.Process.Pid) {
				t.Error("a process that runs is said to be no more")
			}
			end(command.Process)
			_ = command.Wait() // it was ended
			if processgroup.Lives(command.Process.Pid) {
				t.Error("a process that has ended is said to live")
			}
			if err := pipe.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(pipe); err != nil {
				t.Errorf("the program that the script has started lives on: %v", err)
			}
		})
	}
}
