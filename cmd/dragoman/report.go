package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/commandline"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

func newReportCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "report",
		Short: "Look into reports, compare them, check that one is genuine",
		Long: `report works on the JSON reports that "dragoman verify --json" writes. None of its
commands needs a network.`,
		Example: `  dragoman report show report.json SES-09
  dragoman report diff before.json after.json`,
		Args: cobra.NoArgs,
	}
	command.AddCommand(newReportShowCommand(), newReportReproduceCommand(), newReportLogCommand(), newReportDiffCommand(), newReportVerifyCommand(), newReportKeygenCommand(), newReportSchemaCommand())
	return command
}

// jsonReport completes the name of a report.
var jsonReport = commandline.FilesEnding("json")

func newReportDiffCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "diff BEFORE AFTER",
		Short: "Say which verdicts changed between two reports",
		Long: `diff compares two JSON reports by dialect and requirement, what is worse first.

Exit codes: 0 nothing is worse, 1 something is, 2 a file is no report.`,
		Example: `  dragoman report diff before.json after.json`,
		Args:    cobra.ExactArgs(2), ValidArgsFunction: commandline.Arguments(jsonReport, jsonReport, nil),
		RunE: func(cmd *cobra.Command, args []string) error {
			before, err := readReport(args[0])
			if err != nil {
				return err
			}
			after, err := readReport(args[1])
			if err != nil {
				return err
			}
			if err := report.WriteDiff(cmd.OutOrStdout(), before, after); err != nil {
				return &exitError{code: exitEnvironment, err: err}
			}
			if report.Regressed(before, after) {
				return &exitError{code: exitNonConformant}
			}
			return nil
		},
	}
}

func readReport(path string) (*report.Report, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r, err := report.Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

func newReportVerifyCommand() *cobra.Command {
	var key string
	command := &cobra.Command{
		Use:   "verify FILE",
		Short: "Prove that a signed report was not changed",
		Long: `verify checks a signed JSON report: that not one byte of it was changed since it
was signed, that its counts, verdicts and conclusion agree, and, where it was
made by the suite that is built into this program, that no requirement is
missing. With --key it also has to be signed by that key; without, the report
shows by which.

Exit codes: 0 genuine, 1 not genuine or not signed, 2 the file is no report.`,
		Example: `  dragoman report verify report.json --key key.pub`,
		Args:    cobra.ExactArgs(1), ValidArgsFunction: commandline.Arguments(jsonReport, nil),
		RunE: func(cmd *cobra.Command, args []string) error { return verifyReport(cmd, args[0], key) },
	}
	command.Flags().StringVar(&key, "key", "", "`FILE` of the public key that has to have signed it")
	return command
}

func verifyReport(cmd *cobra.Command, path, keyFile string) error {
	expected := ""
	if keyFile != "" {
		text, err := os.ReadFile(keyFile)
		if err != nil {
			return fmt.Errorf("--key: %w", err)
		}
		if expected, err = report.ParsePublicKey(text); err != nil {
			return fmt.Errorf("--key: %s: %w", keyFile, err)
		}
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	r, err := report.Check(content)
	if r == nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	problems := []error{err, missingRows(r)}
	if r.Signature != nil && expected != "" && r.Signature.PublicKey != expected {
		problems = append(problems, fmt.Errorf("it is signed by another key: %s", r.Signature.PublicKey))
	}
	if err := errors.Join(problems...); err != nil {
		return &exitError{code: exitNonConformant, err: fmt.Errorf("%s: %s", path, strings.ReplaceAll(err.Error(), "\n", "; "))}
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "genuine: signed by %s\n", r.Signature.PublicKey)
	if expected == "" {
		fmt.Fprintln(out, "         only --key shows whose key that is")
	}
	fmt.Fprintf(out, "subject: %s %s\nsuite:   %s %s\nmanifest: %s\ntime:    %s\nverdict: %s, %s\n",
		r.Subject.Name, r.Subject.Digest, r.Suite.Version, r.Suite.Digest, r.Manifest, r.Ended.Format("2006-01-02 15:04:05 MST"), r.Conclusion, humanize.Count(r.Planned, "requirement"))
	return nil
}

// missingRows holds a report of the built-in suite against that suite: a whole
// run reports every row of its dialects.
func missingRows(r *report.Report) error {
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		return err
	}
	if r.Suite.Digest != suite.Digest || len(r.Suite.Only) > 0 {
		return nil
	}
	reported := map[string]bool{}
	for _, row := range r.Requirements {
		reported[row.Dialect+" "+row.ID] = true
	}
	judged := map[string]bool{}
	for _, dialect := range r.Suite.Dialects {
		judged[dialect] = true
	}
	wanted := func(row catalogue.Requirement) bool {
		return judged[row.Dialect] && (r.Suite.Profile != "core" || row.Level == catalogue.Must)
	}
	if contains, known := suite.Frozen(r.Suite.Requirements); known {
		all := wanted
		wanted = func(row catalogue.Requirement) bool { return all(row) && contains(row.Dialect, row.ID) }
	}
	for _, row := range suite.Requirements {
		if wanted(row) && !reported[row.Dialect+" "+row.ID] {
			return fmt.Errorf("%s %s is missing from the report", row.Dialect, row.ID)
		}
	}
	return nil
}

func newReportKeygenCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "keygen FILE",
		Short: "Make an ed25519 key to sign reports with",
		Long: `keygen writes a private key to FILE, readable by you only, and the public key to
FILE.pub, for those who check your reports. It overwrites nothing. Both are PEM,
as openssl reads and writes them.

Exit codes: 0 done, 2 a file is there already or cannot be written, 3 no key could
be made.`,
		Example: `  dragoman report keygen key`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			private, public, err := report.NewKey(nil)
			if err != nil {
				return &exitError{code: exitEnvironment, err: err}
			}
			if err := writeNew(args[0], private, 0o600); err != nil {
				return err
			}
			if err := writeNew(args[0]+".pub", public, 0o644); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "wrote %s (keep it secret) and %s.pub\n", args[0], args[0])
			return nil
		},
	}
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, content []byte, mode os.FileMode) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

func newReportSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of JSON reports",
		Example: `  dragoman report schema >report.schema.json`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(report.Schema())
			return err
		},
	}
}
