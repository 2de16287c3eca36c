// Command dragoman is the one binary: it serves the reference server, judges
// servers, and runs the mock. This package holds flags and wiring only.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/internal/shellclient"
)

// version is set by the linker.
var version = "devel"

// Exit codes. exitUsage is the code of every error without another code: a bad
// flag, a broken manifest, a port in use.
const (
	exitNonConformant = 1
	exitUsage         = 2
	exitEnvironment   = 3
	exitHarness       = 4
)

// exitError ends the program with a code. Its message, if any, is printed as
// one line.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	code := exitUsage
	var exit *exitError
	if errors.As(err, &exit) {
		code, err = exit.code, exit.err
	}
	var client *shellclient.Exit
	if errors.As(err, &client) {
		code, err = client.Code, client.Err
	}
	if err != nil {
		fmt.Fprintln(stderr, "dragoman:", err)
	}
	return code
}

// helpInstead runs a command that only has subcommands: it lists them and fails.
func helpInstead(cmd *cobra.Command, _ []string) error {
	if err := cmd.Help(); err != nil {
		return err
	}
	return &exitError{code: exitUsage}
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "dragoman",
		Short: "Log in to back offices, serve their dialects, judge their servers",
		Long: `dragoman speaks the authentication dialects of four back offices:

  session   e-mail and password obtain a ten-minute bearer and a refresh token
  form      an HTML form login obtains a token for X-Auth-Bearer
  rpc       {method,data} over HTTP, and the same service over gRPC
  scoped    tokens with a life in words and scopes like "GET /objects/:id"`,
		Version:       versionLine(), // as --version
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          helpInstead,
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newAccountCommand(), newKeysCommand(), newBackupCommand(), newRestoreCommand(), newDoctorCommand(), newInitCommand())
	root.AddCommand(newServeCommand(), newMockCommand(), newVerifyCommand(), newVerifyClientCommand(), newReportCommand(), newSelftestCommand(), newVersionCommand())
	root.AddCommand(shellclient.Commands()...)
	root.InitDefaultCompletionCmd()
	for _, command := range root.Commands() {
		if command.HasSubCommands() {
			command.RunE = helpInstead
		}
	}
	return root
}
