package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/needs"
)

// completed is what "dragoman __complete" offers for a line, without descriptions, and
// what shells shall do with it.
func completed(t *testing.T, words ...string) (offers []string, directive string) {
	t.Helper()
	said, _ := runWant(t, 0, append([]string{"__completeNoDesc"}, words...)...)
	lines := strings.Split(strings.TrimSpace(said), "\n")
	return lines[:len(lines)-1], lines[len(lines)-1]
}

// Directives of cobra, as numbers.
const (
	filesToo   = ":0"
	noFiles    = ":4"  // no files beside the offers
	fileEnds   = ":8"  // the offers are ends of names
	folders    = ":16" // folders only
	asSorted   = ":36" // no files, in this order
	everything = "*"   // in a row: there are offers, whatever they are
)

// TestCompletion completes the last word of each line.
func TestCompletion(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.json")
	runWant(t, 0, "verify", "--in-process", "--only", "FRM-08,SES-01", "--json", file)
	dialects := []string{"session", "form", "rpc", "scoped"}
	for line, want := range map[string]struct {
		offers    []string
		directive string
	}{
		"acc":                              {[]string{"account"}, noFiles},
		"account ":                         {[]string{"add", "apikey", "delete", "disable", "enable", "grant", "import", "list", "passwd", "sessions", "supervisor", "totp"}, noFiles},
		"account add ":                     {nil, noFiles},
		"account add ann --email ":         {nil, noFiles},
		"account import ":                  {[]string{"yaml", "yml", "json"}, fileEnds},
		"account list --store ":            {[]string{"memory:", "sqlite:", "postgres://"}, ":6"},
		"account list --data-dir ":         {nil, folders},
		"backup ":                          {nil, filesToo},
		"call --dialect ":                  {dialects, noFiles},
		"call --store ":                    {[]string{"keyring", "none"}, filesToo},
		"call --ca ":                       {[]string{"pem", "crt"}, fileEnds},
		"call --password-file ":            {nil, filesToo},
		"completion ":                      {[]string{"bash", "fish", "powershell", "zsh"}, noFiles},
		"completion bash ":                 {nil, noFiles},
		"doctor ":                          {[]string{"yaml", "yml"}, fileEnds},
		"doctor my.yaml ":                  {nil, noFiles},
		"exec -- ":                         {nil, filesToo},
		"help acc":                         {[]string{"account"}, noFiles},
		"help keys ":                       {[]string{"list", "rotate"}, noFiles},
		"help exit":                        {[]string{"exit-codes"}, noFiles},
		"init --dockerfile ":               {nil, folders},
		"keys rotate ":                     {[]string{"secret", "rs256"}, noFiles},
		"man --dir ":                       {nil, folders},
		"mock --misuse ":                   {[]string{"off", "warn", "fail"}, noFiles},
		"mock --stub ":                     {[]string{"yaml", "yml", "json"}, fileEnds},
		"report diff ":                     {[]string{"json"}, fileEnds},
		"report diff a.json ":              {[]string{"json"}, fileEnds},
		"report diff a.json b.json ":       {nil, noFiles},
		"report reproduce " + file + " ":   {[]string{"SES-01", "FRM-08"}, asSorted},
		"report show ":                     {[]string{"json"}, fileEnds},
		"report show " + file + " FRM-08 ": {[]string{"SES-01"}, asSorted},
		"report verify ":                   {[]string{"json"}, fileEnds},
		"selftest --mutant ":               {[]string{everything}, noFiles},
		"serve --config ":                  {[]string{"yaml", "yml"}, fileEnds},
		"serve --dialect ":                 {dialects, noFiles},
		"serve --dialects ":                {dialects, noFiles},
		"serve --listen ":                  {nil, noFiles},
		"token --format ":                  {[]string{"plain", "json", "kubectl", "git"}, noFiles},
		"verify ":                          {[]string{"yaml", "yml"}, fileEnds},
		"verify --dia":                     {[]string{"--dialect"}, noFiles},
		"verify --dialect ":                {dialects, noFiles},
		"verify --html ":                   {[]string{"html"}, fileEnds},
		"verify --only ":                   {serverRows(), noFiles},
		"verify --profile ":                {[]string{"core", "extended"}, noFiles},
		"verify --replay ":                 {serverRows(), noFiles},
		"verify --requirements ":           {versionsOfRows(), noFiles},
		"verify --timeout ":                {nil, noFiles},
		"verify-client --only ":            {clientRows(), noFiles},
		"verify-client --without ":         {capabilityNames(), noFiles},
		"version --key ":                   {[]string{"pub"}, fileEnds},
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			offers, directive := completed(t, strings.Split(line, " ")...)
			all := len(want.offers) == 1 && want.offers[0] == everything
			if directive != want.directive || all && len(offers) < 100 || !all && !slices.Equal(offers, want.offers) {
				t.Errorf("it offers %v (%s), want %v (%s)", offers, directive, want.offers, want.directive)
			}
		})
	}
	if len(serverRows()) < 100 || len(clientRows()) < 50 || len(versionsOfRows()) < 2 {
		t.Error("the suites have too few rows: the lines above prove almost nothing")
	}
}

