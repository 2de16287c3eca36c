package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// eachCommand calls do for the root and everything below it.
func eachCommand(do func(*cobra.Command)) int {
	seen := 0
	var walk func(*cobra.Command)
	walk = func(command *cobra.Command) {
		seen++
		do(command)
		for _, below := range command.Commands() {
			walk(below)
		}
	}
	walk(newRootCommand())
	return seen
}

// TestEveryCommandExplainsItself: each says in a line what it does, then at length, shows
// an example, tells its exit codes, and fits a terminal of 80 columns.
func TestEveryCommandExplainsItself(t *testing.T) {
	t.Parallel()
	seen := eachCommand(func(command *cobra.Command) {
		path := command.CommandPath()
		if command.Short == "" || strings.ContainsAny(command.Short, "\n") || strings.HasSuffix(command.Short, ".") {
			t.Errorf("%s: its short description is %q", path, command.Short)
		}
		args := append(strings.Fields(path)[1:], "--help")
		said, _ := runWant(t, 0, args...)
		for i, line := range strings.Split(said, "\n") {
			if utf8.RuneCountInString(line) > 80 {
				t.Errorf("%s --help, line %d has more than 80 columns: %s", path, i+1, line)
			}
			if strings.TrimRight(line, " \t") != line || strings.Contains(line, "\t") {
				t.Errorf("%s --help, line %d ends with spaces or has tabs: %q", path, i+1, line)
			}
		}
		if command.IsAdditionalHelpTopicCommand() {
			return
		}
		if !command.HasExample() || !strings.Contains(command.Example, path) {
			t.Errorf("%s has no example of itself", path)
		}
		if !strings.Contains(said, "Exit code") {
			t.Errorf("%s does not tell its exit codes", path)
		}
		words := strings.Join(strings.Fields(said), " ")
		for _, lost := range missingWords(command, words) {
			t.Errorf("%s --help lacks %q", path, lost)
		}
	})
	if seen < 45 {
		t.Errorf("%d commands: this test checks almost nothing", seen)
	}
}

// missingWords are the texts of a command, its flags and their defaults that its help
// does not show.
func missingWords(command *cobra.Command, help string) (missing []string) {
	want := func(text string) {
		if text = strings.Join(strings.Fields(text), " "); !strings.Contains(help, text) {
			missing = append(missing, text)
		}
	}
	want(command.Long)
	want(command.Example)
	for _, below := range command.Commands() {
		if below.IsAvailableCommand() {
			want(below.Name() + " " + below.Short)
		}
	}
	command.Flags().VisitAll(func(flag *pflag.Flag) {
		value, _ := pflag.UnquoteUsage(flag)
		usage := regexp.MustCompile(" ?\\(`[A-Z=]+`\\)").ReplaceAllString(flag.Usage, "") // the value's name alone
		want("--" + strings.TrimSpace(flag.Name+" "+value) + " " + strings.ReplaceAll(usage, "`", ""))
		if flag.Value.Type() != "bool" && value != strings.ToUpper(value) {
			missing = append(missing, "a name in capitals for the value of --"+flag.Name)
		}
		if !slices.Contains([]string{"", "false", "0", "0s", "[]"}, flag.DefValue) && !strings.Contains(help, "(default "+flag.DefValue) {
			missing = append(missing, "default "+flag.DefValue+" of --"+flag.Name)
		}
	})
	return missing
}

// TestExamplesAreRight reads each line of each example that calls dragoman as dragoman
// reads a command line.
func TestExamplesAreRight(t *testing.T) {
	t.Parallel()
	lines := 0
	call := regexp.MustCompile(`^(?:\w+='[^']*' )?dragoman (.*)$`)
	eachCommand(func(command *cobra.Command) {
		for _, line := range strings.Split(strings.ReplaceAll(command.Example, "\\\n", ""), "\n") {
			found := call.FindStringSubmatch(strings.Join(strings.Fields(line), " "))
			if found == nil {
				continue
			}
			lines++
			text, _, _ := strings.Cut(found[1], " >")
			for _, end := range []string{" <", " | ", " && "} {
				text, _, _ = strings.Cut(text, end)
			}
			if problem := refused(words(text)); problem != "" {
				t.Errorf("%s: %s: %s", command.CommandPath(), line, problem)
			}
		}
	})
	if lines < 55 {
		t.Errorf("the examples show %d calls of dragoman: this test checks almost nothing", lines)
	}
}

// words splits a line of an example as a shell does, where quotes are simple.
func words(line string) (all []string) {
	for _, word := range regexp.MustCompile(`'[^']*'|\S+`).FindAllString(line, -1) {
		all = append(all, strings.Trim(word, "'"))
	}
	return all
}

// TestRootHelpFitsAScreen, and shows the commands in groups.
func TestRootHelpFitsAScreen(t *testing.T) {
	t.Parallel()
	said, _ := runWant(t, 0, "--help")
	if lines := strings.Count(said, "\n"); lines > 50 {
		t.Errorf("it has %d lines:\n%s", lines, said)
	}
	for _, group := range []string{"\nCall a back office:\n  ", "\nJudge a server or a client:\n  ", "\nServe the dialects:\n  ", "\nMore:\n  completion"} {
		if !strings.Contains(said, group) {
			t.Errorf("it lacks %q:\n%s", group, said)
		}
	}
}

