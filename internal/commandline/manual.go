package commandline

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// epochVariable is the time of all that a build makes, in seconds since 1970
// (https://reproducible-builds.org/specs/source-date-epoch/).
const epochVariable = "SOURCE_DATE_EPOCH"

// NewManual is the command that writes the manual pages of a tree. Cobra's package doc
// would read the texts as Markdown: it fills the lines that are to stay as they are, gives
// the page the day of the build, and leaves pages out that only explain.
func NewManual(root *cobra.Command, version string) *cobra.Command {
	var folder string
	command := &cobra.Command{
		Use:   "man --dir DIR",
		Short: "Write the manual pages, one for each command, into a folder",
		Long: `man writes the help of all commands as manual pages, with names such as
` + root.Name() + `-verify.1. Those of one version are always the same; $` + epochVariable + `, in
seconds since 1970, gives them a date.`,
		Example: "  " + root.Name() + " man --dir man1 && man -l man1/" + root.Name() + ".1",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if folder == "" {
				return fmt.Errorf("--dir is missing: the folder for the pages")
			}
			date, err := epoch(os.Getenv(epochVariable))
			if err != nil {
				return err
			}
			if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // pages are for all to read
				return err
			}
			return writeManual(root, folder, version, date)
		},
	}
	command.Flags().StringVar(&folder, "dir", "", "the `DIR` to write into; it is made where it is missing")
	Folder(command, "dir")
	return command
}

// epoch is the day that a text of seconds since 1970 names, or "".
func epoch(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return "", fmt.Errorf("$%s is no number of seconds: %w", epochVariable, err)
	}
	return time.Unix(seconds, 0).UTC().Format(time.DateOnly), nil
}

func writeManual(cmd *cobra.Command, folder, version, date string) error {
	if !cmd.IsAvailableCommand() && !cmd.IsAdditionalHelpTopicCommand() {
		return nil
	}
	path := filepath.Join(folder, pageName(cmd)+".1")
	if err := os.WriteFile(path, []byte(page(cmd, version, date)), 0o644); err != nil { //nolint:gosec // see above
		return err
	}
	for _, below := range cmd.Commands() {
		if err := writeManual(below, folder, version, date); err != nil {
			return err
		}
	}
	return nil
}

func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// page is the manual page of a command, in the language of man(7).
func page(cmd *cobra.Command, version, date string) string {
	var out strings.Builder
	fmt.Fprintf(&out, ".TH %q 1 %q %q %q\n", strings.ToUpper(pageName(cmd)), date, version, cmd.Root().Name())
	fmt.Fprintf(&out, ".SH NAME\n%s \\- %s\n", roff(pageName(cmd)), roff(cmd.Short))
	if cmd.Runnable() {
		line := cmd.UseLine()
		if cmd.HasAvailableSubCommands() {
			line = cmd.CommandPath() + " COMMAND"
		}
		fmt.Fprintf(&out, ".SH SYNOPSIS\n.B %s\n%s\n", roff(cmd.CommandPath()), roff(strings.TrimSpace(strings.TrimPrefix(line, cmd.CommandPath()))))
	}
	out.WriteString(".SH DESCRIPTION\n" + paragraphs(strings.TrimSpace(cmd.Long)))
	flags(&out, "OPTIONS", cmd.LocalFlags())
	if cmd.HasAvailableInheritedFlags() {
		flags(&out, "OPTIONS OF ALL COMMANDS OF "+strings.ToUpper(cmd.Parent().CommandPath()), cmd.InheritedFlags())
	}
	if cmd.HasExample() {
		out.WriteString(".SH EXAMPLES\n" + strings.TrimPrefix(paragraphs(cmd.Example), ".PP\n"))
	}
	related(&out, cmd)
	return strings.ReplaceAll(out.String(), "\n\n", "\n")
}

// flags describes flags, in the order of their names.
func flags(out *strings.Builder, title string, set *pflag.FlagSet) {
	begun := false
	set.VisitAll(func(flag *pflag.Flag) {
		if flag.Hidden {
			return
		}
		if !begun {
			fmt.Fprintf(out, ".SH %s\n", title)
			begun = true
		}
		value, usage := described(flag)
		names := `\fB` + roff("--"+flag.Name) + `\fR`
		if flag.Shorthand != "" {
			names = `\fB` + roff("-"+flag.Shorthand) + `\fR, ` + names
		}
		if value != "" {
			names += ` \fI` + roff(value) + `\fR`
		}
		fmt.Fprintf(out, ".TP\n%s\n%s\n", names, roff(usage))
	})
}

// related names the pages around a command.
func related(out *strings.Builder, cmd *cobra.Command) {
	var names []string
	if cmd.HasParent() {
		names = append(names, pageName(cmd.Parent()))
	}
	for _, below := range cmd.Commands() {
		if below.IsAvailableCommand() || below.IsAdditionalHelpTopicCommand() {
			names = append(names, pageName(below))
		}
	}
	for i, name := range names {
		if i == 0 {
			out.WriteString(".SH SEE ALSO\n")
		}
		end := ","
		if i == len(names)-1 {
			end = ""
		}
		fmt.Fprintf(out, ".BR %s (1)%s\n", roff(name), end)
	}
}

// paragraphs writes text: lines that begin with a space are shown as they are.
func paragraphs(text string) string {
	var out strings.Builder
	shown := false
	for _, line := range strings.Split(text, "\n") {
		if is := strings.HasPrefix(line, " "); is != shown && line != "" {
			out.WriteString(map[bool]string{true: ".PP\n.EX\n", false: ".EE\n.PP\n"}[is])
			shown = is
		}
		if line == "" {
			out.WriteString(".PP\n")
			continue
		}
		out.WriteString(roff(line) + "\n")
	}
	if shown {
		out.WriteString(".EE\n")
	}
	return strings.NewReplacer(".PP\n.EE\n.PP\n", ".EE\n.PP\n", ".PP\n.PP\n", ".PP\n").Replace(out.String())
}

// roff writes text so that it stands for itself.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", "\\(ga", "^", `\(ha`, "~", `\(ti`).Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}
