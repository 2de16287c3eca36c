package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestHunt: two packages, of which one has two rounds and the other five; a test
// of the first fails wherever there are 2 processors, one of the second once.
func TestHunt(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	runs := map[string][]int{}
	h := hunt{out: &out, atOnce: 1, run: func(_ context.Context, p pkg, procs int) ([]byte, error) {
		runs[p.path] = append(runs[p.path], procs)
		switch {
		case p.path == "first" && procs == 2:
			return []byte("--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/b (0.00s)\n"), errors.New("exit status 1")
		case p.path == "second" && len(runs[p.path]) == 6:
			return []byte("panic: oh\n"), errors.New("exit status 2")
		}
		return nil, nil
	}}
	packages, rounds := []pkg{{path: "first"}, {path: "second"}}, []int{2, 5}
	h.rounds = func(time.Duration) int { return rounds[len(h.plans)] }
	h.unloaded(t.Context(), packages)
	h.busy(t.Context(), packages)
	err := h.conclude()
	if !slices.Equal(runs["first"], []int{0, 1, 2}) || !slices.Equal(runs["second"], []int{0, 1, 2, 8, 1, 2}) {
		t.Errorf("the runs had so many processors: %v", runs)
	}
	if err == nil || err.Error() != "2 ever red" {
		t.Errorf("it ends with %v", err)
	}
	for _, want := range []string{
		"\n== red: first TestA/b\nround 2, GOMAXPROCS=2, exit status 1\n--- FAIL: TestA", "\n== red: second (the package)\nround 5, GOMAXPROCS=2, exit status 2\npanic: oh\n",
		"\nred 1 times in 3 runs: first TestA/b\nred 1 times in 6 runs: second (the package)\nstress: 2 packages, 9 runs, 2 ever red\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}
}

// TestAtOnce: under load as many run at a time as it says, without load one, and none
// beside itself.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		running, most, itself := map[string]int{}, map[bool]int{}, 0
		h := hunt{out: io.Discard, atOnce: 3, rounds: func(time.Duration) int { return 2 }, run: func(_ context.Context, p pkg, procs int) ([]byte, error) {
			mu.Lock()
			running[p.path]++
			most[procs > 0] = max(most[procs > 0], len(running))
			itself = max(itself, running[p.path])
			mu.Unlock()
			<-time.After(time.Minute)
			mu.Lock()
			defer mu.Unlock()
			if running[p.path]--; running[p.path] == 0 {
				delete(running, p.path)
			}
			return nil, nil
		}}
		for _, packages := range [][]pkg{{{path: "first"}, {path: "second"}, {path: "third"}, {path: "fourth"}}, {{path: "alone"}}} {
			h.plans = nil
			h.unloaded(t.Context(), packages)
			h.busy(t.Context(), packages)
		}
		if err := h.conclude(); err != nil || most[false] != 1 || most[true] != 3 || itself != 1 || h.runs != 15 {
			t.Errorf("%v; at most %d run without load, %d under load, %d of one package; %d in all", err, most[false], most[true], itself, h.runs)
		}
	})
}

// TestTheSlowestWaitsForNoOther: the rounds of two fast packages fill the time that the
// slow one takes anyway.
func TestTheSlowestWaitsForNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		takes := map[string]time.Duration{"fast": time.Minute, "fast, too": time.Minute, "slow": 10 * time.Minute}
		h := hunt{out: io.Discard, atOnce: 2, run: func(_ context.Context, p pkg, _ int) ([]byte, error) {
			<-time.After(takes[p.path])
			return nil, nil
		}, rounds: func(took time.Duration) int {
			if took == time.Minute {
				return 15
			}
			return 3
		}}
		packages := []pkg{{path: "fast"}, {path: "fast, too"}, {path: "slow"}}
		h.unloaded(t.Context(), packages)
		began := time.Now()
		h.busy(t.Context(), packages)
		if took := time.Since(began); took != 30*time.Minute || h.conclude() != nil || h.runs != 3+15+15+3 {
			t.Errorf("%d runs take %v", h.runs, took)
		}
	})
}

