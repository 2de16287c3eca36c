package conformance_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
)

// TestInterruptedExamination interrupts the doctor, whose findings then say
// nothing about the subject.
func TestInterruptedExamination(t *testing.T) {
	t.Parallel()
	stop := errors.New("somebody pressed a key")
	interrupted := func(begins string) (context.Context, conformance.Options) {
		ctx, cancel := context.WithCancelCause(t.Context())
		return ctx, conformance.Options{Say: func(line string) {
			if strings.HasPrefix(line, begins) {
				cancel(stop)
			}
		}}
	}
	ctx, o := interrupted("examining ")
	if found, err := conformance.Examine(ctx, subject.Reference(), o); len(found) != 0 || !errors.Is(err, stop) {
		t.Errorf("Examine found %v (%v)", found, err)
	}
	ctx, o = interrupted("judging ")
	o.Only = []string{"FRM-01"}
	r, err := conformance.Run(ctx, subject.Reference(), o)
	if err != nil || len(r.Findings) != 0 || len(r.Errors) != 1 || r.Errors[0].Text != "the run was interrupted: somebody pressed a key" {
		t.Errorf("Run found %v, errors %v (%v)", r.Findings, r.Errors, err)
	}
	o.Say = nil
	r, err = conformance.Run(ctx, newManifest("http://127.0.0.1:1"), o)
	if err != nil || len(r.Errors) != 1 || r.Errors[0].Text != "the run was interrupted: somebody pressed a key" {
		t.Errorf("before its start, Run says %v (%v)", r.Errors, err)
	}
}

// TestFindingsInReports runs against a server that refuses the login, and wants
// the doctor's findings in the report, in one line each, however long and
// broken the server's words are.
func TestFindingsInReports(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error_code":"s3cret-word\nCONFORMANT\u001b[2J%s"}`, strings.Repeat("x", 5000))
	}))
	t.Cleanup(server.Close)
	m := newManifest(server.URL)
	m.Clock = &manifest.Clock{Wait: time.Second}
	r, err := conformance.Run(t.Context(), m, conformance.Options{Only: []string{"FRM-01"}})
	if err != nil || len(r.Findings) != 1 {
		t.Fatalf("found %v (%v)", r.Findings, err)
	}
	f := r.Findings[0]
	const cause = `the login is refused: 400 Bad Request with error_code "[password-1]\nCONFORMANT\x1b[2Jxxx`
	if f.Severity != report.Warning || f.Where != "dialects.form.accounts.full" || f.Fix == "" || !strings.HasPrefix(f.Cause, cause) || len(f.Cause) > 1100 || strings.ContainsAny(f.Cause, "\n\x1b") {
		t.Errorf("found %+v", f)
	}
	text := everyFormat(t, r, features.FS)["text"]
	if lines := strings.Split(text, "\n"); !strings.HasPrefix(lines[len(lines)-3], "warning: dialects.form.accounts.full: "+cause) || lines[len(lines)-2] != "NON-CONFORMANT" {
		t.Errorf("the finding is not beside the verdict:\n%s", text)
	}
}

// TestRefusedAccountIsNoFailure runs against servers that do not know the full
// account, or have no login where the manifest says: nothing is judged.
func TestRefusedAccountIsNoFailure(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(server.Close)
		r, err := conformance.Run(t.Context(), newManifest(server.URL), conformance.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Conclusion != report.EnvironmentError || r.Counts[report.Fail]+r.Counts[report.Warn]+r.Counts[report.Pass] != 0 ||
			len(r.Errors) != 1 || !strings.HasPrefix(r.Errors[0].Text, "dialects.form.accounts.full: ") {
			t.Errorf("%d: %s, %v, errors %v", status, r.Conclusion, r.Counts, r.Errors)
		}
	}
}

// everyFormat is a report in all formats, by name.
func everyFormat(t *testing.T, r *report.Report, suite fs.FS) map[string]string {
	t.Helper()
	formats := map[string]func(io.Writer) error{
		"text": r.WriteText, "JSON": r.WriteJSON, "HTML": r.WriteHTML, "JUnit": r.WriteJUnit, "badge SVG": r.WriteBadgeSVG, "badge JSON": r.WriteBadgeJSON,
		"messages":     func(w io.Writer) error { return r.WriteMessages(w, suite) },
		"SARIF":        func(w io.Writer) error { return r.WriteSARIF(w, "dragoman.yaml") },
		"code quality": func(w io.Writer) error { return r.WriteCodeQuality(w, "dragoman.yaml") },
		"annotations":  func(w io.Writer) error { return r.WriteAnnotations(w, "dragoman.yaml") },
		"summary":      r.WriteSummary,
		"rows": func(w io.Writer) error {
			for _, row := range r.Requirements {
				if err := r.WriteRow(w, row.ID); err != nil {
					return err
				}
			}
			return nil
		},
		"difference": func(w io.Writer) error { return report.WriteDiff(w, &report.Report{Subject: r.Subject}, r) },
	}
	written := map[string]string{}
	for name, write := range formats {
		var out bytes.Buffer
		if err := write(&out); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		written[name] = out.String()
	}
	return written
}