// TestHelpIsTheSameEverywhere: nothing in it is taken from the environment.
func TestHelpIsTheSameEverywhere(t *testing.T) {
	before, _ := runWant(t, 0, "call", "--help")
	for _, name := range []string{"DRAGOMAN_DIALECT", "DRAGOMAN_URL", "DRAGOMAN_LOGIN", "DRAGOMAN_STORE"} {
		t.Setenv(name, "session")
	}
	if after, _ := runWant(t, 0, "call", "--help"); after != before {
		t.Errorf("it says\n%s", after)
	}
}

// TestMistypedLines: each ends with exit code 2 and one line, which says what to do.
func TestMistypedLines(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"acount add ann":                       `unknown command "acount" for "dragoman"; did you mean "dragoman account"? "dragoman --help" lists them`,
		"acount add ann --email a@b.c":         `unknown command "acount" for "dragoman"; did you mean "dragoman account"? "dragoman --help" lists them`,
		"account ad ann":                       `unknown command "ad" for "dragoman account"; did you mean "dragoman account add"? "dragoman account --help" lists them`,
		"account ad ann --email a@b.c":         `did you mean "dragoman account add"?`,
		"diff a b":                             `did you mean "dragoman report diff"?`,
		"veri":                                 `unknown command "veri" for "dragoman"; did you mean "dragoman verify"?`,
		"frobnicate":                           `unknown command "frobnicate" for "dragoman"; "dragoman --help" lists them`,
		"help acount":                          `did you mean "dragoman account"?`,
		"help account ad":                      `did you mean "dragoman account add"?`,
		"completion bahs":                      `did you mean "dragoman completion bash"?`,
		"verify --jsn x":                       `unknown flag --jsn for "dragoman verify"; did you mean --json?`,
		"verify -json x":                       `unknown flag -json for "dragoman verify"; did you mean --json?`,
		"verify --in":                          `did you mean --in-process?`,
		"verify --frobnicate":                  `unknown flag --frobnicate for "dragoman verify"; "dragoman verify --help" lists them`,
		"verify -q":                            `unknown flag -q for "dragoman verify"; "dragoman verify --help" lists them`,
		"verify --json":                        `flag needs an argument: --json; "dragoman verify --help" shows how it is used`,
		"verify --workers many":                `--workers: "many" is not a whole number`,
		"verify --timeout 5":                   `--timeout: "5" is not a duration, as 90s, 15m or 2h30m`,
		"verify --dialect frm":                 `--dialect: "frm" is not session, form, rpc or scoped; did you mean "form"?`,
		"verify --dialect session,frm":         `did you mean "form"?`,
		"call --dialect frm /":                 `did you mean "form"?`,
		"verify --profile cor":                 `--profile: "cor" is not core or extended; did you mean "core"?`,
		"verify --in-process --only SES-0":     `no requirement "SES-0"; did you mean SES-01?`,
		"verify --in-process --requirements 7": `no requirements "7"; there are those of 1.0`,
		"verify-client --without grcp -- x":    `did you mean "grpc"?`,
		"token --format jsn":                   `--format: "jsn" is not plain, json, kubectl or git; did you mean "json"?`,
		"mock --misuse fial":                   `--misuse: "fial" is not off, warn or fail; did you mean "fail"?`,
		"keys rotate secre":                    `"secre" is not secret or rs256; did you mean "secret"?`,
		"keys list --store sqlit:x":            `did you mean "sqlite:"?`,
		"keys list --store memory":             `did you mean "memory:"?`,
		"call --store keyrin --url http://127.0.0.1 --login a --dialect form /": `--store keyrin: did you mean keyring?`,
		"selftest --mutant x":             `there is no mutant and no variant "x"`,
		"report show nowhere.json SES-01": `no such file`,
		"account add":                     `accepts 1 argument, received 0; the usage is: dragoman account add LOGIN [flags]`,
		"serve now":                       `unexpected argument "now"; the usage is: dragoman serve [flags]`,
		"man":                             `--dir is missing`,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			said, problem := runWant(t, exitUsage, strings.Fields(line)...)
			if said != "" || !strings.Contains(problem, want) || strings.Count(problem, "\n") != 1 || !strings.HasPrefix(problem, "dragoman: ") {
				t.Errorf("stdout %q, stderr:\n%s", said, problem)
			}
		})
	}
}

// TestManualPages are written for each command, and are the same each time.
func TestManualPages(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1790000000")
	one, other := t.TempDir(), filepath.Join(t.TempDir(), "new", "man1")
	runWant(t, 0, "man", "--dir", one)
	runWant(t, 0, "man", "--dir", other)
	pages, err := os.ReadDir(other)
	if err != nil {
		t.Fatal(err)
	}
	if commands := eachCommand(func(*cobra.Command) {}); len(pages) != commands-1 { // all but help
		t.Errorf("%d pages for %d commands", len(pages), commands)
	}
	for _, page := range pages {
		first, err := os.ReadFile(filepath.Join(one, page.Name()))
		if err != nil {
			t.Fatal(err)
		}
		second, err := os.ReadFile(filepath.Join(other, page.Name()))
		if err != nil || string(first) != string(second) {
			t.Errorf("%s is not the same twice (%v)", page.Name(), err)
		}
		for _, want := range []string{`" 1 "2026-09-21" "` + version + `"`, "\n.SH NAME\n", "\n.SH DESCRIPTION\n", "\n.SH SEE ALSO\n"} {
			if !strings.Contains(string(first), want) {
				t.Errorf("%s lacks %q", page.Name(), want)
			}
		}
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	if _, problem := runWant(t, exitUsage, "man", "--dir", one); !strings.Contains(problem, "$SOURCE_DATE_EPOCH is no number of seconds") {
		t.Errorf("it says %s", problem)
	}
}
