package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// recorded is a stream of testdata, which "go test -json" has printed.
func recorded(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// told reads a stream to its end and returns all that is printed, and whether it
// says that all is well.
func told(t testing.TB, stream string, s summary) (string, bool) {
	t.Helper()
	var out strings.Builder
	r := newRun(&out)
	if err := r.read(strings.NewReader(stream)); err != nil {
		t.Fatal(err)
	}
	well := r.conclude(s, nil)
	return out.String(), well
}

func TestStreams(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		well  bool
		says  []string
		lacks []string
		last  string // two lines
	}{
		"good": {true,
			[]string{"ok  \texample.com/office/good\t", "\n2 skipped:\n", "  1  needs chromium: \"make tools\" installs it\n       example.com/office/good.TestNeeds\n", "  1  needs more\n"},
			[]string{"quiet", "looking", "===", "--- ", "failed:"},
			"test: 3 passed, 0 failed, 2 skipped\n1 packages, 5 tests, 2 skipped, 0 failed, 7 s\n"},
		"bad": {false,
			[]string{
				"    a_test.go:10: first line\n        second line\n--- FAIL: TestFails (0.00s)\n", "    a_test.go:22: not its parts\n", "to stdout\n    a_test.go:17: wrong\n",
				"the parent says", "FAIL\texample.com/office/bad\t",
				"\n3 failed:\n  example.com/office/bad.TestFails\n  example.com/office/bad.TestParentAlone\n  example.com/office/bad.TestParts/bad\n",
			},
			[]string{"quiet", "===", "--- PASS"},
			"test: 3 passed, 3 failed, 0 skipped\n1 packages, 6 tests, 0 skipped, 3 failed, 7 s\n"},
		"broken": {false,
			[]string{"broken/a_test.go:5:28: undefined: undefined\nFAIL\texample.com/office/broken [build failed]\n", "\n1 failed:\n  example.com/office/broken\n"},
			nil,
			"test: 0 passed, 1 failed, 0 skipped\n1 packages, 1 tests, 0 skipped, 1 failed, 7 s\n"},
		"absent": {false,
			[]string{"stat /office/nosuch: directory not found\n", "FAIL\t./nosuch [setup failed]\n", "ok  \texample.com/office/good\t"},
			nil,
			"test: 3 passed, 1 failed, 2 skipped\n2 packages, 6 tests, 2 skipped, 1 failed, 7 s\n"},
		"untested": {false,
			[]string{"?   \texample.com/office/untested\t[no test files]\n", "no test was run"},
			nil,
			"test: 0 passed, 1 failed, 0 skipped\n0 packages, 0 tests, 0 skipped, 1 failed, 7 s\n"},
		"panics": {false,
			[]string{"panic: assignment to entry in nil map", "a_test.go:9 +0x28\n", "  example.com/office/panics.TestPanics\n", "  example.com/office/panics.TestWaits did not end\n"},
			nil,
			"test: 1 passed, 2 failed, 0 skipped\n1 packages, 3 tests, 0 skipped, 2 failed, 7 s\n"},
		"hangs": {false,
			[]string{"    a_test.go:7: one word\npanic: test timed out after 5s\n", "\n1 failed:\n  example.com/office/hangs.TestHangs/inside did not end\n"},
			nil,
			"test: 1 passed, 1 failed, 0 skipped\n1 packages, 2 tests, 0 skipped, 1 failed, 7 s\n"},
		"quits": {false, // after its tests, as where a goroutine is left over
			[]string{"a goroutine is left\nFAIL\texample.com/office/quits\t", "\n1 failed:\n  example.com/office/quits\n"},
			[]string{"PASS"},
			"test: 1 passed, 1 failed, 0 skipped\n1 packages, 2 tests, 0 skipped, 1 failed, 7 s\n"},
		"stray": {false, // in the middle of a test, without a word
			[]string{"\n1 failed:\n  example.com/office/stray.TestQuits did not end\n"},
			nil,
			"test: 0 passed, 1 failed, 0 skipped\n1 packages, 1 tests, 0 skipped, 1 failed, 7 s\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said, well := told(t, recorded(t, name), summary{name: "test", took: 7 * time.Second})
			if well != want.well {
				t.Errorf("all is well: %v, want %v", well, want.well)
			}
			for _, text := range want.says {
				if !strings.Contains(said, text) {
					t.Errorf("it does not say %q", text)
				}
			}
			for _, text := range want.lacks {
				if strings.Contains(said, text) {
					t.Errorf("it says %q", text)
				}
			}
			if !strings.HasSuffix(said, "\n\n"+want.last) {
				t.Errorf("the last lines are not\n%s", want.last)
			}
			if t.Failed() {
				t.Logf("it says\n%s", said)
			}
		})
	}
}

