package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestUsualManifest: without an argument it is dragoman.yaml in the current
// directory that counts, not the reference. It changes the directory, so it is
// not parallel.
func TestUsualManifest(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	const first = "the manifest is dragoman.yaml\n"
	const reference = "judging dragoman's reference server, "
	there := filepath.Dir(verifyManifest(t, "{url: '"+closed.URL+"'}"))
	broken := filepath.Dir(verifyManifest(t, "{urll: '"+closed.URL+"'}"))
	dangling := t.TempDir()
	if err := os.Symlink("nowhere", filepath.Join(dangling, usualManifest)); err != nil {
		t.Fatal(err)
	}
	one := []string{"--only", "FRM-01", "--dialect", "form"}
	for _, test := range []struct {
		what, dir, command string
		args               []string
		code               int
		begins             string // stderr
		lacks              string // stderr
		contains           string // either
	}{
		{"verify takes it", there, "verify", one, exitEnvironment, first, reference, "the subject does not answer: GET " + closed.URL},
		{"doctor takes it", there, "doctor", nil, exitEnvironment, first, reference, "the subject does not answer: GET " + closed.URL},
		{"one that is named comes first", there, "verify", append([]string{filepath.Join(broken, usualManifest)}, one...), exitUsage, "dragoman: dragoman.yaml:1: unknown key", first, ""},
		{"in-process is the reference", there, "verify", append([]string{"--in-process"}, one...), 0, reference, first, "PASS  FRM-01"},
		{"in-process examines the reference", there, "doctor", []string{"--in-process"}, 0, "", first, "all is well"},
		{"a broken one is an error", broken, "verify", one, exitUsage, first + "dragoman: dragoman.yaml:1: unknown key", reference, ""},
		{"so is one that cannot be read", dangling, "verify", one, exitUsage, first + "dragoman: read manifest: ", reference, ""},
		{"without one nothing is judged", t.TempDir(), "verify", one, exitUsage, "dragoman: there is no dragoman.yaml in this folder; ", reference, "--reference"},
		{"nor examined", t.TempDir(), "doctor", nil, exitUsage, "dragoman: there is no dragoman.yaml in this folder; ", reference, "dragoman init"},
		{"unless it is said", t.TempDir(), "verify", append([]string{"--reference"}, one...), 0, "", first, "PASS  FRM-01"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Chdir(test.dir)
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), append([]string{test.command}, test.args...), &stdout, &stderr)
			said := stderr.String()
			if code != test.code || !strings.HasPrefix(said, test.begins) || strings.Contains(said, test.lacks) || !strings.Contains(stdout.String()+said, test.contains) {
				t.Errorf("exit code %d, want %d\n%s%s", code, test.code, stdout.String(), said)
			}
		})
	}
}
