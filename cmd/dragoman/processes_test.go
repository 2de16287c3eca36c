package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/needs"
	"github.com/dragoman-auth/dragoman/mockserver"
)

// TestProcessesShareOneLogin: programs in several languages share one session whose
// refresh tokens are good once. Its access token ends again and again, and each time
// all of them need the next one at the same moment. There is one login, each token is
// renewed once, and no program leaves a secret behind. DRAGOMAN_TEST_PROCESSES and DRAGOMAN_TEST_ROTATIONS say how
// many programs and ends there are.
func TestProcessesShareOneLogin(t *testing.T) {
	t.Parallel()
	processes, rotations := numberFrom(t, "DRAGOMAN_TEST_PROCESSES", 6), numberFrom(t, "DRAGOMAN_TEST_ROTATIONS", 5)
	place, binary := newWorkplace(t), ownBinary(t)
	mock := mockserver.New(t, mockserver.WithDialects("session"), mockserver.WithAccount(place.account), mockserver.WithMisuse(mockserver.MisuseFail))
	environment := place.environment(mock, binary)
	started := make([]*callingProgram, processes)
	t.Cleanup(func() { place.assertNoSecret(t, mock, started) }) // when all have ended
	for i := range started {
		started[i] = startProgram(t, callerAt(i), binary, environment)
	}
	for round := range rotations + 1 {
		for _, c := range started {
			c.begin(t)
		}
		for _, c := range started {
			c.finish(t)
		}
		mock.AssertCalls(t, mockserver.Login, 1)
		mock.AssertCalls(t, mockserver.Renewal, round)
		mock.AssertOneRenewalPerToken(t) // of those that the journal has not forgotten
		if t.Failed() {
			t.Fatalf("in round %d of %d", round, rotations)
		}
		if round > 0 && round%100 == 0 {
			t.Logf("%d rotations", round)
		}
		mock.Advance(11 * time.Minute)
	}
	t.Logf("%d programs, %d rotations, %d requests", processes, rotations, mock.Calls(mockserver.Resource))
}

// callingProgram is one of the programs as it runs.
type callingProgram struct {
	name string
	to   io.WriteCloser
	from *bufio.Scanner
	said bytes.Buffer
}

func startProgram(t *testing.T, program callingCommand, binary string, environment []string) *callingProgram {
	t.Helper()
	c := &callingProgram{name: program.name}
	path := binary
	if program.command[0] != goCaller {
		path = needs.Program(t, program.command[0])
	}
	child := exec.CommandContext(context.WithoutCancel(t.Context()), path, program.command[1:]...)
	child.Args[0] = program.command[0]
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
		t.Fatalf("%s ended early, or does not answer", c.name)
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
