package main

import "github.com/spf13/pflag"

// The flag that chooses dialects has the same name on every command. The plural
// works too, wherever the name does: on the command line, as a variable and in the
// settings of serve.
const (
	dialectFlag   = "dialect"
	dialectPlural = "dialects"
)

// bindDialects adds the flag, with a usage that says what is done to them.
func bindDialects(f *pflag.FlagSet, chosen *[]string, usage string) {
	f.StringSliceVar(chosen, dialectFlag, nil, usage+": session, form, rpc or scoped (repeatable)")
	f.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName { return pflag.NormalizedName(flagName(name)) })
}

// bindPrefixes adds the flag for path prefixes of dialects.
func bindPrefixes(f *pflag.FlagSet, prefixes *[]string) {
	f.StringSliceVar(prefixes, "prefix", nil, "serve a dialect below a path, as form=/api for /api/login (repeatable)")
}

// flagName is the flag that a name stands for.
func flagName(name string) string {
	if name == dialectPlural {
		return dialectFlag
	}
	return name
}
