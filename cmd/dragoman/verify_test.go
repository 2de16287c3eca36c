package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
)

// verifyManifest writes a manifest of the form dialect and returns its path.
func verifyManifest(t *testing.T, subjectSection string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dragoman.yaml")
	text := "subject: " + subjectSection + "\ndialects:\n  form: {accounts: {full: {login: root, password: root}}}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestVerifyExitCodes(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(nil)
	closed.Close()
	wrong := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(wrong.Close)
	badKey := verifyManifest(t, "{urll: 'http://127.0.0.1:1'}")
	tests := map[string]struct {
		args   []string
		code   int
		stderr string // one line holds this
	}{
		"an unknown id":         {[]string{"--in-process", "--only", "NOSUCH"}, exitUsage, `dragoman: no requirement "NOSUCH"; ids look like SES-01, SEC-01, FRM-01, RPC-01, SCP-01`},
		"a mistyped id":         {[]string{"--in-process", "--only", "SES-0"}, exitUsage, `no requirement "SES-0"; did you mean SES-01?`},
		"an unknown dialect":    {[]string{"--in-process", "--dialect", "latin"}, exitUsage, `--dialect: "latin" is not session, form, rpc or scoped`},
		"an unknown key":        {[]string{badKey}, exitUsage, `dragoman: dragoman.yaml:1: unknown key "urll" in subject; did you mean "url"?`},
		"no such manifest":      {[]string{"nosuch.yaml"}, exitUsage, `there is no file nosuch.yaml: correct the path, or write a manifest with "dragoman init"`},
		"an address, no scheme": {[]string{"localhost:8080"}, exitUsage, `localhost:8080 is an address, and the argument is the file of a manifest: "dragoman init --url http://localhost:8080" writes one`},
		"an address":            {[]string{"http://127.0.0.1:8080"}, exitUsage, `http://127.0.0.1:8080 is an address, and the argument is the file of a manifest: "dragoman init --url http://127.0.0.1:8080" writes one`},
		"two manifests":         {[]string{"a", "b"}, exitUsage, "accepts at most 1 arg"},
		"in-process, manifest":  {[]string{badKey, "--in-process"}, exitUsage, "--reference and --in-process are for the built-in reference"},
		"no workers":            {[]string{"--workers", "0"}, exitUsage, "--workers and --timeout have to be positive"},
		"a report nowhere":      {[]string{"--in-process", "--json", filepath.Join(t.TempDir(), "no", "such")}, exitUsage, "--json: open "},
		"nobody listens":        {[]string{verifyManifest(t, "{url: '"+closed.URL+"'}")}, exitEnvironment, "dragoman: environment error: the subject does not answer: GET " + closed.URL},
		"a server that is none": {[]string{verifyManifest(t, "{url: '"+wrong.URL+"'}"), "--only", "FRM-02"}, exitEnvironment, "dialects.form.accounts.full: there is no login at /login: it answers 404 Not Found; correct the paths in dialects.form.login and prefix"},
		"a replay and rows":     {[]string{"--in-process", "--replay", "FRM-01", "--only", "FRM-02"}, exitUsage, "--replay is for one requirement"},
		"a good row":            {[]string{"--in-process", "--only", "FRM-01", "--dialect", "form"}, 0, "judging dragoman's reference server, in this process"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), append([]string{"verify"}, test.args...), &stdout, &stderr)
			if code != test.code || !strings.Contains(stderr.String(), test.stderr) || strings.Count(stderr.String(), "\n") > 3 {
				t.Errorf("exit code %d\n%s%s", code, stdout.String(), stderr.String())
			}
			if code == exitEnvironment && strings.Contains(stdout.String(), "FRM-01") {
				t.Errorf("it shows rows that it did not judge:\n%s", stdout.String())
			}
		})
	}
}

func TestVerifyReports(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report.json")
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"verify", "--in-process", "--dialect", "form", "--json", path}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, stdout.String(), stderr.String())
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var fromFile report.Report
	if err := json.Unmarshal(written, &fromFile); err != nil {
		t.Fatal(err)
	}
	for _, row := range fromFile.Requirements {
		if row.Dialect != "form" || !strings.Contains(stdout.String(), "  "+row.ID+"  ") {
			t.Errorf("%s %s is in one report and not in the other", row.Dialect, row.ID)
		}
	}
	if fromFile.Conclusion != report.Conformant || len(fromFile.Requirements) < 30 || !strings.HasSuffix(stdout.String(), "\nCONFORMANT\n") {
		t.Errorf("the report is %+v", fromFile)
	}

	stdout.Reset()
	if code := run(t.Context(), []string{"verify", "--in-process", "--only", "FRM-01", "--json", "-"}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d\n%s", code, stderr.String())
	}
	var fromStdout report.Report
	if err := json.Unmarshal(stdout.Bytes(), &fromStdout); err != nil || len(fromStdout.Requirements) != 1 {
		t.Errorf("--json - prints %v\n%s", err, stdout.String())
	}
}

// TestShippedManifest keeps dragoman.yaml and the built-in manifest in step.
func TestShippedManifest(t *testing.T) {
	t.Parallel()
	shipped, err := manifest.Load(filepath.Join("..", "..", "dragoman.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	builtin := subject.Reference()
	if !reflect.DeepEqual(shipped.Dialects, builtin.Dialects) || !reflect.DeepEqual(shipped.Clock, builtin.Clock) {
		t.Error("dragoman.yaml and reference.yaml differ in their dialects or their clock")
	}
}
