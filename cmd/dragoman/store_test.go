package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// storeCommands returns the names of all commands that work on a store.
func storeCommands(command *cobra.Command) (names []string) {
	for _, sub := range command.Commands() {
		names = append(names, storeCommands(sub)...)
	}
	if command.Runnable() && !command.HasSubCommands() && command.Flag("data-dir") != nil {
		_, name, _ := strings.Cut(command.CommandPath(), " ")
		names = append(names, name)
	}
	return names
}

// TestOnlySomeCommandsMakeAStore: beside serve, account add, account import and restore
// make a store that does not exist. All other commands say so, and make nothing.
func TestOnlySomeCommandsMakeAStore(t *testing.T) {
	t.Parallel()
	given := t.TempDir()
	accounts, copied, source := filepath.Join(given, "accounts.yaml"), filepath.Join(given, "a.backup"), filepath.Join(given, "source")
	if err := os.WriteFile(accounts, []byte("accounts:\n- login: ann\n  password: long enough\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"account import " + accounts, "backup " + copied} {
		if output, code := dragoman(t, "", append(strings.Fields(step), "--data-dir", source)...); code != 0 {
			t.Fatalf("%s exits %d: %s", step, code, output)
		}
	}
	commands := []struct {
		name, arguments string
		makes           bool
	}{
		{"account add", "ann", true},
		{"account import", accounts, true},
		{"restore", copied, true},
		{"account apikey", "ann --name ci --permission *", false},
		{"account delete", "ann", false},
		{"account disable", "ann", false},
		{"account enable", "ann", false},
		{"account grant", "ann", false},
		{"account list", "", false},
		{"account passwd", "ann", false},
		{"account sessions", "ann", false},
		{"account supervisor", "ann", false},
		{"account totp", "ann", false},
		{"backup", filepath.Join(given, "b.backup"), false},
		{"keys list", "", false},
		{"keys rotate", "", false},
	}
	known := []string{"serve"} // which makes its store; other tests start it
	for _, command := range commands {
		known = append(known, command.name)
		t.Run(command.name, func(t *testing.T) {
			t.Parallel()
			for _, flag := range []string{"--data-dir", "--store"} {
				dir := filepath.Join(t.TempDir(), "new")
				value, file := dir, filepath.Join(dir, "dragoman.db")
				if flag == "--store" {
					value = "sqlite:" + file
				}
				args := append(strings.Fields(command.name+" "+command.arguments), flag, value)
				output, code := dragoman(t, "long enough\n", args...)
				_, err := os.Stat(dir)
				if made := err == nil; made != command.makes || (code == 0) != command.makes {
					t.Errorf("%v exits %d, and has made a store: %v\n%s", args, code, made, output)
				}
				if want := `store "sqlite:` + file + `": there is no such file; --store or --data-dir names another store, and "dragoman serve" or "dragoman account add" makes one`; !command.makes && !strings.Contains(output, want) {
					t.Errorf("%v says\n%s\nwant\n%s", args, output, want)
				}
			}
		})
	}
	for _, name := range storeCommands(newRootCommand()) {
		if !slices.Contains(known, name) {
			t.Errorf("%q works on a store and is not tried here", name)
		}
	}
}

// TestMistakesMakeNoStore: a command that makes a store first reads what it is given.
func TestMistakesMakeNoStore(t *testing.T) {
	t.Parallel()
	for command, input := range map[string]string{
		"account add ann":            "short\n",
		"account import nosuch.yaml": "",
		"restore nosuch.backup":      "",
	} {
		dir := filepath.Join(t.TempDir(), "new")
		output, code := dragoman(t, input, append(strings.Fields(command), "--data-dir", dir)...)
		if _, err := os.Stat(dir); code == 0 || !os.IsNotExist(err) {
			t.Errorf("%s exits %d (%v): %s", command, code, err, output)
		}
	}
}
