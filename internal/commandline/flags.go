package commandline

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"
)

// named is a name for the value of a flag that stands in its usage for nothing else.
var named = regexp.MustCompile(" \\(`[^`]+`\\)")

// described is the name of a flag's value, and what its usage says. The name stands
// between backquotes in the usage; where they stand in parentheses, both are left out.
func described(flag *pflag.Flag) (value, usage string) {
	value, usage = pflag.UnquoteUsage(flag)
	if found := named.FindString(flag.Usage); found != "" {
		usage = strings.Replace(flag.Usage, found, "", 1)
	}
	return value, usage + initial(flag)
}

// initial says the value that a flag has at the beginning, where that says something.
func initial(flag *pflag.Flag) string {
	switch flag.DefValue {
	case "", "false", "0", "0s", "[]":
		return ""
	}
	return " (default " + flag.DefValue + ")"
}

// listFlags describes flags in two columns, in the order of their names.
func listFlags(set *pflag.FlagSet) string {
	var labels, texts []string
	widest := 0
	set.VisitAll(func(flag *pflag.Flag) {
		if flag.Hidden {
			return
		}
		value, usage := described(flag)
		label := "      --" + flag.Name
		if flag.Shorthand != "" {
			label = "  -" + flag.Shorthand + ", --" + flag.Name
		}
		if value != "" {
			label += " " + value
		}
		labels, texts = append(labels, label), append(texts, usage)
		widest = max(widest, utf8.RuneCountInString(label))
	})
	var out strings.Builder
	for i, label := range labels {
		out.WriteString(hang(fmt.Sprintf("%-*s  ", widest, label), texts[i], columns) + "\n")
	}
	return out.String()
}
