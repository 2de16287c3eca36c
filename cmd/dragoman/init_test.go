package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// Where nothing says how gRPC is reached, the draft does not ask for it: a server that
// has none would never be ready.
func TestInitWithoutGRPC(t *testing.T) {
	t.Parallel()
	for _, where := range [][]string{{"--command", "server --port ${HTTP_PORT}"}, {"--url", "https://example.com"}} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), append([]string{"init", "--dialect", "rpc", "-o", "-"}, where...), &stdout, &stderr); code != 0 {
			t.Fatalf("%v: exit code %d: %s", where, code, stderr.String())
		}
		m, err := manifest.Parse("dragoman.yaml", stdout.Bytes(), func(string) (string, bool) { return "known", true })
		if err != nil || m.NeedsGRPC() || !strings.Contains(stdout.String(), "# grpc: {} # also over direct gRPC") {
			t.Errorf("%v: %v\n%s", where, err, stdout.String())
		}
	}
}

func TestInitByFlags(t *testing.T) {
	t.Parallel()
	subjects := map[string][]string{
		"url":        {"--url", "https://example.com/root", "--grpc", "example.com:9090"},
		"image":      {"--image", "vendor/server:1", "--http-port", "80"},
		"dockerfile": {"--dockerfile", "./server"},
		"command":    {"--command", "server --port ${HTTP_PORT} --grpc ${GRPC_PORT}"},
	}
	for kind, where := range subjects {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "dragoman.yaml")
			args := append([]string{"init", "--dialect", "session,form,rpc,scoped", "-o", path}, where...)
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), args, &stdout, &stderr); code != 0 {
				t.Fatalf("exit code %d: %s", code, stderr.String())
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var asked []string
			m, err := manifest.Parse("dragoman.yaml", text, func(name string) (string, bool) {
				asked = append(asked, name)
				return "value of " + name, true
			})
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			for _, dialect := range manifest.DialectNames() {
				if !m.Speaks(dialect) || !slices.Contains(asked, "DRAGOMAN_"+strings.ToUpper(dialect)+"_PASSWORD") {
					t.Errorf("%s is missing, or its password does not come from the environment:\n%s", dialect, text)
				}
			}
			if !m.NeedsGRPC() || m.Dialects.Session.Accounts.Full.Email != "value of DRAGOMAN_SESSION_EMAIL" {
				t.Errorf("it reads as %+v", m)
			}
			if code := run(t.Context(), args, &stdout, &stderr); code != exitUsage || !strings.Contains(stderr.String(), "exists; --force writes over it") {
				t.Errorf("a second time: exit code %d: %s", code, stderr.String())
			}
			if code := run(t.Context(), append(args, "--force"), &stdout, &stderr); code != 0 {
				t.Errorf("by force: exit code %d", code)
			}
		})
	}
}

func TestInitAsks(t *testing.T) {
	t.Parallel()
	for answers, want := range map[string]string{
		"http://127.0.0.1:1\nform\n":         "url: \"http://127.0.0.1:1\"",
		"vendor/server:1\nform, session\n":   "image: \"vendor/server:1\"",
		"./server\nscoped\n":                 "dockerfile: {context: \"./server\"}",
		"server -p ${HTTP_PORT}\nform rpc\n": `command: ["server", "-p", "${HTTP_PORT}"]`,
	} {
		command := newRootCommand()
		var stdout, stderr bytes.Buffer
		command.SetArgs([]string{"init", "-o", "-", "--account", "me"})
		command.SetIn(strings.NewReader(answers))
		command.SetOut(&stdout)
		command.SetErr(&stderr)
		if err := command.ExecuteContext(t.Context()); err != nil {
			t.Errorf("%q: %v", answers, err)
		}
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q gives no %s:\n%s", answers, want, stdout.String())
		}
	}
}

func TestInitRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"nothing said":    {nil, "no answer; say it with flags"},
		"a wrong dialect": {[]string{"--url", "http://a", "--dialect", "latin"}, `"latin" is not session, form, rpc or scoped`},
		"half a URL":      {[]string{"--url", "example.com", "--dialect", "form"}, "subject.url has to be a whole URL"},
		"two subjects":    {[]string{"--url", "http://a", "--image", "b"}, "none of the others can be"},
	} {
		command := newRootCommand()
		command.SetArgs(append([]string{"init", "-o", "-"}, test.args...))
		command.SetIn(strings.NewReader(""))
		command.SetOut(&bytes.Buffer{})
		command.SetErr(&bytes.Buffer{})
		if err := command.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
