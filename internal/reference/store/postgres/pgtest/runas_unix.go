//go:build unix

package pgtest

import (
	"os/exec"
	"syscall"
)

// runAs makes a command another user's where that is needed.
func (c *Cluster) runAs(command *exec.Cmd) {
	if c.other {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: c.uid, Gid: c.gid}}
	}
}
