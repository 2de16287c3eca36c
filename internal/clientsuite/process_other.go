//go:build !unix

package clientsuite

import (
	"os"
	"os/exec"
)

// ownGroup does nothing: there are no process groups here.
func ownGroup(*exec.Cmd) {}

// killGroup ends the process. What it has started lives on.
func killGroup(leader *os.Process) { _ = leader.Kill() }
