package commandline

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// completeFlags says for each flag of a command what a shell completes: the words that
// it knows, the files that [Files] named, or nothing. Without, shells offer all files.
func completeFlags(cmd *cobra.Command) {
	cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		_, files := flag.Annotations[cobra.BashCompFilenameExt]
		_, folders := flag.Annotations[cobra.BashCompSubdirsInDir]
		_, said := cmd.GetFlagCompletionFunc(flag.Name)
		if files || folders || said {
			return
		}
		if words, is := flag.Value.(interface{ choices() []string }); is {
			Values(cmd, flag.Name, words.choices)
			return
		}
		Values(cmd, flag.Name, func() []string { return nil })
	})
}

// Values lets shells complete the value of a flag with words.
func Values(cmd *cobra.Command, flag string, words func() []string) {
	complete := func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return words(), cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // the flag was added before
	}
}

// Prefixes lets shells complete the value of a flag with words that are only the
// beginning of it.
func Prefixes(cmd *cobra.Command, flag string, words ...string) {
	complete := cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace)
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // the flag was added before
	}
}

// Files lets shells complete the values of the flags of a command that are in a table:
// with files whose names end so, or with all files where no end is named.
func Files(cmd *cobra.Command, table map[string][]string) {
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if ends, files := table[flag.Name]; files {
			_ = cobra.MarkFlagFilename(cmd.Flags(), flag.Name, ends...) // the flag is there
		}
	})
}

// Folder lets shells complete the value of a flag with folders, and with words besides.
func Folder(cmd *cobra.Command, flag string, words ...string) {
	complete := func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(words) == 0 {
			return nil, cobra.ShellCompDirectiveFilterDirs
		}
		return words, cobra.ShellCompDirectiveDefault
	}
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // the flag was added before
	}
}

// Arguments completes each argument by the function of its place, and all further ones
// by the last. A nil function completes nothing.
func Arguments(places ...cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		place := places[min(len(args), len(places)-1)]
		if place == nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return place(cmd, args, begun)
	}
}

// FilesEnding completes with files whose names end so.
func FilesEnding(ends ...string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return ends, cobra.ShellCompDirectiveFilterFileExt
	}
}

// NewCompletion is the command that prints what a shell runs to complete command lines.
func NewCompletion(root *cobra.Command) *cobra.Command {
	name := root.Name()
	command := &cobra.Command{
		Use:   "completion",
		Short: "Print the completion of commands, flags and values for a shell",
		Long: `completion prints a script. A shell that has run it completes commands, flags and
values: dialects, requirements, manifests, reports.`,
		Example: "  source <(" + name + " completion bash)",
	}
	for _, shell := range []struct {
		name, once, always string
		plain, described   func(*cobra.Command) error
	}{
		{
			"bash", "source <(NAME completion bash)", "NAME completion bash >~/.local/share/bash-completion/completions/NAME",
			func(c *cobra.Command) error { return root.GenBashCompletionV2(c.OutOrStdout(), false) },
			func(c *cobra.Command) error { return root.GenBashCompletionV2(c.OutOrStdout(), true) },
		},
		{
			"zsh", "source <(NAME completion zsh)", `NAME completion zsh >"${fpath[1]}/_NAME"`,
			func(c *cobra.Command) error { return root.GenZshCompletionNoDesc(c.OutOrStdout()) },
			func(c *cobra.Command) error { return root.GenZshCompletion(c.OutOrStdout()) },
		},
		{
			"fish", "NAME completion fish | source", "NAME completion fish >~/.config/fish/completions/NAME.fish",
			func(c *cobra.Command) error { return root.GenFishCompletion(c.OutOrStdout(), false) },
			func(c *cobra.Command) error { return root.GenFishCompletion(c.OutOrStdout(), true) },
		},
		{
			"powershell", "NAME completion powershell | Out-String | Invoke-Expression", "NAME completion powershell >>$PROFILE",
			func(c *cobra.Command) error { return root.GenPowerShellCompletion(c.OutOrStdout()) },
			func(c *cobra.Command) error { return root.GenPowerShellCompletionWithDesc(c.OutOrStdout()) },
		},
	} {
		command.AddCommand(newShell(name, shell.name, shell.once, shell.always, shell.plain, shell.described))
	}
	return command
}

// newShell is the command for one shell.
func newShell(program, shell, once, always string, plain, described func(*cobra.Command) error) *cobra.Command {
	var bare bool
	command := &cobra.Command{
		Use:     shell,
		Short:   "Print the completion for " + shell,
		Long:    shell + " prints a script for " + shell + ". The first example is for the shell that runs, the second for all that start later." + besides[shell],
		Example: "  " + strings.ReplaceAll(once+"\n  "+always, "NAME", program),
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if bare {
				return plain(cmd)
			}
			return described(cmd)
		},
	}
	command.Flags().BoolVar(&bare, "no-descriptions", false, "complete without a description of each word")
	return command
}

// besides is what shells need to have for it.
var besides = map[string]string{
	"bash": " The script needs the package bash-completion.",
	"zsh":  " The script needs compinit: autoload -U compinit; compinit.",
}
