package house_test

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// programs are those that pages may call. A reader has them, or the page says where
// they come from.
var programs = []string{
	"dragoman", "make", "go", "git", "cd", "kill", "cat", "cp", "curl", "docker", "python3", "node", "sh", "openssl",
	"createuser", "createdb", "useradd", "install", "umask", "systemctl", "sudo",
}

// ours are paths inside of this repository.
var ours = regexp.MustCompile(`^(?:\./)?(?:cmd|conformance|docs|examples|features|internal|mockserver|reference|sdk)(?:/|$)`)

// TestConsoleBlocks reads each command as a shell does, and looks for what it names:
// programs that pages may call, files and folders of this repository.
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
				if problem := mistaken(call); problem != "" {
					t.Errorf("%s:%d: %s", command.Page, command.Line, problem)
				}
			}
		}
	}
	if commands < 50 {
		t.Errorf("%d commands: this test checks almost nothing", commands)
	}
}

// mistaken says what is wrong with a program and its arguments, or "".
func mistaken(call []string) string {
	program := path.Base(call[0])
	if !slices.Contains(programs, program) {
		return "pages do not call " + program + "; if they should, name it in programs"
	}
	for _, word := range call[1:] {
		if ours.MatchString(word) {
			if _, err := os.Stat(strings.TrimSuffix(word, "/...")); err != nil {
				return err.Error()
			}
		}
	}
	return ""
}
