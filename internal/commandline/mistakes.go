package commandline

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// unknownCommand checks the arguments of a command that only has commands below it:
// what is left is the name of none.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	path := cmd.CommandPath()
	meant := ""
	if near := nearestCommand(cmd, args[0]); near != "" {
		meant = fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf("unknown command %q for %q%s \"%s --help\" lists them", args[0], path, orSemicolon(meant), path)
}

// orSemicolon separates two parts of a sentence, where a question mark does not.
func orSemicolon(meant string) string {
	if meant == "" {
		return ";"
	}
	return meant
}

// nearestCommand is the command line that a mistyped name most likely stands for: a
// command below cmd, or one of that very name elsewhere in the tree.
func nearestCommand(cmd *cobra.Command, name string) string {
	var names, begun []string
	for _, below := range cmd.Commands() {
		if !below.IsAvailableCommand() {
			continue
		}
		names = append(names, below.Name())
		if name != "" && strings.HasPrefix(below.Name(), strings.ToLower(name)) {
			begun = append(begun, below.Name())
		}
	}
	path := cmd.CommandPath() + " "
	if len(begun) == 1 {
		return path + begun[0]
	}
	if near, found := humanize.Nearest(name, names); found {
		return path + near
	}
	return anywhere(cmd.Root(), name)
}

// anywhere is the path of the first command of a name, from the top, or "".
func anywhere(cmd *cobra.Command, name string) string {
	for _, below := range cmd.Commands() {
		if below.Name() == name && below.IsAvailableCommand() {
			return below.CommandPath()
		}
	}
	for _, below := range cmd.Commands() {
		if found := anywhere(below, name); found != "" {
			return found
		}
	}
	return ""
}

// argumentMistake says which arguments a command takes, where check refuses those that
// there are.
func argumentMistake(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		if err == nil {
			return nil
		}
		problem := strings.NewReplacer("arg(s)", "arguments", "1 arg(s)", "1 argument").Replace(err.Error())
		if strings.HasPrefix(problem, "unknown command") { // what cobra says for any argument that is too many
			problem = fmt.Sprintf("unexpected argument %q", args[0])
		}
		return fmt.Errorf("%s; the usage is: %s", problem, cmd.UseLine())
	}
}

// flagMistake answers what cannot be parsed as flags.
func flagMistake(cmd *cobra.Command, err error) error {
	if before := cmd.Flags().Args(); cmd.HasSubCommands() && len(before) > 0 {
		return unknownCommand(cmd, before) // the flags are those of the mistyped command
	}
	path := cmd.CommandPath()
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		given, name := "--"+unknown.GetSpecifiedName(), unknown.GetSpecifiedName()
		if short := unknown.GetSpecifiedShortnames(); short != "" {
			given, name = "-"+short, short
		}
		if near := nearestFlag(cmd, name); near != "" {
			return fmt.Errorf("unknown flag %s for %q; did you mean --%s?", given, path, near)
		}
		if unknown.GetSpecifiedShortnames() != "" {
			given = "-" + string([]rune(name)[:1]) // what follows may be a password, as in -pSECRET
		}
		return fmt.Errorf("unknown flag %s for %q; \"%s --help\" lists them", given, path, path)
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return fmt.Errorf("--%s: %w", invalid.GetFlag().Name, Reason(err))
	}
	return fmt.Errorf("%w; \"%s --help\" shows how it is used", err, path)
}

// nearestFlag is the flag that a mistyped name most likely stands for, or "".
func nearestFlag(cmd *cobra.Command, name string) string {
	var names, begun []string
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if flag.Hidden {
			return
		}
		names = append(names, flag.Name)
		if len(name) > 1 && strings.HasPrefix(flag.Name, name) {
			begun = append(begun, flag.Name)
		}
	})
	if len(begun) == 1 {
		return begun[0]
	}
	if len(name) < 2 {
		return "" // a letter is near to everything
	}
	near, _ := humanize.Nearest(name, names)
	return near
}

// kinds say what the values of a type of flags look like.
var kinds = map[string]string{
	"int": "a whole number", "uint64": "a whole number, not negative", "bool": "true or false",
	"duration": "a duration, as 90s, 15m or 2h30m",
}

// Reason says what is wrong with the value of a flag, without the name of the flag. An
// error about anything else stays as it is.
func Reason(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	if kind, known := kinds[invalid.GetFlag().Value.Type()]; known {
		return fmt.Errorf("%q is not %s", invalid.GetValue(), kind)
	}
	return invalid.Unwrap()
}
