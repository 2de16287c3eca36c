// Package commandline is what all commands of dragoman have in common: help that fits
// a terminal of 80 columns, answers to mistyped commands, flags and values, completion
// for shells, and manual pages. It knows cobra, and no command.
package commandline

import (
	"strings"

	"github.com/spf13/cobra"
)

// exitCodes is said by each command whose own text does not tell of them.
const exitCodes = "Exit codes: 0 done, 2 not done; standard error says why."

// Finish completes a tree of commands, when all of them are in it: it adds completion
// and help, says the exit codes of each command, and lets mistakes be answered.
func Finish(root *cobra.Command) {
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(newHelp(root))
	root.InitDefaultHelpCmd()
	root.SetUsageFunc(writeUsage)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { writeHelp(cmd) })
	root.SetFlagErrorFunc(flagMistake)
	finish(root)
}

// finish completes one command, and those below it.
func finish(cmd *cobra.Command) {
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	for name, usage := range map[string]string{"help": "show this text", "version": "show the version"} {
		if flag := cmd.Flags().Lookup(name); flag != nil {
			flag.Usage = usage
		}
	}
	if cmd.Long == "" {
		cmd.Long = cmd.Short + "."
	}
	if cmd.Runnable() && !strings.Contains(cmd.Long, "Exit code") {
		cmd.Long += "\n\n" + exitCodes
	}
	cmd.Long = wrap(cmd.Long, columns)
	cmd.DisableFlagsInUseLine = cmd.HasSubCommands()
	switch {
	case cmd.HasSubCommands():
		cmd.Args = unknownCommand
	case cmd.Args != nil:
		if cmd.ValidArgsFunction == nil && cmd.ValidArgs == nil && cmd.Args(cmd, []string{"an argument"}) != nil {
			cmd.ValidArgsFunction = cobra.NoFileCompletions // it takes none
		}
		cmd.Args = argumentMistake(cmd.Args)
	}
	completeFlags(cmd)
	for _, below := range cmd.Commands() {
		finish(below)
	}
}
