package shellclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/internal/atomicfile"
	"github.com/dragoman-auth/dragoman/sdk"
)

// notFound is the exit code of a program that is not there, as shells have it.
const notFound = 127

// killDelay is how long a child may take to end after an interrupt.
const killDelay = 10 * time.Second

func newExec() *cobra.Command {
	var t target
	var variable string
	var file bool
	cmd := &cobra.Command{
		Use:   "exec [flags] -- COMMAND [ARGS...]",
		Short: "Run a program that gets a token",
		Long: `exec runs a program with a token in the variable DRAGOMAN_TOKEN (--variable). A program
that runs longer than a token lives takes --file: then the variable DRAGOMAN_TOKEN_FILE
names a file that only this user may read, which always holds a token that is alive, and
which is deleted at the end; no variable holds a token.

The program does not get the variable DRAGOMAN_PASSWORD. Exit code: that of the program;
1 where no token was obtained, 2 bad usage, 127 where there is no such program.`,
		Example: `  dragoman exec --dialect session -- python3 report.py
  dragoman exec --dialect scoped --file -- ./sync-all-day`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if file {
				return t.execWithFile(cmd, args)
			}
			return t.with(cmd, func(ctx context.Context, client *sdk.Client) error {
				token, err := client.Token(ctx)
				if err != nil {
					return err
				}
				return runChild(cmd, args, variable+"="+token.Access.Reveal(), urlVariable+"="+t.url)
			}, sdk.WithoutBackgroundRenewal())
		},
	}
	t.bind(cmd)
	cmd.Flags().StringVar(&variable, "variable", "DRAGOMAN_TOKEN", "`NAME` of the variable that holds the token")
	cmd.Flags().BoolVar(&file, "file", false, "keep the token in a file, renewed while the program runs")
	return cmd
}

// execWithFile writes each new token into a file while the program runs.
func (t *target) execWithFile(cmd *cobra.Command, args []string) error {
	dir, err := os.MkdirTemp("", "dragoman-")
	if err != nil {
		return fmt.Errorf("make a directory for the token: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "token")
	write := func(_ context.Context, token sdk.Token) {
		// Where it cannot be written, the program goes on with the token that it has.
		if err := replaceFile(path, token.Access.Reveal()); err != nil {
			fmt.Fprintln(cmd.ErrOrStderr(), "dragoman: write the token:", err)
		}
	}
	return t.with(cmd, func(ctx context.Context, client *sdk.Client) error {
		token, err := client.Token(ctx)
		if err != nil {
			return err
		}
		if err := replaceFile(path, token.Access.Reveal()); err != nil {
			return fmt.Errorf("write the token: %w", err)
		}
		return runChild(cmd, args, "DRAGOMAN_TOKEN_FILE="+path, urlVariable+"="+t.url)
	}, sdk.WithOnChange(write))
}

// replaceFile writes the text into a file that this user alone may read.
func replaceFile(path, text string) error {
	return atomicfile.Replace(path, path+".new", 0o600, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// runChild runs a program to its end. An interrupt is passed on to it.
func runChild(cmd *cobra.Command, args []string, variables ...string) error {
	child := exec.CommandContext(cmd.Context(), args[0], args[1:]...)
	child.Env = append(withoutPassword(os.Environ()), variables...)
	child.Stdin, child.Stdout, child.Stderr = cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()
	child.Cancel = func() error { return child.Process.Signal(os.Interrupt) }
	child.WaitDelay = killDelay
	err := child.Run()
	var ended *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ended) && ended.ExitCode() > 0:
		return &Exit{Code: ended.ExitCode()}
	case errors.Is(err, exec.ErrNotFound):
		return &Exit{Code: notFound, Err: fmt.Errorf("run %s: %w", args[0], err)}
	}
	return &Exit{Code: failed, Err: fmt.Errorf("run %s: %w", args[0], err)}
}

func withoutPassword(environment []string) []string {
	kept := make([]string, 0, len(environment))
	for _, line := range environment {
		if !strings.HasPrefix(line, passwordVariable+"=") {
			kept = append(kept, line)
		}
	}
	return kept
}
