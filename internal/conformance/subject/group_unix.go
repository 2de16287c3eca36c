//go:build unix

package subject

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// ownGroup makes a command the leader of a process group of its own.
func ownGroup(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// endGroup asks a process group to end, and after a while ends it. Ended is
// closed when its leader is gone.
func endGroup(leader *os.Process, ended <-chan struct{}) {
	signalGroup(leader.Pid, syscall.SIGTERM)
	timeout := time.NewTimer(endTimeout)
	defer timeout.Stop()
	select {
	case <-ended:
	case <-timeout.C:
	}
	signalGroup(leader.Pid, syscall.SIGKILL) // the leader, or who has outlived it
	<-ended
}

// signalGroup ignores that a group may be gone already.
func signalGroup(leader int, signal syscall.Signal) {
	_ = syscall.Kill(-leader, signal)
}

// processLives says whether a process of this machine still runs.
func processLives(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