// TestStrict: with CI=true what is skipped fails, and nothing else does.
func TestStrict(t *testing.T) {
	t.Parallel()
	said, well := told(t, recorded(t, "good"), summary{strict: true})
	if well || !strings.Contains(said, "with CI=true nothing may be skipped") {
		t.Errorf("all is well: %v:\n%s", well, said)
	}
	var rest []string
	for line := range strings.Lines(recorded(t, "good")) {
		if !strings.Contains(line, "TestNeeds") && !strings.Contains(line, "TestParts/c") {
			rest = append(rest, line)
		}
	}
	if said, well := told(t, strings.Join(rest, ""), summary{strict: true}); !well || strings.Contains(said, "skipped:") {
		t.Errorf("without the skipped ones all is well: %v:\n%s", well, said)
	}
}

// TestCutOff: whatever is missing at the end of a stream, it is a failure.
func TestCutOff(t *testing.T) {
	t.Parallel()
	lines := strings.SplitAfter(strings.TrimSpace(recorded(t, "good")), "\n")
	for n := range lines {
		stream := strings.Join(lines[:n], "")
		if n > 0 {
			stream += lines[n][:len(lines[n])/2]
		}
		if said, well := told(t, stream, summary{}); well {
			t.Errorf("cut off after %d lines all is well:\n%s", n, said)
		}
	}
}

// TestOtherText: what is no event is passed on, and hides none.
func TestOtherText(t *testing.T) {
	t.Parallel()
	const other = "go: downloading example.com v1\n\n{not JSON}\n{\"Package\":\"x\"}\n[1]\n"
	said, well := told(t, other+recorded(t, "good")+"no newline", summary{name: "race"})
	if !well || !strings.HasPrefix(said, other+"ok  \t") || !strings.Contains(said, "no newline") || !strings.Contains(said, "race: 3 passed, 0 failed, 2 skipped\n") {
		t.Errorf("all is well: %v:\n%s", well, said)
	}
}

func TestManySkips(t *testing.T) {
	t.Parallel()
	stream := recorded(t, "good")
	for i := range 5 {
		for _, line := range []string{
			`{"Action":"run","Package":"p","Test":"T%d"}`, `{"Action":"output","Package":"p","Test":"T%d","Output":"    b_test.go:1: needs X\n"}`,
			`{"Action":"skip","Package":"p","Test":"T%d"}`,
		} {
			stream += fmt.Sprintf(line, i) + "\n"
		}
	}
	stream += `{"Action":"run","Package":"p","Test":"U"}` + "\n" + `{"Action":"skip","Package":"p","Test":"U"}` + "\n" + `{"Action":"pass","Package":"p"}` + "\n"
	said, _ := told(t, stream, summary{})
	if !strings.Contains(said, "8 skipped:\n  5  needs X\n       p.T0\n       p.T1\n       p.T2\n       and 2 more\n  1  ") || !strings.Contains(said, "  1  no reason is given\n       p.U\n") {
		t.Errorf("it says\n%s", said)
	}
}

