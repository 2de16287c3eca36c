package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/pflag"

	"github.com/dragoman-auth/dragoman/internal/commandline"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

const configFlag = "config"

// variable is the environment's name of a flag: listen is DRAGOMAN_LISTEN.
func variable(flag string) string {
	return "DRAGOMAN_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// A setting comes from the first place that has it: flag, environment, file,
// default.

// applySettings sets the flags that the command line does not set: from the
// environment, then from the file of --config. An empty variable is the same as an
// unset one. A key of the file is the name of a flag; an unknown one is an error.
func applySettings(flags *pflag.FlagSet, lookup func(string) (string, bool)) error {
	settable := map[string]*pflag.Flag{}
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Name != "help" {
			settable[flag.Name] = flag
		}
	})
	for _, name := range slices.Sorted(maps.Keys(settable)) {
		flag := settable[name]
		value, _ := lookup(variable(name))
		if name == dialectFlag {
			plural, _ := lookup(variable(dialectPlural))
			if value != "" && plural != "" {
				return fmt.Errorf("$%s and $%s are one; leave $%[2]s out", variable(dialectFlag), variable(dialectPlural))
			}
			value = cmp.Or(value, plural)
		}
		if flag.Changed || value == "" || slices.Contains(storePlaces, name) { // the store reads its own
			continue
		}
		if err := flags.Set(name, value); err != nil {
			return fmt.Errorf("$%s: %w", variable(name), commandline.Reason(err))
		}
	}
	path := settable[configFlag].Value.String()
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("--%s: %w", configFlag, err)
	}
	delete(settable, configFlag)
	if placed(flags, lookup) { // one of them on the command line overrides both in the file
		for _, name := range storePlaces {
			if flag := settable[name]; flag != nil { // not of every command
				flag.Changed = true
			}
		}
	}
	if err := applyFile(flags, settable, text); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// storePlaces both name the store, so that one of them overrides both.
var storePlaces = []string{"store", "data-dir"}

func placed(flags *pflag.FlagSet, lookup func(string) (string, bool)) bool {
	return slices.ContainsFunc(storePlaces, func(name string) bool {
		value, _ := lookup(variable(name))
		return flags.Changed(name) || value != ""
	})
}

func applyFile(flags *pflag.FlagSet, settable map[string]*pflag.Flag, text []byte) error {
	settings := map[string]any{}
	if err := yaml.Unmarshal(text, &settings); err != nil {
		return errors.New("this is no YAML of the form \"flag: value\"") // the text may hold a password
	}
	if _, both := settings[dialectPlural]; both && settings[dialectFlag] != nil {
		return fmt.Errorf("the keys %q and %q are one; leave %[2]q out", dialectFlag, dialectPlural)
	}
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		flag := settable[flagName(key)]
		if flag == nil {
			known := slices.Sorted(maps.Keys(settable))
			meant := ""
			if near, found := humanize.Nearest(key, known); found {
				meant = fmt.Sprintf("did you mean %q? ", near)
			}
			return fmt.Errorf("unknown key %q; %sthe keys are %s", key, meant, strings.Join(known, ", "))
		}
		if flag.Changed {
			continue
		}
		if err := applyValue(flags, flag, settings[key]); err != nil {
			return fmt.Errorf("key %q: %w", key, commandline.Reason(err))
		}
	}
	return nil
}

func applyValue(flags *pflag.FlagSet, flag *pflag.Flag, value any) error {
	switch value := value.(type) {
	case nil:
		return errors.New(`it has no value; "" is the empty one`)
	case map[string]any:
		return errors.New("it takes a value, not more keys")
	case []any:
		list, takesMany := flag.Value.(pflag.SliceValue)
		if !takesMany {
			return errors.New("it takes one value, not a list")
		}
		texts := make([]string, len(value))
		for i, one := range value {
			texts[i] = fmt.Sprint(one)
		}
		flag.Changed = true
		return list.Replace(texts)
	default:
		return flags.Set(flag.Name, fmt.Sprint(value))
	}
}
