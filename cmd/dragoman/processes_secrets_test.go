package main

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/sdk/secretscan"
	"github.com/dragoman-auth/dragoman/mockserver"
)

// workplace is where programs that share a login run, and what they must not leave
// there: the password anywhere, and a token anywhere but in the store, in the
// variable DRAGOMAN_TOKEN of a program that exec starts, and, while such a program
// runs, in the file that DRAGOMAN_TOKEN_FILE names.
type workplace struct {
	home, store string
	children    string // a file: what each program saw that exec started, a line each
	account     mockserver.Account
}

func newWorkplace(t *testing.T) *workplace {
	t.Helper()
	dir := t.TempDir()
	w := &workplace{home: filepath.Join(dir, "home"), store: filepath.Join(dir, "store"), children: filepath.Join(dir, "children"),
		account: mockserver.Account{Login: "operator@example.com", Password: "a password of many words", Rights: []string{"GET /users"}}}
	if err := os.Mkdir(w.home, 0o700); err != nil {
		t.Fatal(err)
	}
	return w
}

// environment is that of the programs.
func (w *workplace) environment(mock *mockserver.Server, binary string) []string {
	return append(os.Environ(), "HOME="+w.home, "TMPDIR="+w.home, "XDG_CACHE_HOME="+w.home, "XDG_CONFIG_HOME="+w.home, "XDG_RUNTIME_DIR="+w.home,
		"CHILDREN="+w.children, "DRAGOMAN="+binary, "DRAGOMAN_URL="+mock.URL, "DRAGOMAN_DIALECT=session",
		"DRAGOMAN_LOGIN="+w.account.Login, "DRAGOMAN_PASSWORD="+w.account.Password, "DRAGOMAN_STORE="+w.store)
}

// assertNoSecret searches what all programs that have ended left behind.
func (w *workplace) assertNoSecret(t *testing.T, mock *mockserver.Server, programs []*callingProgram) {
	t.Helper()
	if slices.Contains(programs, nil) { // a program is missing, and the test says so
		return
	}
	access, refresh := mock.IssuedTokens()
	tokens := append(access, refresh...)
	secrets := append(tokens, w.account.Password)
	for name, text := range filesBelow(t, w.home) {
		if secretscan.In(name+"\n"+text, secrets...) {
			t.Errorf("the file %s holds a secret", filepath.Base(name))
		}
	}
	for _, c := range programs {
		if secretscan.In(c.said.String(), secrets...) {
			t.Errorf("%s writes a secret to its standard error", c.name)
		}
	}
	if len(programs) >= len(callers) { // one of them uses exec
		w.assertChildrenKnowTheTokenOnly(t, tokens, secrets)
	}

	kept := strings.Builder{}
	for name, text := range filesBelow(t, w.store) {
		kept.WriteString(text)
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("a file of the store: %v, %v", info, err)
		}
	}
	if secretscan.In(kept.String(), w.account.Password) {
		t.Error("the store holds the password")
	}
	if !secretscan.In(kept.String(), refresh...) {
		t.Error("the store holds no token, so this search finds none anywhere")
	}
}

// assertChildrenKnowTheTokenOnly: of the programs that exec started, those without
// --file have a token in one variable, and nothing else holds a secret.
func (w *workplace) assertChildrenKnowTheTokenOnly(t *testing.T, tokens, secrets []string) {
	t.Helper()
	reports, err := os.ReadFile(w.children)
	if err != nil {
		t.Fatal(err)
	}
	withVariable, withFile := 0, 0
	seen := map[string]bool{} // arguments and variables of all of them: most are alike
	for line := range strings.Lines(string(reports)) {
		var child struct {
			Arguments   []string          `json:"arguments"`
			Environment map[string]string `json:"environment"`
		}
		if err := json.Unmarshal([]byte(line), &child); err != nil {
			t.Fatal(err)
		}
		if token, there := child.Environment["DRAGOMAN_TOKEN"]; there {
			withVariable++
			delete(child.Environment, "DRAGOMAN_TOKEN")
			if !slices.Contains(tokens, token) {
				t.Error("DRAGOMAN_TOKEN is no token of this server")
			}
		} else {
			withFile++
		}
		for name, value := range child.Environment {
			seen[name+"="+value] = true
		}
		for _, argument := range child.Arguments {
			seen[argument] = true
		}
	}
	if withVariable == 0 || withFile == 0 {
		t.Errorf("exec started %d programs with a variable and %d with a file", withVariable, withFile)
	}
	all := slices.Sorted(maps.Keys(seen))
	if !secretscan.In(strings.Join(all, "\n"), secrets...) {
		return
	}
	for _, one := range all {
		name, _, _ := strings.Cut(one, "=")
		if secretscan.In(one, secrets...) {
			t.Errorf("of a program that exec starts, %.30s holds a secret", name)
		}
	}
}

// filesBelow are the texts of all files in a directory, by path.
func filesBelow(t *testing.T, dir string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	if err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		texts[path] = string(text)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return texts
}
