package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/conformance"
)

func newDoctorCommand() *cobra.Command {
	var flags verifyFlags
	command := &cobra.Command{
		Use:   "doctor [MANIFEST]",
		Short: "Say what keeps a server from being judged, and the fix",
		Long: `doctor starts the server that a manifest (dragoman.yaml) describes and examines it:
does it answer, can its clock be moved and is it right, does each declared account
log in, may it read what it is declared to read, is each declared path and
capability there? Each finding has its cause and its fix. It judges nothing.
"dragoman verify" does the same before it judges.

Without an argument the manifest is dragoman.yaml in the current directory. With
--reference and --in-process it examines dragoman's own reference server.

Exit codes: 0 all is well, 2 bad usage or manifest, 3 something was found.`,
		Example: `  dragoman doctor
  dragoman doctor my.yaml --dialect form`,
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: manifests,
		RunE: func(cmd *cobra.Command, args []string) error { return examine(cmd, args, flags) },
	}
	f := command.Flags()
	bindDialects(f, &flags.dialects, "examine only this dialect")
	f.DurationVar(&flags.timeout, "timeout", 30*time.Second, "how long (`DURATION`) the server may take to answer one request")
	f.BoolVar(&flags.reference, "reference", false, referenceUsage)
	f.BoolVar(&flags.inProcess, "in-process", false, inProcessUsage)
	return command
}

func examine(cmd *cobra.Command, args []string, flags verifyFlags) error {
	flags.repeat = 1
	m, options, err := verifyInput(cmd, args, flags)
	if err != nil {
		return err
	}
	found, err := conformance.Examine(cmd.Context(), m, options)
	if err != nil && cmd.Context().Err() != nil {
		return &exitError{code: exitEnvironment, err: errors.New("interrupted, before the examination was over")}
	}
	if err != nil {
		return err
	}
	if len(found) == 0 {
		fmt.Fprintln(cmd.OutOrStdout(), "all is well: the server is ready to be judged")
		return nil
	}
	for _, f := range found {
		fmt.Fprintf(cmd.OutOrStdout(), "%s\n  cause: %s\n  fix:  %s\n", f.Where, f.Cause, f.Fix)
	}
	return &exitError{code: exitEnvironment}
}
