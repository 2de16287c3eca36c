package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/needs"
)

// module is a new folder with a module of one package, and one below internal.
func module(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	write(t, folder, "go.mod", "module example.com/shop\n\ngo 1.26\n")
	write(t, folder, "shop.go", "package shop\n\nfunc Old() {}\n")
	write(t, folder, "internal/part/part.go", "package part\n\nfunc Inner() {}\n")
	return folder
}

func write(t *testing.T, folder, name, content string) {
	t.Helper()
	path := filepath.Join(folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// git works on the repository in a folder, whatever the settings of this user are.
func git(t *testing.T, folder string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), needs.Program(t, "git"), append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"}, args...)...)
	command.Dir = folder
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v: %s", args, err, out)
	}
}

func commit(t *testing.T, folder string) {
	t.Helper()
	git(t, folder, "add", "-A")
	git(t, folder, "commit", "--quiet", "-m", "a change")
}

// TestAPI: an addition passes, a removal does not, and what is internal does not count.
func TestAPI(t *testing.T) {
	t.Parallel()
	apidiff := needs.Program(t, "apidiff")
	folder := module(t)
	want := func(what, passes, fails string) {
		t.Helper()
		var out bytes.Buffer
		err := run(t.Context(), []string{"api", "-apidiff", apidiff, "-root", folder}, &out)
		if (err == nil) != (fails == "") || err != nil && !strings.Contains(err.Error(), fails) || !strings.Contains(out.String(), passes) {
			t.Errorf("%s: %v\n%s", what, err, out.String())
		}
	}
	want("no repository", "", "no git repository")
	git(t, folder, "init", "--quiet")
	commit(t, folder)
	want("no tag", "nothing to compare with", "")
	git(t, folder, "tag", "v0.1.0")
	want("the first tag", "nothing to compare with", "")
	write(t, folder, "shop.go", "package shop\n\nfunc Old() {}\n\nfunc New() {}\n")
	write(t, folder, "internal/part/part.go", "package part\n")
	commit(t, folder)
	want("an addition", "what v0.1.0 promises still holds", "")
	git(t, folder, "tag", "v0.2.0")
	want("an addition with a tag", "what v0.1.0 promises still holds", "")
	write(t, folder, "shop.go", "package shop\n\nfunc New() {}\n")
	want("a removal that is not committed", "", "written for v0.2.0:\n- Old: removed")
	commit(t, folder)
	git(t, folder, "tag", "v0.3.0")
	want("a removal with a tag", "", "written for v0.2.0:\n- Old: removed")
}

// database is a folder in the form of the database of govulncheck, with one
// vulnerability: strings.Repeat.
func database(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	const id = "GO-2026-0001"
	put := func(name string, content any) {
		text, err := json.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		write(t, folder, name, string(text))
	}
	const at = "2026-01-01T00:00:00Z"
	put("index/db.json", map[string]string{"modified": at})
	put("index/modules.json", []any{map[string]any{"path": "stdlib", "vulns": []any{map[string]string{"id": id, "modified": at}}}})
	put("index/vulns.json", []any{map[string]string{"id": id, "modified": at}})
	put("ID/"+id+".json", map[string]any{
		"schema_version": "1.3.1", "id": id, "modified": at, "published": at, "summary": "a mistake on purpose",
		"database_specific": map[string]string{"url": "https://example.com/" + id},
		"affected": []any{map[string]any{
			"package":            map[string]string{"name": "stdlib", "ecosystem": "Go"},
			"ranges":             []any{map[string]any{"type": "SEMVER", "events": []any{map[string]string{"introduced": "0"}}}},
			"ecosystem_specific": map[string]any{"imports": []any{map[string]any{"path": "strings", "symbols": []string{"Repeat"}}}},
		}},
	})
	return "file://" + folder
}

// TestVuln: what the database says counts, and where it does not answer that is said.
func TestVuln(t *testing.T) {
	t.Parallel()
	govulncheck := needs.Program(t, "govulncheck")
	harmless, harmful := module(t), module(t)
	write(t, harmful, "shop.go", "package shop\n\nimport \"strings\"\n\nfunc Long() string { return strings.Repeat(\"a\", 9) }\n")
	absent := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(absent.Close)
	// A database whose index is there and whose entries are not.
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodHead {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	t.Cleanup(cut.Close)
	for name, row := range map[string]struct{ root, database, passes, fails string }{
		"nothing found":  {harmless, database(t), "no known vulnerability is called", ""},
		"found":          {harmful, database(t), "GO-2026-0001", "the code calls what has a known vulnerability"},
		"no answer":      {harmful, absent.URL, "NOT CHECKED, for the database of vulnerabilities does not answer: ", ""},
		"a cut answer":   {harmful, cut.URL, "NOT CHECKED", ""},
		"no such folder": {harmful, "file:///no/such/folder", "", "no such file"},
		"no module":      {t.TempDir(), database(t), "", "vuln: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := run(t.Context(), []string{"vuln", "-govulncheck", govulncheck, "-root", row.root, "-db", row.database}, &out)
			if (err == nil) != (row.fails == "") || err != nil && !strings.Contains(err.Error(), row.fails) || !strings.Contains(out.String(), row.passes) {
				t.Errorf("%v\n%s", err, out.String())
			}
		})
	}
}

// TestUsage: a gate that is none, and a program that is not there, do not pass.
func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"none"}, {"api", "-no-such-flag"}, {"vuln", "-govulncheck", "/no/such/program"}} {
		if err := run(t.Context(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v passes", args)
		}
	}
}
