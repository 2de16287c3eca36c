// Command dragoman is the one binary: it serves the reference server, judges
// servers, and runs the mock. This package holds flags and wiring only.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/internal/commandline"
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
		fmt.Fprintf(stderr, "dragoman: %v%s\n", err, whatToDo(err))
	}
	return code
}

// whatToDo is the advice that follows an error of listening.
func whatToDo(err error) string {
	var operation *net.OpError
	if !errors.As(err, &operation) || operation.Op != "listen" {
		return ""
	}
	var address *net.AddrError
	var name *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "; another program listens there: end it, or take another port" + flagOf(err) + " (0 is any that is free)"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "; this machine has no such address: take an address that it has, as 127.0.0.1:8080, or :8080 for all of them"
	case errors.Is(err, syscall.EACCES):
		return "; take a port from 1024, or give the program the right to a lower one (CAP_NET_BIND_SERVICE)"
	case errors.As(err, &address), errors.As(err, &name):
		return "; an address is a host and a port, as 127.0.0.1:8080, or :8080 for all addresses of this machine"
	}
	return ""
}

// flagOf names the flag of the address that an error of reference.Listen is about.
func flagOf(err error) string {
	switch {
	case strings.Contains(err.Error(), "listen for HTTP:"):
		return " with --listen"
	case strings.Contains(err.Error(), "listen for gRPC:"):
		return " with --grpc"
	}
	return ""
}

// helpInstead runs a command that only has subcommands: it lists them where errors go,
// and fails.
func helpInstead(cmd *cobra.Command, _ []string) error {
	cmd.SetOut(cmd.ErrOrStderr())
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
  scoped    tokens with a life in words and scopes like "GET /objects/:id"

Exit codes: see "dragoman help exit-codes".`,
		Example:       `  dragoman verify dragoman.yaml --json report.json`,
		Version:       versionLine(), // as --version
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          helpInstead,
	}
	root.SetVersionTemplate("{{.Version}}\n")
	addGroup(root, "Call a back office:", shellclient.Commands()...)
	addGroup(root, "Judge a server or a client:", newInitCommand(), newDoctorCommand(), newVerifyCommand(), newVerifyClientCommand(), newReportCommand(), newSelftestCommand())
	addGroup(root, "Serve the dialects:", newServeCommand(), newMockCommand(), newAccountCommand(), newKeysCommand(), newBackupCommand(), newRestoreCommand())
	root.AddCommand(newVersionCommand(), commandline.NewCompletion(root), commandline.NewManual(root, version), exitCodesTopic())
	for _, command := range root.Commands() {
		if command.HasSubCommands() {
			command.RunE = helpInstead
		}
		for _, one := range append(command.Commands(), command) {
			commandline.Files(one, fileFlags)
			completeStore(one)
		}
	}
	commandline.Finish(root)
	return root
}

// addGroup adds commands that the help of the root shows together.
func addGroup(root *cobra.Command, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, command := range commands {
		command.GroupID = title
		root.AddCommand(command)
	}
}

// exitCodesTopic is a page of help, and no command.
func exitCodesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "The exit codes of all commands",
		Long: `All commands exit with one of these codes. The help of each says when.

  0  done; a judge: conformant, perhaps with gaps that the report names
  1  the answer is no: not conformant, login refused, file not genuine
  2  bad usage, a broken manifest, or any other error
  3  the environment: what is judged could not be reached or started
  4  the judge itself failed

exec exits with the code of the program that it runs, and with 127 where there is
no such program. What went wrong is one line on standard error.`,
	}
}
