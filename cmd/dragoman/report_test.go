package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runWant runs a command line and wants an exit code.
func runWant(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	if got := run(t.Context(), args, &out, &problems); got != code {
		t.Fatalf("%v: exit code %d, not %d\n%s%s", args, got, code, out.String(), problems.String())
	}
	return out.String(), problems.String()
}

func edit(t *testing.T, from, to, old, replacement string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(content, []byte(old)) {
		t.Fatalf("%s has no %q", from, old)
	}
	if err := os.WriteFile(to, bytes.Replace(content, []byte(old), []byte(replacement), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestReportCommands makes a key, signs a report with it, checks it, edits it,
// and compares it with another.
func TestReportCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	runWant(t, 0, "report", "keygen", in("key"))
	runWant(t, 0, "report", "keygen", in("other"))
	if _, problem := runWant(t, exitUsage, "report", "keygen", in("key")); !strings.Contains(problem, "exists") {
		t.Errorf("a key is overwritten: %s", problem)
	}
	if info, err := os.Stat(in("key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the private key is %v, %v", info.Mode(), err)
	}
	runWant(t, 0, "verify", "--in-process", "--dialect", "form", "--json", in("a.json"), "--html", in("a.html"), "--junit", in("a.xml"),
		"--messages", in("a.ndjson"), "--badge", in("a.svg"), "--badge", in("badge.json"), "--sign", in("key"))
	for name, want := range map[string]string{
		"a.html": "<!doctype html>", "a.xml": "<?xml", "a.ndjson": `{"meta":`, "a.svg": "<svg", "badge.json": "{\n  \"schemaVersion\": 1",
	} {
		if content, err := os.ReadFile(in(name)); err != nil || !strings.HasPrefix(string(content), want) {
			t.Errorf("%s: %v: it begins with %.40q", name, err, content)
		}
	}
	said, _ := runWant(t, 0, "report", "verify", in("a.json"), "--key", in("key.pub"))
	for _, want := range []string{"genuine: signed by ", "subject: dragoman's reference server sha256:", "suite: ", "manifest: ", "time: ", "verdict: conformant"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	if said, _ := runWant(t, 0, "report", "verify", in("a.json")); !strings.Contains(said, "only --key shows whose") {
		t.Errorf("without a key it says:\n%s", said)
	}
	if _, problem := runWant(t, exitNonConformant, "report", "verify", in("a.json"), "--key", in("other.pub")); !strings.Contains(problem, "another key") {
		t.Errorf("another key: %s", problem)
	}
	edit(t, in("a.json"), in("count.json"), `"fail": 0`, `"fail": 1`)
	if _, problem := runWant(t, exitNonConformant, "report", "verify", in("count.json")); !strings.Contains(problem, "changed after it was signed; the report contradicts itself: its counts are") {
		t.Errorf("a changed count: %s", problem)
	}
	edit(t, in("a.json"), in("gone.json"), `"id": "FRM-02"`, `"id": "FRM-99"`)
	if _, problem := runWant(t, exitNonConformant, "report", "verify", in("gone.json")); !strings.Contains(problem, "form FRM-02 is missing from the report") {
		t.Errorf("a missing row: %s", problem)
	}
	runWant(t, exitUsage, "report", "verify", in("a.html"))
	runWant(t, exitUsage, "report", "verify", in("no such"))

	if said, _ := runWant(t, 0, "report", "diff", in("a.json"), in("a.json")); !strings.HasPrefix(said, "0 of ") || !strings.HasSuffix(said, "\nconclusion: conformant, as before\n") {
		t.Errorf("no difference:\n%s", said)
	}
	edit(t, in("a.json"), in("worse.json"), `"verdict": "pass"`, `"verdict": "fail"`)
	if said, _ := runWant(t, exitNonConformant, "report", "diff", in("a.json"), in("worse.json")); !strings.Contains(said, "worse   form     FRM-01  MUST    pass -> fail\n") {
		t.Errorf("a worse report:\n%s", said)
	}
	if said, _ := runWant(t, 0, "report", "diff", in("worse.json"), in("a.json")); !strings.Contains(said, "better  form     FRM-01  MUST    fail -> pass\n") {
		t.Errorf("a better report:\n%s", said)
	}
	runWant(t, exitUsage, "report", "diff", in("a.json"), in("a.html"))
	if said, _ := runWant(t, 0, "report", "schema"); !strings.Contains(said, `"title": "dragoman conformance report"`) {
		t.Errorf("the schema is %.100s", said)
	}
}

// TestOneFileForTwoReports: what would overwrite another report, or the key, is
// refused before anything runs.
func TestOneFileForTwoReports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	runWant(t, 0, "report", "keygen", in("key"))
	if err := errors.Join(os.WriteFile(in("old"), nil, 0o600), os.Symlink(in("old"), in("link"))); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"--html and --json both name ":    {"--json", in("new"), "--html", in("new")},
		"--junit and --json both name ":   {"--json", in("new"), "--junit", dir + "/./new"},
		"--html and --messages both name": {"--html", in("link"), "--messages", in("old")},
		"--json and --badge both name ":   {"--json", in("b.json"), "--badge", in("b.json")},
		"--sign and --json both name ":    {"--json", in("key"), "--sign", in("key")},
	} {
		_, problem := runWant(t, exitUsage, append([]string{"verify", "--in-process", "--only", "FRM-01"}, args...)...)
		if !strings.Contains(problem, want) || !strings.Contains(problem, "give each a file of its own") {
			t.Errorf("%v: %s", args, problem)
		}
	}
	if _, err := os.Stat(in("new")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file is left behind: %v", err)
	}
	runWant(t, 0, "verify", "--in-process", "--only", "FRM-01", "--json", os.DevNull, "--html", os.DevNull)
}

func TestReportFlags(t *testing.T) {
	t.Parallel()
	nowhere := filepath.Join(t.TempDir(), "no", "such")
	for want, args := range map[string][]string{
		"--html: open ":                       {"--html", nowhere},
		"--junit: open ":                      {"--junit", nowhere},
		"--messages: open ":                   {"--messages", nowhere},
		"--badge: open ":                      {"--badge", nowhere + ".svg"},
		"has to end in .svg or .json":         {"--badge", filepath.Join(t.TempDir(), "badge.png")},
		"say where to write it with --json":   {"--sign", nowhere},
		"--sign: open ":                       {"--sign", nowhere, "--json", "-"},
		`make one with "dragoman report keyg`: {"--sign", os.Args[0], "--json", "-"},
	} {
		_, problem := runWant(t, exitUsage, append([]string{"verify", "--in-process", "--only", "FRM-01"}, args...)...)
		if !strings.Contains(problem, want) {
			t.Errorf("%v: %s", args, problem)
		}
	}
}
