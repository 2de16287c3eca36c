package main

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/clientsuite"
	"github.com/dragoman-auth/dragoman/internal/commandline"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

// The flag that chooses dialects has the same name on every command. The plural
// works too, wherever the name does: on the command line, as a variable and in the
// settings of serve.
const (
	dialectFlag   = "dialect"
	dialectPlural = "dialects"
)

// bindDialects adds the flag, with a usage that says what is done to them.
func bindDialects(f *pflag.FlagSet, chosen *[]string, usage string) {
	commandline.SomeOf(f, chosen, dialectFlag, manifest.DialectNames(), usage+" (`DIALECT`): session, form, rpc or scoped (repeatable)")
	f.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName { return pflag.NormalizedName(flagName(name)) })
}

// bindPrefixes adds the flag for path prefixes of dialects.
func bindPrefixes(f *pflag.FlagSet, prefixes *[]string) {
	f.StringSliceVar(prefixes, "prefix", nil, "serve a dialect below a path (`DIALECT=PATH`), as form=/api for /api/login (repeatable)")
}

// flagName is the flag that a name stands for.
func flagName(name string) string {
	if name == dialectPlural {
		return dialectFlag
	}
	return name
}

// fileFlags are the flags that take a file, with the ends of the names of such files.
var fileFlags = map[string][]string{
	"config": {"yaml", "yml"}, "stub": {"yaml", "yml", "json"}, "output": {"yaml", "yml"}, "address-file": nil,
	"json": {"json"}, "html": {"html"}, "junit": {"xml"}, "messages": {"ndjson"}, "sarif": {"sarif"},
	"code-quality": {"json"}, "summary": {"md"}, "badge": {"svg", "json"}, "sign": nil, "key": {"pub"},
	"tls-cert": {"crt", "pem"}, "tls-key": {"key", "pem"}, "admin-tls-cert": {"crt", "pem"}, "admin-tls-key": {"key", "pem"}, "audit": nil, "admin-password-file": nil, "check": nil, "sums": nil,
}

// completeStore completes the flags that name a server's store, where a command has them.
func completeStore(cmd *cobra.Command) {
	if cmd.Flags().Lookup("data-dir") == nil && cmd.PersistentFlags().Lookup("data-dir") == nil {
		return // --store of the others is a store of tokens
	}
	kinds := []cobra.Completion{storeurl.Memory, storeurl.SQLite, "postgres://"}
	commandline.Prefixes(cmd, "store", kinds...)
	commandline.Folder(cmd, "data-dir")
}

// manifests completes the argument of a command that takes a manifest.
var manifests = commandline.Arguments(commandline.FilesEnding("yaml", "yml"), nil)

// serverRows are the ids of the rows of servers.
func serverRows() []string {
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		return nil // the suite is whole, as its tests say; here it only has to be quiet
	}
	return suite.IDs()
}

// clientRows are the ids of the rows of clients.
func clientRows() []string {
	suite, err := catalogue.LoadClients(features.ClientFS, clientsuite.Known)
	if err != nil {
		return nil
	}
	return suite.IDs()
}

// versionsOfRows are the versions whose rows are frozen.
func versionsOfRows() []string {
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		return nil
	}
	return suite.Versions()
}

// rowsOfReport completes ids that the report in the first argument has, and that no
// argument names yet.
func rowsOfReport(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const nothingElse = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	r, err := readReport(args[0])
	if err != nil {
		return nil, nothingElse
	}
	broken := func(row report.Requirement) bool { return row.Verdict == report.Fail || row.Verdict == report.Warn }
	var first, then []cobra.Completion
	for _, row := range r.Requirements {
		switch {
		case slices.Contains(args[1:], row.ID) || slices.Contains(first, row.ID) || slices.Contains(then, row.ID):
		case broken(row):
			first = append(first, row.ID)
		default:
			then = append(then, row.ID)
		}
	}
	return append(first, then...), nothingElse
}