// TestCompletionInBash lets a real bash complete lines with the script, as the key Tab
// does.
func TestCompletionInBash(t *testing.T) {
	t.Parallel()
	bash := needs.Program(t, "bash")
	script := filepath.Join(t.TempDir(), "completion")
	said, _ := runWant(t, 0, "completion", "bash")
	if err := os.WriteFile(script, []byte(said), 0o600); err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	for _, name := range []string{"mine.yaml", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(work, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for line, want := range map[string]string{
		"dragoman acc":                       "account",
		"dragoman verify --dialect s":        "scoped session",
		"dragoman verify --only SCP-0":       "SCP-01 SCP-02 SCP-03 SCP-04 SCP-05 SCP-06 SCP-07 SCP-08 SCP-09",
		"dragoman token --format ":           "git json kubectl plain",
		"dragoman call --store keyr":         "keyring",
		"dragoman verify ":                   "mine.yaml",
		"dragoman account list --store sqli": "sqlite:",
	} {
		// The package bash-completion brings these two; what stands for them does what
		// the script needs of them.
		command := exec.CommandContext(t.Context(), bash, "--norc", "-c", `
			shopt -s extglob
			_get_comp_words_by_ref() { words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=${words[cword]}; prev=${words[cword-1]}; }
			_init_completion() { COMPREPLY=(); _get_comp_words_by_ref; }
			_filedir() { COMPREPLY+=($(compgen -f -X "!*.@($1)" -- "$cur")); }
			__ltrim_colon_completions() { :; }
			source "$1"
			complete -p dragoman | grep -q __start_dragoman || exit 3
			COMP_LINE=$2 COMP_POINT=${#2} COMP_TYPE=9 COMP_KEY=9
			read -ra COMP_WORDS <<<"$2"
			[[ $2 != *' ' ]] || COMP_WORDS+=("")
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
			compopt() { :; }
			__start_dragoman
			printf '%s\n' "${COMPREPLY[@]}" | sed 's/ *(.*//; s/ *$//' | LC_ALL=C sort`, "bash", script, line)
		command.Dir = work
		command.Env = append(os.Environ(), "PATH="+filepath.Dir(ownBinary(t))+string(os.PathListSeparator)+os.Getenv("PATH"))
		out, err := command.CombinedOutput()
		if got := strings.Join(strings.Fields(string(out)), " "); err != nil || got != want {
			t.Errorf("%q is completed with %q (%v), want %q", line, got, err, want)
		}
	}
}

// TestCompletionScripts are those of cobra, for each shell, with and without
// descriptions.
func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for shell, want := range map[string]string{"bash": "__start_dragoman", "zsh": "#compdef dragoman", "fish": "complete -c dragoman", "powershell": "Register-ArgumentCompleter"} {
		long, _ := runWant(t, 0, "completion", shell)
		short, _ := runWant(t, 0, "completion", shell, "--no-descriptions")
		if !strings.Contains(long, want) || !strings.Contains(short, "__completeNoDesc") || strings.Contains(long, "__completeNoDesc") {
			t.Errorf("the script for %s is another", shell)
		}
	}
}
