//go:build !race

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/internal/needs"
)

// shippedBinary builds dragoman as "make build" does. After that, and after "make
// test" has compiled the packages, only the linker has work.
func shippedBinary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dragoman")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// TestVerifyInAContainer is the main job: the built program judges the
// reference in a container, over HTTP and gRPC. That program has no race
// detector, so this runs without it.
func TestVerifyInAContainer(t *testing.T) {
	t.Parallel()
	needs.Engine(t, subject.EngineAnswers(t.Context()))
	binary := shippedBinary(t)
	t.Run("to the end", func(t *testing.T) {
		command := exec.CommandContext(t.Context(), binary, "verify", "--reference")
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for _, want := range []string{"in a container from scratch, reached at ", "  SES-09  MUST", "  RPC-18  MUST", "\nCONFORMANT\n"} {
			if !strings.Contains(string(out), want) {
				t.Errorf("%q is missing:\n%s", want, out)
			}
		}
		if strings.Contains(string(out), "its log shows") {
			t.Errorf("the reference prints secrets:\n%s", out)
		}
		wantNothingLeft(t, command.Process.Pid)
	})
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		command := exec.CommandContext(ctx, binary, "verify", "--reference")
		var stdout bytes.Buffer
		command.Stdout = &stdout
		said := &interrupter{command: command}
		command.Stderr = said
		err := command.Run()
		if code := command.ProcessState.ExitCode(); code != exitEnvironment || !strings.Contains(stdout.String(), "the run was interrupted") {
			t.Errorf("exit code %d (%v)\n%s%s", code, err, stdout.String(), said.text.String())
		}
		wantNothingLeft(t, command.Process.Pid)
	})
}

// interrupter interrupts a command once it says that it is judging.
type interrupter struct {
	command *exec.Cmd
	text    bytes.Buffer
}

func (i *interrupter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("judging")) {
		if err := i.command.Process.Signal(os.Interrupt); err != nil {
			return 0, err
		}
	}
	return i.text.Write(p)
}

// wantNothingLeft looks for containers and images that a process has made.
func wantNothingLeft(t *testing.T, pid int) {
	t.Helper()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]string{{"ps", "--all"}, {"images"}} {
		list = append(list, "--quiet", "--no-trunc", "--filter", "label=dragoman.run")
		ids, err := exec.CommandContext(t.Context(), "docker", list...).Output()
		needs.Engine(t, err)
		for _, id := range strings.Fields(string(ids)) {
			label, _ := exec.CommandContext(t.Context(), "docker", "inspect", "--format", `{{index .Config.Labels "dragoman.run"}}`, id).Output()
			if strings.HasPrefix(string(label), fmt.Sprintf("%s/%d/", host, pid)) {
				t.Errorf("left behind: %s of %s", id, label)
			}
		}
	}
}
