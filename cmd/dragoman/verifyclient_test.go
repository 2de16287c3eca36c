package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/needs"
)

// starter is the Go client of examples/clients/starter, built.
func starter(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "starter")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./examples/clients/starter/go/main.go")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the starter: %v\n%s", err, out)
	}
	return path
}

// onlyFlags are the rows that starters are judged by here: a sample, or in CI all.
func onlyFlags() []string {
	if needs.Whole() {
		return nil
	}
	return []string{"--only", "CLI-01,CLI-02,CLI-03,CLI-10,CLI-12,CLI-19,CLI-40,CLI-49,CLI-63"}
}

// TestStartersAreConformant judges the client of each language, as its README says.
func TestStartersAreConformant(t *testing.T) {
	t.Parallel()
	folder := filepath.Join("..", "..", "examples", "clients", "starter")
	for dialect, client := range map[string]func(t *testing.T) []string{
		"session": func(t *testing.T) []string { return []string{starter(t)} },
		"form": func(t *testing.T) []string {
			return []string{needs.Program(t, "python3"), filepath.Join(folder, "python", "client.py")}
		},
		"scoped": func(t *testing.T) []string {
			return []string{needs.Program(t, "node"), filepath.Join(folder, "node", "client.mjs")}
		},
	} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "report.json")
			command := client(t)
			source := command[len(command)-1]
			args := append([]string{"verify-client", "--dialect", dialect, "--strict", "--json", path}, onlyFlags()...)
			var out, errs strings.Builder
			if code := run(t.Context(), append(append(args, "--"), command...), &out, &errs); code != 0 {
				t.Fatalf("exit code %d\n%s%s", code, &out, &errs)
			}
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			r, err := report.Parse(file)
			if err != nil || r.Counts[report.Pass] < 8 || !strings.HasPrefix(r.Subject.Digest, "sha256:") {
				t.Errorf("the report says %+v of %+v, %v", r.Counts, r.Subject, err)
			}
			if code := run(t.Context(), []string{"report", "show", path, "CLI-01"}, &out, &errs); code != 0 {
				t.Errorf("show: exit code %d\n%s", code, &errs)
			}
			if text, err := os.ReadFile(source); dialect != "session" && (err != nil || strings.Count(string(text), "\n") > 60) {
				t.Errorf("%s has more than 60 lines, %v", source, err)
			}
		})
	}
}

// TestVerifyClientFails: exit codes and reports of clients that are wrong, and of what is
// no client.
func TestVerifyClientFails(t *testing.T) {
	t.Parallel()
	python := needs.Program(t, "python3")
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"a client that is wrong": {[]string{"--dialect", "session", "--only", "CLI-10,CLI-40", "--", python, "../../internal/clientsuite/zoo/testdata/naive.py"}, 1, "NON-CONFORMANT"},
		"no client":              {[]string{"--dialect", "session", "--", "/nowhere/client"}, 3, "start the client"},
		"a client without ready": {[]string{"--dialect", "session", "--", python, "-c", "print('hello')"}, 3, "expected its first line, ready"},
		"no dialect":             {[]string{"--", python}, 2, "no dialect is named"},
		"another dialect":        {[]string{"--dialect", "soap", "--", python}, 2, `"soap" is not session`},
		"no row":                 {[]string{"--dialect", "form", "--only", "CLI-15", "--", python}, 2, `no requirement "CLI-15" of clients in form`},
		"no capability":          {[]string{"--dialect", "form", "--without", "wings", "--", python}, 2, `"wings" is not body`},
		"no command":             {[]string{"--dialect", "form"}, 2, "say how to start the client"},
		"no profile":             {[]string{"--dialect", "form", "--profile", "all", "--", python}, 2, `"all" is not core`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errs strings.Builder
			code := run(t.Context(), append([]string{"verify-client"}, test.args...), &out, &errs)
			if text := out.String() + errs.String(); code != test.code || !strings.Contains(text, test.says) {
				t.Errorf("exit code %d, not %d, or it does not say %q:\n%s", code, test.code, test.says, text)
			}
		})
	}
}

// TestVerifyClientOutputs: the report of a client is written in every form, can be signed
// and checked, and compared with another one.
func TestVerifyClientOutputs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name string) string { return filepath.Join(folder, name) }
	var out, errs strings.Builder
	if code := run(t.Context(), []string{"report", "keygen", file("key")}, &out, &errs); code != 0 {
		t.Fatal(errs.String())
	}
	args := []string{"verify-client", "--dialect", "session", "--only", "CLI-01,CLI-40", "--json", file("a.json"), "--sign", file("key")}
	forms := map[string]string{"messages": "m.ndjson", "html": "h.html", "junit": "j.xml", "sarif": "s.json", "badge": "b.svg", "summary": "s.md"}
	for flag, name := range forms {
		args = append(args, "--"+flag, file(name))
	}
	args = append(args, "--", needs.Program(t, "python3"), "../../internal/clientsuite/zoo/testdata/naive.py")
	if code := run(t.Context(), args, &out, &errs); code != 1 || strings.Contains(out.String(), "report reproduce") {
		t.Errorf("exit code %d\n%s%s", code, &out, &errs)
	}
	for flag, name := range forms {
		if text, err := os.ReadFile(file(name)); err != nil || flag != "badge" && !strings.Contains(string(text), "CLI-40") {
			t.Errorf("--%s: %v, %.200q", flag, err, text)
		}
	}
	for _, args := range [][]string{{"verify", file("a.json"), "--key", file("key.pub")}, {"diff", file("a.json"), file("a.json")}, {"show", file("a.json"), "CLI-40"}} {
		if code := run(t.Context(), append([]string{"report"}, args...), &out, &errs); code != 0 {
			t.Errorf("report %v: exit code %d\n%s", args, code, &errs)
		}
	}
}

// TestVerifyClientHosted: the run ends by a POST to its page.
func TestVerifyClientHosted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	said, ended := make(lineWriter, 10), make(chan int, 1)
	var out strings.Builder
	go func() {
		ended <- run(ctx, []string{"verify-client", "--dialect", "form", "--only", "CLI-01", "--listen", "127.0.0.1:0", "--json", "-"}, &out, said)
	}()
	_, rest, _ := strings.Cut(<-said, "how: ")
	page, _, _ := strings.Cut(rest, ";")
	var offers []struct{ URL string }
	for len(offers) == 0 {
		response, err := http.Get(page)
		if err != nil {
			t.Fatal(err)
		}
		err = json.NewDecoder(response.Body).Decode(&offers)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(5 * time.Millisecond)
	}
	response, err := http.Post(page+"end", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if code := <-ended; code != 3 || !strings.Contains(out.String(), "the client did not come for call GET /things") {
		t.Errorf("exit code %d\n%s", code, &out)
	}
}

// lineWriter sends what is written, a line each.
type lineWriter chan string

func (w lineWriter) Write(p []byte) (int, error) {
	w <- string(p)
	return len(p), nil
}
