package main

import (
	"bytes"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/commandline"
)

func newReportShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show FILE ROW...",
		Short: "Show all that a report knows about a requirement, as SES-09",
		Long: `show prints the scenarios of a requirement with their steps and, where they did not
pass, every exchange, and says which of these shows the fault. Secrets are hidden.

Exit codes: 0 shown, 2 the file is no report or has no such requirement.`,
		Example: `  dragoman report show report.json SES-09`,
		Args:    cobra.MinimumNArgs(2), ValidArgsFunction: commandline.Arguments(jsonReport, rowsOfReport),
		RunE: func(cmd *cobra.Command, args []string) error { return writeRows(cmd, args, (*report.Report).WriteRow) },
	}
}

func newReportReproduceCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reproduce FILE ROW...",
		Short: "Print a shell script that repeats what failed of a requirement",
		Long: `reproduce prints lines for sh that send again what a failed scenario has sent, and
print every answer. They get tokens by themselves, and say which secrets of the manifest to set first.
A subject that was started for the run has ended: start it again, and set
SUBJECT_HTTP (and SUBJECT_GRPC) to where it answers.

Exit codes: 0 printed, 2 the file is no report, or nothing of the requirement failed.`,
		Example: `  dragoman report reproduce report.json SCP-08 >again.sh && sh again.sh`,
		Args:    cobra.MinimumNArgs(2), ValidArgsFunction: commandline.Arguments(jsonReport, rowsOfReport),
		RunE: func(cmd *cobra.Command, args []string) error {
			return writeRows(cmd, args, (*report.Report).WriteScripts)
		},
	}
}

func newReportLogCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "log FILE",
		Short: "Print what the judged server printed",
		Long: `log prints the last of what the server wrote to its standard output and error while
it was judged, as a report keeps it where not all is well. Secrets are hidden.

Exit codes: 0 printed, 2 the file is no report or has no such text.`,
		Example: `  dragoman report log report.json | tail -20`,
		Args:    cobra.ExactArgs(1), ValidArgsFunction: commandline.Arguments(jsonReport, nil),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := readReport(args[0])
			if err != nil {
				return err
			}
			if err := r.WriteLog(cmd.OutOrStdout()); err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return nil
		},
	}
}

// writeRows writes something about rows of a report: about all of them or, by a
// mistake, about none.
func writeRows(cmd *cobra.Command, args []string, write func(r *report.Report, w io.Writer, id string) error) error {
	r, err := readReport(args[0])
	if err != nil {
		return err
	}
	var text bytes.Buffer
	for _, id := range args[1:] {
		if err := write(r, &text, id); err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
	}
	_, err = cmd.OutOrStdout().Write(text.Bytes())
	return err
}
