package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReplay shows a row that passes with what went over the wire, and no secret.
func TestReplay(t *testing.T) {
	t.Parallel()
	out, _ := runWant(t, 0, "verify", "--in-process", "--dialect", "form", "--replay", "FRM-05")
	for _, want := range []string{"PASS FRM-05 (form, MUST)", "  ok  the resource is asked for with the token", "GET http://", "> X-Auth-Bearer: [token-", "< 200 OK", "login=root&pass=[password-"} {
		if !strings.Contains(out, want) {
			t.Errorf("it lacks %q:\n%s", want, out)
		}
	}
}

// TestShowAndReproduce goes from a report to what it knows about a row.
func TestShowAndReproduce(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "conformance", "report", "testdata", "report.json")
	shown, _ := runWant(t, 0, "report", "show", path, "ses-10")
	if !strings.HasPrefix(shown, "FAIL SES-10 (session, MUST)") || !strings.Contains(shown, "1. POST http://127.0.0.1:8080/sessions   <- this shows it") {
		t.Errorf("it shows\n%s", shown)
	}
	script, _ := runWant(t, 0, "report", "reproduce", path, "SES-10")
	if !strings.HasPrefix(script, "# session SES-10: ") || !strings.Contains(script, "curl ") {
		t.Errorf("the script is\n%s", script)
	}
	for _, args := range [][]string{{"show", path, "NO-1"}, {"reproduce", path, "SES-01"}, {"reproduce", path, "SES-10", "NO-1"}, {"show", os.DevNull, "SES-01"}} {
		if out, _ := runWant(t, exitUsage, append([]string{"report"}, args...)...); out != "" {
			t.Errorf("%v prints %q", args, out)
		}
	}
}

// TestColour paints verdicts where a line of the table begins, and nothing else.
func TestColour(t *testing.T) {
	t.Parallel()
	const plain = "\n  PASS  A-1  says FAIL\nFAIL A-2\n  got  WARN\nNON-CONFORMANT\n"
	if got := coloured(plain); got != "\n  \x1b[32mPASS\x1b[0m  A-1  says FAIL\n\x1b[31mFAIL\x1b[0m A-2\n  got  WARN\n\x1b[31mNON-CONFORMANT\x1b[0m\n" {
		t.Errorf("painted %q", got)
	}
	if takesColour(&bytes.Buffer{}) {
		t.Error("a pipe takes colour")
	}
}
