package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/conformance/subject"
	"github.com/dragoman-auth/dragoman/features"
)

// TestInterruptedExamination interrupts the doctor, whose findings then say
// nothing about the subject.
func TestInterruptedExamination(t *testing.T) {
	t.Parallel()
	stop := errors.New("somebody pressed a key")
	interrupted := func(begins string) (context.Context, conformance.Options) {
		ctx, cancel := context.WithCancelCause(t.Context())
		return ctx, conformance.Options{Subject: subject.Options{Say: func(line string) {
			if strings.HasPrefix(line, begins) {
				cancel(stop)
			}
		}}}
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
	o.Subject.Say = nil
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
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"error_code":"s3cret\nCONFORMANT\u001b[2J%s"}`, strings.Repeat("x", 5000))
	}))
	t.Cleanup(server.Close)
	r, err := conformance.Run(t.Context(), newManifest(server.URL), conformance.Options{Only: []string{"FRM-01"}})
	if err != nil || len(r.Findings) != 1 {
		t.Fatalf("found %v (%v)", r.Findings, err)
	}
	f := r.Findings[0]
	const cause = "the login is refused: 401 Unauthorized with error_code [password-1] CONFORMANT [2Jxxx"
	if f.Severity != report.Warning || f.Where != "dialects.form.accounts.full" || f.Cure == "" || !strings.HasPrefix(f.Cause, cause) || len(f.Cause) > 1100 {
		t.Errorf("found %+v", f)
	}
	text := everyFormat(t, r, features.FS)["text"]
	if lines := strings.Split(text, "\n"); !strings.HasPrefix(lines[len(lines)-3], "warning: dialects.form.accounts.full: "+cause) || lines[len(lines)-2] != "NON-CONFORMANT" {
		t.Errorf("the finding is not beside the verdict:\n%s", text)
	}
}
