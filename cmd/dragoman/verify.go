package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/commandline"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
)

// usualManifest is what init writes, and what counts where no manifest is named.
const usualManifest = "dragoman.yaml"

const (
	inProcessUsage = "take the built-in reference, in this process; dragoman.yaml does not count"
	referenceUsage = "take the built-in reference, in a container where an engine answers, else in this process"
)

type verifyFlags struct {
	selection
	outputs   reportOutputs
	workers   int
	timeout   time.Duration
	reference bool
	inProcess bool
	replay    string
}

func newVerifyCommand() *cobra.Command {
	flags := verifyFlags{outputs: reportOutputs{features: features.FS}}
	command := &cobra.Command{
		Use:   "verify [MANIFEST]",
		Short: "Judge a server by the requirements of its dialects",
		Long: `verify starts the server that a manifest (dragoman.yaml) describes, judges it by
every requirement of the dialects that the manifest declares, and prints a
verdict per requirement, with evidence and a way to see each failure again.

Without an argument the manifest is dragoman.yaml in the current directory. With
--reference it judges dragoman's own reference server, in a container where an
engine answers, and with --in-process in this process.

--replay runs one requirement and prints each exchange of it, also where it passes.

Exit codes: 0 conformant, 1 not conformant, 2 bad usage or manifest,
3 the server could not be judged, 4 the judge itself failed.`,
		Example: `  dragoman verify
  dragoman verify my.yaml --dialect form --json report.json --html report.html
  dragoman verify --replay FRM-08`,
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: manifests,
		RunE: func(cmd *cobra.Command, args []string) error { return verify(cmd, args, flags) },
	}
	f := command.Flags()
	flags.bind(f)
	flags.outputs.flags(f)
	f.IntVar(&flags.workers, "workers", 4, "how many (`N`) scenarios run at once")
	f.DurationVar(&flags.timeout, "timeout", 30*time.Second, "how long (`DURATION`) the server may take to answer one request")
	f.StringVar(&flags.replay, "replay", "", "judge only the requirement with this id (`ROW`), and print all of its exchanges in place of the table")
	f.BoolVar(&flags.reference, "reference", false, referenceUsage)
	f.BoolVar(&flags.inProcess, "in-process", false, inProcessUsage)
	commandline.Values(command, "only", serverRows)
	commandline.Values(command, "replay", serverRows)
	commandline.Values(command, "requirements", versionsOfRows)
	return command
}

func verify(cmd *cobra.Command, args []string, flags verifyFlags) error {
	if flags.workers < 1 || flags.timeout <= 0 {
		return errors.New("--workers and --timeout have to be positive")
	}
	printed := func(r *report.Report, w io.Writer) error { return writeTable(r, w, takesColour(w)) }
	if flags.replay != "" {
		if len(flags.only) > 0 {
			return errors.New("--replay is for one requirement; leave out --only")
		}
		flags.only = []string{flags.replay}
		printed = func(r *report.Report, w io.Writer) error { return replayed(r, w, flags.replay) }
	}
	m, options, err := verifyInput(cmd, args, flags)
	if err != nil {
		return err
	}
	options.Exchanges = flags.replay != ""
	outputs, err := flags.outputs.open(manifestPath(args), printed) // first, so that no long run ends without its report
	if err != nil {
		return err
	}
	defer outputs.close()
	r, err := conformance.Run(cmd.Context(), m, options)
	if err != nil {
		return err
	}
	return conclude(cmd, outputs, r)
}

// conclude writes a report where it was asked for. The error has the exit code of what
// the report concludes.
func conclude(cmd *cobra.Command, outputs *openOutputs, r *report.Report) error {
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
	options, err := flags.selection.options()
	if err != nil {
		return nil, options, err
	}
	options.Workers, options.Timeout = flags.workers, flags.timeout
	options.Say = func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), line) }
	if (flags.inProcess || flags.reference) && len(args) == 1 {
		return nil, options, errors.New("--reference and --in-process are for the built-in reference; leave them out, or the manifest")
	}
	if flags.inProcess {
		return subject.Reference(), options, nil
	}
	if options.Binary, err = os.Executable(); err != nil {
		return nil, options, fmt.Errorf("find this program's own file: %w", err)
	}
	if flags.reference {
		return subject.Reference(), options, nil
	}
	path := manifestPath(args)
	if len(args) == 0 {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, options, errors.New("there is no " + path + " in this folder; name a manifest, write one with \"dragoman init\", or take the built-in reference with --reference")
		}
		options.Say("the manifest is " + path)
	}
	m, err := manifest.Load(path)
	if err != nil {
		return nil, options, commandline.ManifestError(path, err)
	}
	options.ManifestDigest, err = fileDigest(path)
	return m, options, err
}

// manifestPath is the file that an argument names, or the usual one.
func manifestPath(args []string) string {
	if len(args) == 1 {
		return args[0]
	}
	return usualManifest
}

// replayed shows a requirement whole, and the conclusion.
func replayed(r *report.Report, w io.Writer, id string) error {
	if err := r.WriteRow(w, id); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s\n", strings.ToUpper(string(r.Conclusion)))
	return err
}
