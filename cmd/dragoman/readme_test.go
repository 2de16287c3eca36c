package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestDocumentedCommandsExist reads the documents for commands and flags of
// dragoman, in code spans and in console blocks, and looks for each.
func TestDocumentedCommandsExist(t *testing.T) {
	t.Parallel()
	commands := 0
	for _, path := range documents(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range codeOf(string(text)) {
			if strings.HasPrefix(code, "--") && !someCommandHas(strings.Fields(code)) {
				t.Errorf("%s: no command has %s", path, code)
			}
			code = databaseTool.ReplaceAllString(code, "") // its user and database are called dragoman
			for _, match := range regexp.MustCompile(`(?:^|[\s/])dragoman(?::dev)? ([^&|;<>#]+)`).FindAllStringSubmatch(code, -1) {
				commands++
				if problem := misused(strings.Fields(match[1])); problem != "" {
					t.Errorf("%s: %s: %s", path, code, problem)
				}
			}
		}
	}
	if commands < 10 {
		t.Errorf("the documents name dragoman %d times: this test checks next to nothing", commands)
	}
}

// documents are the paths of the Markdown files that speak of the command.
func documents(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*/*.md"} {
		found, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	return paths
}

var (
	consoleBlock = regexp.MustCompile("(?ms)^```(?:console|sh)\n(.*?)^```$")
	otherBlock   = regexp.MustCompile("(?ms)^```.*?^```$")
	databaseTool = regexp.MustCompile(`create(?:user|db) [^&|;]*`)
	codeSpan     = regexp.MustCompile("`([^`\n]+)`")
)

// codeOf is what a document shows as code: the commands of console blocks, and
// the spans of its prose.
func codeOf(text string) []string {
	var code []string
	for _, block := range consoleBlock.FindAllStringSubmatch(text, -1) {
		for line := range strings.Lines(block[1]) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				code = append(code, strings.TrimSpace(command))
			}
		}
	}
	for _, span := range codeSpan.FindAllStringSubmatch(otherBlock.ReplaceAllString(text, ""), -1) {
		code = append(code, span[1])
	}
	return code
}

// misused says what is wrong with the words after "dragoman", or "".
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
