package report_test

import (
	"bytes"
	"errors"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

var update = flag.Bool("update", false, "write the golden files")

// sample has every verdict, outcome and kind of error.
func sample() *report.Report {
	started := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	exchange := evidence.Exchange{
		Transport: "http", Method: http.MethodPost, URL: "http://127.0.0.1:8080/sessions",
		RequestHeader: http.Header{"Content-Type": {"application/json"}}, RequestBody: `{"password":"[password-1]"}`,
		Status: "200 OK", ResponseBody: "{\"token\":\"[token-1]\"}\x1b[31m", Took: 3 * time.Millisecond,
	}
	broken := report.Scenario{
		Name: "A wrong password obtains no token", Place: "session/login.feature:12", Outcome: report.Failed, Seconds: 0.25,
		FailedStep: "it is refused", Error: "expected a refusal, got 200\nand more", Exchanges: []evidence.Exchange{exchange}, Reproduce: report.Shell{}.Reproduce([]evidence.Exchange{exchange}, ""),
	}
	passed := report.Scenario{Name: "The right password", Place: "session/login.feature:5", Outcome: report.Passed, Seconds: 0.125}
	row := func(id, dialect, level string, verdict report.Verdict, reason string, scenarios ...report.Scenario) report.Requirement {
		return report.Requirement{ID: id, Dialect: dialect, Level: level, Statement: "The row " + id + " holds.", Verdict: verdict, Reason: reason, Scenarios: scenarios}
	}
	r := &report.Report{
		Subject: report.Subject{Name: "vendor's server", Kind: "url", Runs: "already running", HTTP: "http://127.0.0.1:8080"},
		Suite:   report.Suite{Version: "0.1.0", Digest: "0123456789abcdef", Dialects: []string{"session", "form"}, Only: []string{"SES-01"}},
		Requirements: []report.Requirement{
			row("SES-01", "session", "MUST", report.Pass, "", passed),
			row("SES-10", "session", "MUST", report.Fail, broken.Name+": "+broken.Error, passed, broken),
			row("SES-11", "session", "SHOULD", report.Warn, "", broken),
			row("SES-07", "session", "MUST", report.NotApplicable, "the manifest does not declare dialects.session.accounts.limited"),
			row("FRM-09", "form", "MUST", report.Untestable, "the subject's time cannot be moved;\nadd clock to the manifest"),
			row("FRM-10", "form", "MUST", report.KnownDeviation, "fixed soon (https://example.com/1, until 2026-12-31)", broken),
			row("FRM-11", "form", "MUST", report.Untestable, "the harness failed: panic", report.Scenario{Name: "x", Place: "form/f.feature:1", Outcome: report.HarnessFailed, Reason: "panic"}),
		},
		Errors: []report.Error{{Kind: report.Ledger, Text: "known deviation SES-01: the subject passes it"}, {Kind: report.Harness, Text: "panic"}},
		Findings: []report.Finding{
			{Severity: report.Warning, Where: "dialects.form.accounts.full", Cause: "the login is refused: 401\nUnauthorized\x1b[31m", Fix: "correct its name and password"},
			{Severity: report.Note, Where: "clock skew", Cause: "the subject's Date is 2 hours ahead", Fix: "set a clock right"},
			{Severity: report.Fatal, Where: "clock", Cause: "it was not moved", Fix: "correct the clock section"},
		},
		Planned: 7, Started: started,
	}
	r.Close(started.Add(1500 * time.Millisecond))
	return r
}

func TestGolden(t *testing.T) {
	t.Parallel()
	var text, data bytes.Buffer
	if err := errors.Join(sample().WriteText(&text), sample().WriteJSON(&data)); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{"report.txt": text.Bytes(), "report.json": data.Bytes()} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs (go test -update writes it):\n%s", path, got)
		}
	}
}

func TestConclusion(t *testing.T) {
	t.Parallel()
	ran := []report.Scenario{{Outcome: report.Passed}}
	row := func(level string, verdict report.Verdict) report.Requirement {
		return report.Requirement{ID: "SES-01", Level: level, Verdict: verdict, Scenarios: ran}
	}
	pass := row("MUST", report.Pass)
	tests := map[string]struct {
		rows   []report.Requirement
		errors []report.Error
		want   report.Conclusion
		code   int
	}{
		"all pass":            {[]report.Requirement{pass}, nil, report.Conformant, 0},
		"a warning":           {[]report.Requirement{pass, row("SHOULD", report.Warn)}, nil, report.Conformant, 0},
		"not applicable":      {[]report.Requirement{pass, row("MUST", report.NotApplicable)}, nil, report.Conformant, 0},
		"untestable SHOULD":   {[]report.Requirement{pass, row("SHOULD", report.Untestable)}, nil, report.Conformant, 0},
		"untestable MUST":     {[]report.Requirement{pass, row("MUST", report.Untestable)}, nil, report.ConformantWithGaps, 0},
		"known deviation":     {[]report.Requirement{pass, row("MUST", report.KnownDeviation)}, nil, report.ConformantWithGaps, 0},
		"a failure":           {[]report.Requirement{pass, row("MUST", report.Fail), row("MUST", report.Untestable)}, nil, report.NonConformant, 1},
		"a ledger error":      {[]report.Requirement{pass}, []report.Error{{Kind: report.Ledger}}, report.NonConformant, 1},
		"an unreachable one":  {[]report.Requirement{row("MUST", report.Fail)}, []report.Error{{Kind: report.Environment}}, report.EnvironmentError, 3},
		"a harness error":     {[]report.Requirement{pass}, []report.Error{{Kind: report.Environment}, {Kind: report.Harness}}, report.HarnessError, 4},
		"no rows":             {nil, nil, report.EnvironmentError, 3},
		"a row without a way": {[]report.Requirement{pass, row("MUST", "")}, nil, report.HarnessError, 4},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &report.Report{Planned: len(test.rows), Requirements: test.rows, Errors: test.errors}
			r.Close(time.Time{})
			if r.Conclusion != test.want || r.Conclusion.ExitCode() != test.code {
				t.Errorf("got %s, exit code %d", r.Conclusion, r.Conclusion.ExitCode())
			}
			if len(r.Counts) != len(report.Verdicts()) {
				t.Errorf("the counts lack a verdict: %v", r.Counts)
			}
		})
	}
}

func TestWritingFails(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	w := writerFunc(func([]byte) (int, error) { return 0, full })
	if err := sample().WriteText(w); !errors.Is(err, full) {
		t.Errorf("text: %v", err)
	}
	if err := sample().WriteJSON(w); !errors.Is(err, full) {
		t.Errorf("JSON: %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// A body that is long, as a list that grows with each scenario, does not hide the
// exchanges around it: its middle is left out.
func TestLongBodies(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Requirements[1].Scenarios[1].Exchanges[0].ResponseBody = "[first " + strings.Repeat("é", 5000) + " last]"
	var text bytes.Buffer
	if err := r.WriteRow(&text, "SES-10"); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"< [first éé", " … (2613 characters left out; the JSON report has them) … éé", "éé last]\n"} {
		if !strings.Contains(text.String(), part) {
			t.Errorf("no %q in\n%s", part, text.String())
		}
	}
}

// The commands that are shown name the file that there is.
func TestSavedAs(t *testing.T) {
	t.Parallel()
	r := sample()
	r.SavedAs = "out/mine.json"
	var text bytes.Buffer
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	want := "\nMore about one:\n  dragoman report show out/mine.json SES-10 "
	if !strings.Contains(text.String(), want) {
		t.Errorf("no %q in\n%s", want, text.String())
	}
}
