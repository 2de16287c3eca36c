package needs_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/needs"
)

// ending is a test that notes how it ends.
type ending struct {
	testing.TB
	said string
}

func (e *ending) Skip(args ...any) {
	e.said = "skip: " + fmt.Sprint(args...)
	runtime.Goexit()
}

func (e *ending) Fatalf(format string, args ...any) {
	e.said = "fail: " + fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// end runs a test to its end and returns what it says there; "" if it goes on to
// its last line.
func end(t *testing.T, test func(testing.TB)) string {
	e := &ending{TB: t}
	over := make(chan struct{})
	go func() {
		defer close(over)
		test(e)
	}()
	<-over
	return e.said
}

func TestWhatIsMissing(t *testing.T) {
	for reason, test := range map[string]func(testing.TB){
		`needs no-such-program: "make tools" installs it`: func(t testing.TB) { needs.Program(t, "no-such-program", "nor-this") },
		`needs not-there: "make tools" installs it`:       func(t testing.TB) { needs.Programs(t, "sh", "not-there") },
		`needs PostgreSQL: "make tools" installs it (no initdb)`: func(t testing.TB) {
			needs.PostgreSQL(t, errors.New("no initdb"))
		},
		`needs a container engine: install Docker and start it (it is down)`: func(t testing.TB) {
			needs.Engine(t, errors.New("it is down\nstack"))
		},
		`needs another address: this machine has no ::1`: func(t testing.TB) { needs.Host(t, "this machine has no ::1") },
	} {
		t.Setenv("CI", "")
		if got := end(t, test); got != "skip: "+reason {
			t.Errorf("it ends with %q, want a skip: %s", got, reason)
		}
		t.Setenv("CI", "true")
		if got := end(t, test); got != "fail: "+reason+"; with CI=true nothing is skipped" {
			t.Errorf("with CI=true it ends with %q, want a failure: %s", got, reason)
		}
	}
}

func TestWhatIsThere(t *testing.T) {
	folder := t.TempDir()
	installed := filepath.Join(folder, "installed-program")
	if err := os.WriteFile(installed, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder)
	for _, names := range [][]string{{"installed-program"}, {"no-such-program", "installed-program"}} {
		if got := needs.Program(t, names...); got != installed {
			t.Errorf("%v is found at %q, want %s", names, got, installed)
		}
	}
	if said := end(t, func(t testing.TB) { needs.PostgreSQL(t, nil); needs.Engine(t, nil) }); said != "" {
		t.Errorf("what is there ends the test: %s", said)
	}
}

// TestPathEndsInThisRepository: tools that are installed without root are found,
// from every folder.
func TestPathEndsInThisRepository(t *testing.T) {
	folders := filepath.SplitList(needs.Path(t))
	bin := folders[len(folders)-1]
	if filepath.Base(bin) != ".bin" {
		t.Fatalf("the path ends in %s", bin)
	}
	if text, err := os.ReadFile(filepath.Join(filepath.Dir(bin), "go.mod")); err != nil || !strings.HasPrefix(string(text), "module github.com/dragoman-auth/dragoman\n") {
		t.Errorf("%s is not in this repository: %v", bin, err)
	}
	t.Chdir(t.TempDir())
	if said := end(t, func(t testing.TB) { needs.Path(t) }); !strings.HasPrefix(said, "fail: no go.mod in ") {
		t.Errorf("outside of it the test ends with %q", said)
	}
}
