package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/needs"
	"github.com/dragoman-auth/dragoman/mockserver"
)

// callers are programs that call the back office by this binary for each line that
// they read, answer each with a line, and end where a call fails.
var callers = [][]string{
	{"sh", "-c", `while read -r _; do "$DRAGOMAN" call /users </dev/null >/dev/null || exit 1; echo done; done`},
	{"python3", "-c", `
import os, subprocess, sys
for _ in sys.stdin:
    subprocess.run([os.environ["DRAGOMAN"], "call", "/users"], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    print("done", flush=True)`},
	{"node", "-e", `
const { execFileSync } = require("child_process");
require("readline").createInterface({ input: process.stdin }).on("line", () => {
  execFileSync(process.env.DRAGOMAN, ["call", "/users"], { stdio: ["ignore", "ignore", "inherit"] });
  console.log("done");
});`},
}

// TestProcessesShareOneLogin: programs in several languages share one session whose
// refresh tokens are good once. Its access token ends again and again, and each time
// all of them need the next one at the same moment. There is one login, and each
// token is renewed once. DRAGOMAN_TEST_PROCESSES and DRAGOMAN_TEST_ROTATIONS say how
// many programs and ends there are.
func TestProcessesShareOneLogin(t *testing.T) {
	t.Parallel()
	processes, rotations := numberFrom(t, "DRAGOMAN_TEST_PROCESSES", 6), numberFrom(t, "DRAGOMAN_TEST_ROTATIONS", 5)
	mock := mockserver.New(t, mockserver.WithDialects("session"))
	environment := append(os.Environ(), "DRAGOMAN="+ownBinary(t),
		"DRAGOMAN_URL="+mock.URL, "DRAGOMAN_DIALECT=session", "DRAGOMAN_LOGIN=root@example.com", "DRAGOMAN_PASSWORD=root",
		"DRAGOMAN_STORE="+filepath.Join(t.TempDir(), "store"))
	started := make([]*callingProgram, processes)
	for i := range started {
		started[i] = startProgram(t, callers[i%len(callers)], environment)
	}
	for range rotations + 1 {
		for _, c := range started {
			c.begin(t)
		}
		for _, c := range started {
			c.finish(t)
		}
		mock.Advance(11 * time.Minute)
	}
	mock.AssertCalls(t, mockserver.Login, 1)
	mock.AssertOneRenewalPerToken(t)
	mock.AssertCalls(t, mockserver.Renewal, rotations)
	for _, misuse := range mock.Misuses() {
		t.Error(misuse)
	}
}

// callingProgram is one of the programs as it runs.
type callingProgram struct {
	name string
	to   io.WriteCloser
	from *bufio.Scanner
	said bytes.Buffer
}

func startProgram(t *testing.T, command, environment []string) *callingProgram {
	t.Helper()
	c := &callingProgram{name: command[0]}
	child := exec.CommandContext(context.WithoutCancel(t.Context()), needs.Program(t, command[0]), command[1:]...)
	child.Env, child.Stderr = environment, &c.said
	to, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	from, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	c.to, c.from = to, bufio.NewScanner(from)
	t.Cleanup(func() {
		_ = to.Close() // it ends by that
		if err := child.Wait(); err != nil {
			t.Errorf("%s: %v: %s", c.name, err, c.said.String())
		}
	})
	return c
}

func (c *callingProgram) begin(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(c.to, "call\n"); err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
}

func (c *callingProgram) finish(t *testing.T) {
	t.Helper()
	if !c.from.Scan() {
		t.Fatalf("%s ended early", c.name)
	}
}

func numberFrom(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatal(fmt.Errorf("%s is no number: %q", variable, text))
	}
	return n
}
