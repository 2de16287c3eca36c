package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/conformance/subject"
)

type verifyFlags struct {
	dialects  []string
	only      []string
	json      string
	workers   int
	timeout   time.Duration
	inProcess bool
}

func newVerifyCommand() *cobra.Command {
	var flags verifyFlags
	command := &cobra.Command{
		Use:   "verify [MANIFEST]",
		Short: "Judge a server by the requirements of its dialects",
		Long: `verify starts the server that a manifest (dragoman.yaml) describes, judges it by
every requirement of the dialects that the manifest declares, and prints a
verdict per requirement, with evidence and a way to see each failure again.

Without a manifest it judges dragoman's own reference server: in a container
where a container engine answers, else in this process.

Exit codes: 0 conformant, 1 not conformant, 2 bad usage or manifest,
3 the server could not be judged, 4 the judge itself failed.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return verify(cmd, args, flags) },
	}
	f := command.Flags()
	f.StringSliceVar(&flags.dialects, "dialect", nil, "judge only this dialect: session, form, rpc or scoped (repeatable)")
	f.StringSliceVar(&flags.only, "only", nil, "judge only the requirement with this id, as SES-09 (repeatable)")
	f.StringVar(&flags.json, "json", "", `write the report as JSON to this file; "-" prints it in place of the table`)
	f.IntVar(&flags.workers, "workers", 4, "how many scenarios run at once")
	f.DurationVar(&flags.timeout, "timeout", 30*time.Second, "how long the server may take to answer one request")
	f.BoolVar(&flags.inProcess, "in-process", false, "run the built-in reference in this process, not in a container")
	return command
}

func verify(cmd *cobra.Command, args []string, flags verifyFlags) error {
	if flags.workers < 1 || flags.timeout <= 0 {
		return errors.New("--workers and --timeout have to be positive")
	}
	m, options, err := verifyInput(cmd, args, flags)
	if err != nil {
		return err
	}
	var file *os.File // opened first, so that a long run cannot end in vain
	if flags.json != "" && flags.json != "-" {
		if file, err = os.Create(flags.json); err != nil {
			return fmt.Errorf("--json: %w", err)
		}
		defer file.Close() //nolint:errcheck // writing it says what is wrong
	}
	r, err := conformance.Run(cmd.Context(), m, options)
	if err != nil {
		return err
	}
	if err := writeReport(r, cmd.OutOrStdout(), file, flags.json == "-"); err != nil {
		return &exitError{code: exitEnvironment, err: err}
	}
	if code := r.Conclusion.ExitCode(); code != 0 {
		return &exitError{code: code, err: firstError(r)}
	}
	return nil
}

// firstError is what stderr says about a run that went wrong for another
// reason than its verdicts, or nil.
func firstError(r *report.Report) error {
	if len(r.Errors) == 0 {
		return nil
	}
	return r.Errors[0]
}

func verifyInput(cmd *cobra.Command, args []string, flags verifyFlags) (*manifest.Manifest, conformance.Options, error) {
	options := conformance.Options{
		Dialects: flags.dialects, Only: flags.only, Workers: flags.workers, Timeout: flags.timeout,
		Subject: subject.Options{Say: func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), line) }},
	}
	if len(args) == 1 {
		m, err := manifest.Load(args[0])
		return m, options, err
	}
	if !flags.inProcess {
		binary, err := os.Executable()
		if err != nil {
			return nil, options, fmt.Errorf("find this program's own file: %w", err)
		}
		options.Subject.Binary = binary
	}
	return subject.Reference(), options, nil
}

// writeReport prints the table, or the JSON report in its place, and writes the
// JSON report to a file where there is one.
func writeReport(r *report.Report, stdout io.Writer, file *os.File, jsonOnly bool) error {
	if jsonOnly {
		return r.WriteJSON(stdout)
	}
	if err := r.WriteText(stdout); err != nil || file == nil {
		return err
	}
	if err := r.WriteJSON(file); err != nil {
		return err
	}
	return file.Sync()
}
