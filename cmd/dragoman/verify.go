package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
)

// usualManifest is what init writes, and what counts where no manifest is named.
const usualManifest = "dragoman.yaml"

const inProcessUsage = "run the built-in reference in this process, not in a container; dragoman.yaml does not count"

type verifyFlags struct {
	choice
	outputs   reportOutputs
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

Without an argument the manifest is dragoman.yaml in the current directory. Where
there is none, and with --in-process, it judges dragoman's own reference server:
in a container where a container engine answers, else in this process.

Exit codes: 0 conformant, 1 not conformant, 2 bad usage or manifest,
3 the server could not be judged, 4 the judge itself failed.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return verify(cmd, args, flags) },
	}
	f := command.Flags()
	flags.bind(f)
	flags.outputs.flags(f)
	f.IntVar(&flags.workers, "workers", 4, "how many scenarios run at once")
	f.DurationVar(&flags.timeout, "timeout", 30*time.Second, "how long the server may take to answer one request")
	f.BoolVar(&flags.inProcess, "in-process", false, inProcessUsage)
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
	outputs, err := flags.outputs.open() // first, so that a long run cannot end in vain
	if err != nil {
		return err
	}
	defer outputs.close()
	r, err := conformance.Run(cmd.Context(), m, options)
	if err != nil {
		return err
	}
	if err := outputs.write(r, cmd.OutOrStdout()); err != nil {
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
	options, err := flags.choice.options()
	if err != nil {
		return nil, options, err
	}
	options.Workers, options.Timeout = flags.workers, flags.timeout
	options.Say = func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), line) }
	if flags.inProcess {
		if len(args) == 1 {
			return nil, options, errors.New("--in-process is for the built-in reference; leave it out, or the manifest")
		}
		return subject.Reference(), options, nil
	}
	if options.Binary, err = os.Executable(); err != nil {
		return nil, options, fmt.Errorf("find this program's own file: %w", err)
	}
	path := ""
	if len(args) == 1 {
		path = args[0]
	} else if _, err := os.Lstat(usualManifest); !errors.Is(err, fs.ErrNotExist) { // one that cannot be read is an error, too
		path = usualManifest
		options.Say("the manifest is " + path)
	}
	if path == "" {
		return subject.Reference(), options, nil
	}
	m, err := manifest.Load(path)
	if err == nil {
		options.ManifestDigest, err = fileDigest(path)
	}
	return m, options, err
}
