// Package needs says what a test needs from the machine beyond Go: programs, a
// database, a container engine. Where it is missing, the test is skipped with a
// reason that says how to get it. With CI=true in the environment the test fails
// instead, because what is skipped there is never run anywhere.
//
// What there is to install, and how, is in .ci/tools. How a thing is used is
// left to the tests.
package needs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Installed by "make tools".
const tools = `"make tools" installs it`

// daemons is where Debian puts programs that are no users' own, off their PATH.
const daemons = "/usr/sbin"

// Program returns the path of a program: the first of the names that is found in
// [Path] or /usr/sbin. It ends the test where there is none.
func Program(t testing.TB, names ...string) string {
	t.Helper()
	for _, name := range names {
		for _, folder := range append(filepath.SplitList(Path(t)), daemons) {
			if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil && folder != "" {
				return path
			}
		}
	}
	missing(t, names[0], tools)
	return ""
}

// Programs ends the test where one of the programs is missing.
func Programs(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		Program(t, name)
	}
}

// Path is where programs are looked for, in the form of the variable PATH: its
// folders, then .bin at the root of this repository.
func Path(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for root := folder; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return os.Getenv("PATH") + string(filepath.ListSeparator) + filepath.Join(root, ".bin")
		}
		if root == filepath.Dir(root) {
			t.Fatalf("no go.mod in %s or above", folder)
		}
	}
}

// PostgreSQL ends the test unless err is nil. It is why no server can be started.
func PostgreSQL(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		missing(t, "PostgreSQL", fmt.Sprintf("%s (%s)", tools, firstLine(err)))
	}
}

// Engine ends the test unless err is nil. It is why no container engine answers.
func Engine(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		missing(t, "a container engine", fmt.Sprintf("install Docker and start it (%s)", firstLine(err)))
	}
}

// Host ends the test. The reason says which address this machine lacks.
func Host(t testing.TB, reason string) {
	t.Helper()
	missing(t, "another address", reason)
}

// Whole says whether a test goes through all of a long table, as it does in CI. Elsewhere
// a part of it is enough that is of every kind, and so it is with the race detector.
func Whole() bool { return os.Getenv("CI") != "" && !Raced }

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// missing ends the test.
func missing(t testing.TB, what, remedy string) {
	t.Helper()
	reason := fmt.Sprintf("needs %s: %s", what, remedy)
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s; with CI=true nothing is skipped", reason)
	}
	t.Skip(reason) //nolint:forbidigo // the one place
}
