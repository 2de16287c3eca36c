// Command gates holds what a release has to pass beside its tests: "api" compares the
// public packages with those of the last tag, "vuln" looks for known vulnerabilities.
// "make api" and "make vuln" run it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run passes a gate, or says why it is not passed.
func run(ctx context.Context, args []string, out io.Writer) error {
	const usage = "usage: gates api -apidiff FILE, or gates vuln -govulncheck FILE [-db URL]"
	if len(args) == 0 {
		return errors.New(usage)
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the error says it
	root := flags.String("root", ".", "folder of the module")
	switch args[0] {
	case "api":
		program := flags.String("apidiff", "apidiff", "the program apidiff")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return api{root: *root, apidiff: *program, out: out}.pass(ctx)
	case "vuln":
		program := flags.String("govulncheck", "govulncheck", "the program govulncheck")
		database := flags.String("db", "", "URL of the database; that of the program where it is empty")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return vuln{root: *root, govulncheck: *program, database: *database, out: out}.pass(ctx)
	}
	return errors.New(usage)
}
