package commandline_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dragoman-auth/dragoman/internal/commandline"
)

// tree is a small program: top with the command deep, which has the command leaf.
func tree(leaf *cobra.Command) *cobra.Command {
	top := &cobra.Command{Use: "top", Short: "Top", SilenceErrors: true, SilenceUsage: true}
	deep := &cobra.Command{Use: "deep", Short: "Deep"}
	deep.AddCommand(leaf)
	top.AddCommand(deep, commandline.NewManual(top, "v1"))
	commandline.Finish(top)
	return top
}

func said(t *testing.T, top *cobra.Command, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	top.SetArgs(args)
	top.SetOut(&out)
	top.SetErr(&out)
	err := top.ExecuteContext(t.Context())
	return out.String(), err
}

func run(*cobra.Command, []string) error { return nil }

// TestHelpFillsLines: paragraphs are filled anew, indented lines stay as they are.
func TestHelpFillsLines(t *testing.T) {
	t.Parallel()
	leaf := &cobra.Command{Use: "leaf", Short: "Leaf", RunE: run, Args: cobra.NoArgs, Example: "  top deep leaf"}
	leaf.Long = "One line\nand more of it" + strings.Repeat(" words", 14) + ".\n\n  shown   as it is\n\nThe end."
	leaf.Flags().String("name", "x y", "what (`NAME`) it is"+strings.Repeat(" called", 12))
	leaf.Flags().BoolP("quick", "q", false, "be quick")
	got, err := said(t, tree(leaf), "deep", "leaf", "--help")
	const want = `One line and more of it words words words words words words words words words
words words words words words.

  shown   as it is

The end.

Exit codes: 0 done, 2 not done; standard error says why.

Usage:
  top deep leaf [flags]

Examples:
  top deep leaf

Flags:
  -h, --help       show this text
      --name NAME  what it is called called called called called called called
                   called called called called called (default x y)
  -q, --quick      be quick
`
	if err != nil || got != want {
		t.Errorf("it says (%v)\n%s\nwant\n%s", err, got, want)
	}
}

// TestOwnExitCodesStay, and the others are added.
func TestOwnExitCodesStay(t *testing.T) {
	t.Parallel()
	got, _ := said(t, tree(&cobra.Command{Use: "leaf", Short: "Leaf", RunE: run, Long: "Leaf.\n\nExit codes: 7 always."}), "help", "deep", "leaf")
	if strings.Count(got, "Exit codes") != 1 || !strings.Contains(got, "7 always") {
		t.Errorf("it says\n%s", got)
	}
}

// TestChoices are held by all ways to set them.
func TestChoices(t *testing.T) {
	t.Parallel()
	words := []string{"red", "green", "blue"}
	var one string
	var some []string
	set := pflag.NewFlagSet("paint", pflag.ContinueOnError)
	commandline.OneOf(set, &one, "one", "red", words, "")
	commandline.SomeOf(set, &some, "some", words, "")
	for _, args := range [][]string{{"--one", "grey"}, {"--one="}, {"--some", "red,grey"}, {"--some", "red,"}} {
		if err := set.Parse(args); err == nil || !strings.Contains(err.Error(), "is not red, green or blue") {
			t.Errorf("%v: %v", args, err)
		}
	}
	if err := set.Parse([]string{"--one", "blue", "--some=", "--some", "green,red", "--some", "blue"}); err != nil || one != "blue" || strings.Join(some, " ") != "green red blue" {
		t.Errorf("%s, %v (%v)", one, some, err)
	}
	list := set.Lookup("some").Value.(pflag.SliceValue)
	if err := list.Replace([]string{"red"}); err != nil || len(some) != 1 || len(list.GetSlice()) != 1 {
		t.Errorf("%v (%v)", some, err)
	}
	if list.Append("grey") == nil || list.Replace([]string{"grey"}) == nil {
		t.Error("a list takes a word that it does not know")
	}
	if err := commandline.Known("gren", words); err == nil || err.Error() != `"gren" is not red, green or blue; did you mean "green"?` {
		t.Error(err)
	}
}

// TestAMistakeShowsNoPassword: some programs take one behind a letter, and what is typed
// for them is not repeated.
func TestAMistakeShowsNoPassword(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"-phunter2":      `unknown flag -p for "top deep leaf"; "top deep leaf --help" lists them`,
		"-żhunter2":      `unknown flag -ż for`,
		"--pass=hunter2": `unknown flag --pass for`,
		"-quikc":         `unknown flag -quikc for "top deep leaf"; did you mean --quick?`,
	} {
		leaf := &cobra.Command{Use: "leaf", Short: "Leaf", RunE: run}
		leaf.Flags().Bool("quick", false, "be quick")
		_, err := said(t, tree(leaf), "deep", "leaf", args)
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", args, err)
		}
	}
}

// TestManualQuotes: no text of a command is taken for a request of roff.
func TestManualQuotes(t *testing.T) {
	leaf := &cobra.Command{Use: "leaf FILE", Short: "Leaf - a leaf", RunE: run, Example: "  top deep leaf 'a\\b'\n\n  .hidden"}
	leaf.Long = ".TH is no title.\n'quoted'\n\n  .shown as-is \\fB\n\nMore."
	leaf.Flags().Int("count", 3, "how many (`N`)")
	folder := t.TempDir()
	t.Setenv("SOURCE_DATE_EPOCH", "0")
	if out, err := said(t, tree(leaf), "man", "--dir", folder); err != nil {
		t.Fatal(err, out)
	}
	got, err := os.ReadFile(filepath.Join(folder, "top-deep-leaf.1"))
	const want = `.TH "TOP-DEEP-LEAF" 1 "1970-01-01" "v1" "top"
.SH NAME
top\-deep\-leaf \- Leaf \- a leaf
.SH SYNOPSIS
.B top deep leaf
FILE [flags]
.SH DESCRIPTION
\&.TH is no title. \(aqquoted\(aq
.PP
.EX
  .shown as\-is \efB
.EE
.PP
More.
.PP
Exit codes: 0 done, 2 not done; standard error says why.
.SH OPTIONS
.TP
\fB\-\-count\fR \fIN\fR
how many (default 3)
.TP
\fB\-h\fR, \fB\-\-help\fR
show this text
.SH EXAMPLES
.EX
  top deep leaf \(aqa\eb\(aq
.PP
  .hidden
.EE
.SH SEE ALSO
.BR top\-deep (1)
`
	if err != nil || string(got) != want {
		t.Errorf("the page is (%v)\n%s", err, got)
	}
}
