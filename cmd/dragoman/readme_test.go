package main

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/internal/pages"
)

// documents are the pages of the repository.
func documents(t *testing.T) []pages.Page {
	t.Helper()
	all, err := pages.Read(os.DirFS(filepath.Join("..", "..")))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestDocumentedCommands reads each console block of each page as a shell does, and
// each command of dragoman in it as dragoman does: command, flags with their values,
// number of arguments.
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	commands := 0
	for _, block := range pages.BlocksIn(documents(t), "console") {
		found, err := block.Commands()
		if err != nil {
			t.Error(err)
		}
		for _, command := range found {
			for _, call := range command.Calls {
				words, ours := dragomanOf(call)
				if !ours {
					continue
				}
				commands++
				if problem := refused(words); problem != "" {
					t.Errorf("%s:%d: %s", command.Page, command.Line, problem)
				}
			}
		}
	}
	if commands < 40 {
		t.Errorf("the pages show %d commands of dragoman: this test checks almost nothing", commands)
	}
}

// dragomanOf are the words behind dragoman, where a call starts it: by itself, as
// another user, or in a container of docker run and docker compose run.
func dragomanOf(words []string) ([]string, bool) {
	start := func(word string) bool {
		return path.Base(word) == "dragoman" || words[0] == "docker" && regexp.MustCompile(`^dragoman(?::\w+|\d)$`).MatchString(word)
	}
	switch {
	case path.Base(words[0]) == "dragoman":
		return words[1:], true
	case words[0] == "sudo" && words[1] == "-u":
		words = words[2:] // the user may be called dragoman
		return words[2:], len(words) > 1 && start(words[1])
	case words[0] == "docker" && slices.Contains(words, "run"):
		i := slices.IndexFunc(words, start)
		return words[i+1:], i > 0
	}
	return nil, false
}

// refused says why dragoman would not take a command line, or "".
func refused(words []string) string {
	command, rest, err := newRootCommand().Find(words)
	if err != nil {
		return err.Error()
	}
	if !command.HasParent() && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		return "no command " + rest[0]
	}
	command.InitDefaultHelpFlag()
	command.InitDefaultVersionFlag()
	if err := command.ParseFlags(rest); err != nil {
		return command.CommandPath() + ": " + err.Error()
	}
	if err := command.ValidateArgs(command.Flags().Args()); err != nil {
		return command.CommandPath() + ": " + err.Error()
	}
	return ""
}

// TestDocumentedSpans looks for the commands and flags that pages name in their prose.
func TestDocumentedSpans(t *testing.T) {
	t.Parallel()
	commands := 0
	for _, page := range documents(t) {
		for _, span := range codeSpan.FindAllStringSubmatch(page.Prose(), -1) {
			code := span[1]
			if strings.HasPrefix(code, "--") && !someCommandHas(strings.Fields(code)) && !besides(t, page.Path, code) {
				t.Errorf("%s: no command has %s", page.Path, code)
			}
			if words := strings.Fields(code); len(words) > 1 && path.Base(words[0]) == "dragoman" {
				commands++
				if problem := misused(words[1:]); problem != "" {
					t.Errorf("%s: %s: %s", page.Path, code, problem)
				}
			}
		}
	}
	if commands < 20 {
		t.Errorf("the pages name %d commands: this test checks almost nothing", commands)
	}
}

// besides says whether a program in the folder of a page has a flag: the page of an
// example speaks of the flags of the example.
func besides(t *testing.T, page, flag string) bool {
	t.Helper()
	folder := path.Dir(page)
	if !strings.HasPrefix(folder, "examples/") {
		return false
	}
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(folder), "server.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), strings.TrimPrefix(flag, "--")) {
			return true
		}
	}
	return false
}

// TestDocumentedSettings reads each serve.yaml that a page shows as serve does.
func TestDocumentedSettings(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, block := range pages.BlocksIn(documents(t), "yaml") {
		if !strings.HasPrefix(block.Text, "# serve.yaml\n") {
			continue
		}
		seen++
		file := filepath.Join(t.TempDir(), "serve.yaml")
		if err := os.WriteFile(file, []byte(block.Text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := applySettings(serveSettings(t, []string{"serve", "--config", file}), nothing); err != nil {
			t.Errorf("%s:%d: %v", block.Page, block.Line, err)
		}
	}
	if seen == 0 {
		t.Error("no page shows settings of serve")
	}
}

// TestDocumentedPipelines reads the commands of each .gitlab-ci.yml that a page shows, and
// looks whether dragoman writes the files that the pipeline keeps.
func TestDocumentedPipelines(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, block := range pages.BlocksIn(documents(t), "yaml") {
		if !strings.HasPrefix(block.Text, "# .gitlab-ci.yml\n") {
			continue
		}
		var jobs map[string]struct {
			Script    []string
			Artifacts struct {
				Paths   []string
				Reports map[string]string
			}
		}
		if err := yaml.Unmarshal([]byte(block.Text), &jobs); err != nil {
			t.Errorf("%s:%d: %v", block.Page, block.Line, err)
		}
		for name, job := range jobs {
			lines := pages.Block{Page: block.Page, Line: block.Line, Text: "$ " + strings.Join(job.Script, "\n$ ") + "\n"}
			commands, err := lines.Commands()
			if err != nil {
				t.Error(err)
			}
			var written []string
			for _, command := range commands {
				for _, call := range command.Calls {
					if words, ours := dragomanOf(call); ours {
						seen++
						written = append(written, words...)
						if problem := refused(words); problem != "" {
							t.Errorf("%s:%d: job %s: %s", block.Page, block.Line, name, problem)
						}
					}
				}
			}
			for _, file := range append(slices.Collect(maps.Values(job.Artifacts.Reports)), job.Artifacts.Paths...) {
				if !slices.Contains(written, file) {
					t.Errorf("%s:%d: job %s keeps %s, which no command of dragoman writes", block.Page, block.Line, name, file)
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no page shows a pipeline")
	}
}

var codeSpan = regexp.MustCompile("`([^`\n]+)`")

// misused says what is wrong with the words after "dragoman" in prose, which may leave
// out what a command line has, or "".
func misused(words []string) string {
	command, rest, err := newRootCommand().Find(words)
	if err != nil {
		return err.Error()
	}
	if !command.HasParent() && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		return "no command " + rest[0]
	}
	for _, word := range rest {
		if word == "--" {
			break // what follows is another program's
		}
		if strings.HasPrefix(word, "--") && !has(command, word) {
			return command.CommandPath() + " has no flag " + word
		}
	}
	return ""
}

// someCommandHas says whether one command has all the flags among words.
func someCommandHas(words []string) bool {
	var search func(*cobra.Command) bool
	search = func(command *cobra.Command) bool {
		lacks := func(word string) bool { return strings.HasPrefix(word, "--") && !has(command, word) }
		return !slices.ContainsFunc(words, lacks) || slices.ContainsFunc(command.Commands(), search)
	}
	return search(newRootCommand())
}

// has says whether a command takes a flag, given as --name or --name=value.
func has(command *cobra.Command, word string) bool {
	command.InitDefaultHelpFlag()
	command.InitDefaultVersionFlag()
	name, _, _ := strings.Cut(strings.TrimPrefix(word, "--"), "=")
	return command.Flag(name) != nil || command.InheritedFlags().Lookup(name) != nil
}