// TestCutOffIsNotRed: what was running when the hunt was ended is no finding, and
// nothing runs after that.
func TestCutOffIsNotRed(t *testing.T) {
	t.Parallel()
	packages := []pkg{{path: "first"}, {path: "second"}, {path: "third"}}
	for _, underLoad := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		var out strings.Builder
		h := hunt{out: &out, atOnce: 2, rounds: func(time.Duration) int { return 3 }, run: func(_ context.Context, _ pkg, procs int) ([]byte, error) {
			if procs > 0 == underLoad {
				cancel()
				return []byte("--- FAIL: TestA (0.00s)\n"), errors.New("signal: killed")
			}
			return nil, nil
		}}
		h.unloaded(ctx, packages)
		h.busy(ctx, packages)
		want := 0
		if underLoad {
			want = len(packages)
		}
		err := h.conclude()
		if err != nil || h.runs != want || !strings.Contains(out.String(), "\nonly 0 of 3 rounds: second\n") {
			t.Errorf("ended under load (%v), it has %d runs, want %d: %v\n%s", underLoad, h.runs, want, err, &out)
		}
	}
}

func TestUsualRounds(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		took time.Duration
		race bool
		want int
	}{{9 * time.Second, false, 50}, {9 * time.Second, true, 10}, {10 * time.Second, false, 10}, {time.Minute, true, 3}} {
		if got := usualRounds(row.took, row.race); got != row.want {
			t.Errorf("%v, race %v: %d rounds, want %d", row.took, row.race, got, row.want)
		}
	}
}

// TestStress runs real tests, under load: one of them reads a file of its folder
// and fails where there are 8 processors, the other is in order.
func TestStress(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":            "module example.com/office\n\ngo 1.26\n",
		"untested/doc.go":   "package untested\n",
		"unraced/doc.go":    "package unraced\n",
		"sound/a_test.go":   "package sound\n\nimport \"testing\"\n\nfunc TestSound(t *testing.T) {}\n",
		"unraced/a_test.go": "//go:build !race\n\npackage unraced\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {}\n",
		"flaky/testdata/8":  "",
		"flaky/flaky_test.go": `package flaky

import (
	"fmt"
	"os"
	"runtime"
	"testing"
)

func TestFlaky(t *testing.T) {
	if _, err := os.Stat(fmt.Sprint("testdata/", runtime.GOMAXPROCS(0))); err == nil {
		t.Error("eight are too many")
	}
}
`,
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	t.Setenv("GOMAXPROCS", "3") // without it the quiet run has as many as this machine
	packages, err := compile(t.Context(), t.TempDir(), false, []string{"./..."})
	if err != nil || len(packages) != 3 {
		t.Fatalf("%v: %v", packages, err)
	}
	var out strings.Builder
	h := hunt{out: &out, run: runTests, atOnce: 3, rounds: func(time.Duration) int { return 3 }}
	h.unloaded(t.Context(), packages)
	work := load(t.Context(), t.TempDir())
	h.busy(t.Context(), packages)
	if err := work.stop(); err != nil {
		t.Errorf("the load: %v", err)
	}
	if len(h.red) != 1 || h.red[0].test != "example.com/office/flaky TestFlaky" || h.red[0].times != 1 || h.runs != 12 ||
		!strings.Contains(out.String(), "eight are too many") || !strings.Contains(out.String(), "-test.shuffle ") {
		t.Errorf("after %d runs %d are red: %+v\n%s", h.runs, len(h.red), h.red, &out)
	}
	t.Setenv("CGO_ENABLED", "1") // the race detector needs it
	for what, row := range map[string]struct {
		race          bool
		pattern, want string
	}{
		"a package that is not there":                   {false, "./nosuch", "exit status 1"},
		"a package without tests":                       {false, "./untested", "no package with tests"},
		"a package without tests for the race detector": {true, "./unraced", "no package with tests"},
	} {
		if packages, err := compile(t.Context(), t.TempDir(), row.race, []string{row.pattern}); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s is %v, %v", what, packages, err)
		}
	}
}

// TestLoadNeedsADisk: a disk that takes nothing is an error, not a quiet hunt.
func TestLoadNeedsADisk(t *testing.T) {
	t.Parallel()
	if err := writeFiles(t.Context(), filepath.Join(t.TempDir(), "no", "such")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it ends with %v", err)
	}
}
