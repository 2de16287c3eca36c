package commandline

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// writeHelp prints the whole help of a command.
func writeHelp(cmd *cobra.Command) {
	out := cmd.OutOrStdout()
	fmt.Fprintln(out, strings.TrimSpace(cmd.Long))
	if cmd.Runnable() || cmd.HasSubCommands() {
		fmt.Fprintf(out, "\n%s", usageOf(cmd))
	}
}

// writeUsage prints the help without the description.
func writeUsage(cmd *cobra.Command) error {
	_, err := io.WriteString(cmd.OutOrStderr(), usageOf(cmd))
	return err
}

func usageOf(cmd *cobra.Command) string {
	var out strings.Builder
	out.WriteString("Usage:\n" + synopsis(cmd) + "\n")
	if cmd.HasExample() {
		out.WriteString("\nExamples:\n" + cmd.Example + "\n")
	}
	for _, group := range cmd.Groups() {
		writeCommands(&out, cmd, group.Title, func(c *cobra.Command) bool { return c.GroupID == group.ID })
	}
	title := "Commands:"
	if len(cmd.Groups()) > 0 {
		title = "More:"
	}
	writeCommands(&out, cmd, title, func(c *cobra.Command) bool { return c.GroupID == "" })
	if cmd.HasAvailableLocalFlags() {
		out.WriteString("\nFlags:\n" + listFlags(cmd.LocalFlags()))
	}
	if cmd.HasAvailableInheritedFlags() {
		out.WriteString("\nFlags of all commands of \"" + cmd.Parent().CommandPath() + "\":\n" + listFlags(cmd.InheritedFlags()))
	}
	if cmd.HasAvailableSubCommands() {
		out.WriteString("\n\"" + cmd.CommandPath() + " COMMAND --help\" says more about a command.\n")
	}
	return out.String()
}

// synopsis is the line of usage, on more lines where it is long.
func synopsis(cmd *cobra.Command) string {
	line := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		line = cmd.CommandPath() + " COMMAND"
	}
	label := "  " + cmd.CommandPath() + " "
	return strings.TrimRight(hang(label, strings.TrimPrefix(line, cmd.CommandPath()), columns), " ")
}

// writeCommands lists the commands below cmd that are wanted, if there are any.
func writeCommands(out *strings.Builder, cmd *cobra.Command, title string, wanted func(*cobra.Command) bool) {
	var lines []string
	for _, below := range cmd.Commands() {
		listed := below.IsAvailableCommand() || below.IsAdditionalHelpTopicCommand()
		if listed && wanted(below) {
			lines = append(lines, hang(fmt.Sprintf("  %-*s  ", below.NamePadding(), below.Name()), below.Short, columns))
		}
	}
	if len(lines) > 0 {
		out.WriteString("\n" + title + "\n" + strings.Join(lines, "\n") + "\n")
	}
}

// newHelp is "dragoman help". Cobra's own succeeds for commands that do not exist.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND...]",
		Short:   "Show the help of a command, as --help does",
		Example: "  " + root.Name() + " help\n  " + root.Name() + " help exit-codes",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, err := descend(root, args)
			if err != nil {
				return err
			}
			found.SetOut(cmd.OutOrStdout())
			return found.Help()
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			found, err := descend(root, args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []cobra.Completion
			for _, below := range found.Commands() {
				if strings.HasPrefix(below.Name(), begun) && (below.IsAvailableCommand() || below.IsAdditionalHelpTopicCommand()) {
					names = append(names, cobra.CompletionWithDesc(below.Name(), below.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// descend follows names down a tree.
func descend(cmd *cobra.Command, names []string) (*cobra.Command, error) {
	for i, name := range names {
		at := -1
		for j, below := range cmd.Commands() {
			if below.Name() == name {
				at = j
			}
		}
		if at < 0 {
			return nil, unknownCommand(cmd, names[i:])
		}
		cmd = cmd.Commands()[at]
	}
	return cmd, nil
}
