//go:build unix

package processgroup

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// Own makes a command the leader of a process group of its own. It is called before the
// command starts.
func Own(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// Ask asks a process group to end (SIGTERM). That it may be gone already is no error.
func Ask(leader *os.Process) { _ = syscall.Kill(-leader.Pid, syscall.SIGTERM) }

// Kill ends a process group at once, also what has outlived its leader. That it may be
// gone already is no error.
func Kill(leader *os.Process) { _ = syscall.Kill(-leader.Pid, syscall.SIGKILL) }

// Lives says whether a process of this machine still runs.
func Lives(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
