package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain makes this binary dragoman itself where it goes by that name, and a
// program that uses the SDK by another, so that nothing is compiled for the tests
// that start processes, and the race detector sees those, too.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "dragoman":
		main() // does not return
	case goCaller:
		if err := callAsSDK(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// ownBinary is the path of this binary under the name of dragoman.
func ownBinary(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "dragoman")
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestCommandsThatNeedAVerb: without one they say which there are, and fail. What a
// script takes from their output is empty.
func TestCommandsThatNeedAVerb(t *testing.T) {
	t.Parallel()
	groups := 0
	for _, command := range newRootCommand().Commands() {
		if !command.HasSubCommands() {
			continue
		}
		groups++
		verb := command.Commands()[0].Name()
		if said, problem := runWant(t, exitUsage, command.Name()); !strings.Contains(problem, "\n  "+verb) || said != "" {
			t.Errorf("%s says\n%s%s", command.Name(), said, problem)
		}
		if _, problem := runWant(t, exitUsage, command.Name(), "nonsense"); !strings.Contains(problem, `unknown command "nonsense" for "dragoman `+command.Name()+`"`) {
			t.Errorf("%s nonsense says %s", command.Name(), problem)
		}
		runWant(t, 0, command.Name(), "--help")
	}
	if groups < 4 {
		t.Errorf("%d commands have others below them", groups)
	}
}

// TestDialectFlag: the flag has one name, and the plural works too.
func TestDialectFlag(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"verify", "doctor", "init", "serve", "mock"} {
		command, _, err := newRootCommand().Find([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		if err := command.ParseFlags([]string{"--dialect", "session", "--dialects", "form,rpc"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := command.Flag("dialect").Value.String(); got != "session,form,rpc" {
			t.Errorf("%s takes %s", name, got)
		}
		if usage := command.UsageString(); !strings.Contains(usage, "--dialect DIALECT") || strings.Contains(usage, "--dialects") {
			t.Errorf("%s says\n%s", name, usage)
		}
	}
}

// TestHelpSaysDurationsInWords where it is not an example of what to type.
func TestHelpSaysDurationsInWords(t *testing.T) {
	t.Parallel()
	for command, wants := range map[string][]string{
		"keys":        {"signs after 20 seconds"},
		"keys rotate": {"after 20 seconds, when", "(default 91 days)"},
		"account":     {"within 1 second for", "SQLite 200 ms later"},
	} {
		said, _ := runWant(t, 0, append(strings.Fields(command), "--help")...)
		said = strings.Join(strings.Fields(said), " ")
		for _, want := range wants {
			if !strings.Contains(said, want) {
				t.Errorf("%s lacks %q:\n%s", command, want, said)
			}
		}
	}
}

// TestServeHelpNamesOtherFlags: pflag sorts the flags, so that "there" and
// "that" point nowhere.
func TestServeHelpNamesOtherFlags(t *testing.T) {
	t.Parallel()
	said, _ := runWant(t, 0, "serve", "--help")
	_, flags, _ := strings.Cut(said, "\nFlags:\n")
	flags = strings.Join(strings.Fields(flags), " ")
	for _, want := range []string{"at the address of --admin, too", "after --drain-delay has passed", "private key of --tls-cert"} {
		if !strings.Contains(flags, want) {
			t.Errorf("it lacks %q:\n%s", want, flags)
		}
	}
}