func TestSlow(t *testing.T) {
	t.Parallel()
	stream := strings.ReplaceAll(recorded(t, "good"), `"Test":"TestPasses","Elapsed":0.01`, `"Test":"TestPasses","Elapsed":3.01`)
	stream = strings.ReplaceAll(stream, `"Test":"Example","Elapsed":0`, `"Test":"Example","Elapsed":12`)
	if said, _ := told(t, stream, summary{slow: 3 * time.Second}); !strings.Contains(said, "\n2 tests took 3s or longer:\n    12.0 s  example.com/office/good.Example\n     3.0 s  example.com/office/good.TestPasses\n") {
		t.Errorf("it says\n%s", said)
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	for what, want := range map[string]struct {
		argv []string
		well bool
		says string
	}{
		"all is well":           {[]string{"cat", "testdata/good.json"}, true, "3 passed, 0 failed"},
		"the command fails":     {[]string{"sh", "-c", "cat testdata/good.json; exit 3"}, false, "1 failed:\n  exit status 3\n"},
		"there is none":         {[]string{"no-such-command"}, false, "executable file not found"},
		"what failed is enough": {[]string{"sh", "-c", "cat testdata/quits.json; exit 1"}, false, "1 failed:\n  example.com/office/quits\n\n"},
	} {
		var out strings.Builder
		r := newRun(&out)
		err := follow(t.Context(), r, want.argv)
		if well := r.conclude(summary{}, err); well != want.well || !strings.Contains(out.String(), want.says) {
			t.Errorf("%s: all is well: %v:\n%s", what, well, out.String())
		}
	}
}

// TestInterrupted: the command is interrupted, and what it says then is heard.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	var out strings.Builder
	r := newRun(writer(func(p []byte) (int, error) {
		if strings.Contains(string(p), "ready") {
			interrupt()
		}
		return out.Write(p)
	}))
	err := follow(ctx, r, []string{"sh", "-c", "trap 'cat testdata/stray.json; exit 1' INT; echo ready; while :; do read -r line; done"})
	if r.conclude(summary{}, err) || !strings.Contains(out.String(), "TestQuits did not end") {
		t.Errorf("%v:\n%s", err, out.String())
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

var lastLines = regexp.MustCompile(`(?:^|\n)test: \d+ passed, (\d+) failed, (\d+) skipped\n\d+ packages, \d+ tests, (\d+) skipped, (\d+) failed, \d+ s\n$`)

// FuzzRead: no stream stops the reading, the last lines always have their form,
// and all is well only where they say so.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"good", "bad", "broken", "absent", "untested", "panics", "hangs", "quits", "stray"} {
		f.Add(recorded(f, name))
	}
	f.Add(`{"Action":"run","Package":"p","Test":"/"}` + "\n" + `{"Action":"pass","Package":"p","Test":"//"}` + "\n{}\n{")
	f.Fuzz(func(t *testing.T, stream string) {
		said, well := told(t, stream, summary{name: "test", strict: true})
		found := lastLines.FindStringSubmatch(said)
		if found == nil || found[1] != found[4] || found[2] != found[3] {
			t.Fatalf("the last lines of\n%s", said)
		}
		if nothing := found[1] == "0" && found[2] == "0"; well != nothing {
			t.Errorf("all is well: %v:\n%s", well, said)
		}
	})
}

// TestTheCountIsNoLuck: subtests of which one's name begins another's count alike in
// whatever order they begin.
func TestTheCountIsNoLuck(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"TestA", "TestA/b", "TestA/b/c"}, {"TestA", "TestA/b/c", "TestA/b"}} {
		var stream strings.Builder
		for _, action := range []string{"run", "pass"} {
			for _, name := range order {
				fmt.Fprintf(&stream, "{\"Action\":%q,\"Package\":\"x\",\"Test\":%q}\n", action, name)
			}
		}
		stream.WriteString(`{"Action":"pass","Package":"x"}` + "\n")
		if got, _ := told(t, stream.String(), summary{name: "test"}); !strings.Contains(got, "1 packages, 1 tests, 0 skipped, 0 failed") {
			t.Errorf("%v: %s", order, got)
		}
	}
}
