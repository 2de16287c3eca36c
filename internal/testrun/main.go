// Command testrun runs a command that prints the events of "go test -json", and
// prints what a person wants to know: a line per package, the output of what
// failed and nothing of what passed. It ends with what was skipped, why and how
// to get what is missing, with what failed, and with two lines of numbers:
//
//	test: 2131 passed, 0 failed, 12 skipped
//	71 packages, 2143 tests, 12 skipped, 0 failed, 214 s
//
// A test with subtests counts through them only, unless it fails by itself. A
// test that does not end counts as failed, and so does a package that fails
// without a test that does.
//
//	testrun -name race go test -json -race ./...
//
// It fails where anything failed, where the command did, and where no test ran.
// With CI=true in the environment it fails where a test was skipped, too.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	name := flag.String("name", "test", "word before the count of tests")
	slow := flag.Duration("slow", 0, "list the tests that take longer; 0 lists none")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: testrun [-name word] [-slow duration] go test -json ...")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends this program at once
	r := newRun(os.Stdout)
	began := time.Now()
	err := follow(ctx, r, flag.Args())
	stop()
	if !r.conclude(summary{name: *name, slow: *slow, took: time.Since(began), strict: os.Getenv("CI") == "true"}, err) {
		os.Exit(1)
	}
}

// follow runs a command and passes its events to r. When ctx ends, the command is
// interrupted, and what it still says is read.
func follow(ctx context.Context, r *run, argv []string) error {
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.Stderr = os.Stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	readErr := r.read(stdout)
	if readErr != nil {
		_, _ = io.Copy(io.Discard, stdout) // or it would block
	}
	return errors.Join(readErr, command.Wait())
}
