package house_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/pages"
)

// programs are those that pages may call. A reader has them, or the page says where
// they come from.
var programs = []string{
	"dragoman", "make", "go", "git", "cd", "kill", "cat", "curl", "docker", "python3", "node", "sh", "openssl",
	"createuser", "createdb", "useradd", "install", "systemctl", "sudo",
}

// ours are paths inside of this repository.
var ours = regexp.MustCompile(`^(?:\./)?(?:cmd|conformance|docs|examples|features|internal|mockserver|reference|sdk)(?:/|$)`)

// TestConsoleBlocks reads each command as a shell does, and looks for what it names:
// programs that pages may call, files and folders of this repository, tests.
func TestConsoleBlocks(t *testing.T) {
	atRoot(t)
	t.Parallel()
	commands := 0
	for _, block := range blocksOf(t, "console") {
		found, err := block.Commands()
		if err != nil {
			t.Error(err)
		}
		if err == nil && len(found) == 0 {
			t.Errorf("%s:%d: a console block shows commands, each behind \"$ \"", block.Page, block.Line)
		}
		for _, command := range found {
			commands++
			for _, call := range command.Calls {
				if problem := mistaken(t, call); problem != "" {
					t.Errorf("%s:%d: %s", command.Page, command.Line, problem)
				}
			}
		}
	}
	if commands < 50 {
		t.Errorf("%d commands: this test checks next to nothing", commands)
	}
}

// mistaken says what is wrong with a call, or "".
func mistaken(t *testing.T, call pages.Call) string {
	t.Helper()
	program := path.Base(call.Words[0])
	if !slices.Contains(programs, program) {
		return "pages do not call " + program + "; if they should, name it in programs"
	}
	for _, word := range call.Words[1:] {
		if ours.MatchString(word) {
			if _, err := os.Stat(strings.TrimSuffix(word, "/...")); err != nil {
				return err.Error()
			}
		}
	}
	if program != "go" {
		return ""
	}
	if i := slices.Index(call.Words, "-run"); i > 0 && i+1 < len(call.Words) && !testLike(t, call.Words[i+1]) {
		return "no test is called " + call.Words[i+1]
	}
	if last := call.Words[len(call.Words)-1]; call.Words[1] == "get" && !strings.HasPrefix(last, module) {
		return "go get of " + last + ", which is not this module"
	}
	return ""
}

// testLike says whether the name of some test begins like this.
func testLike(t *testing.T, name string) bool {
	t.Helper()
	for _, pattern := range []string{"*/*_test.go", "*/*/*_test.go", "*/*/*/*_test.go", "*/*/*/*/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.Contains(read(t, file), "func "+strings.Trim(name, "^$")) {
				return true
			}
		}
	}
	return false
}
