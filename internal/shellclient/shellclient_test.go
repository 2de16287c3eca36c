package shellclient_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/internal/needs"
	"github.com/dragoman-auth/dragoman/internal/shellclient"
	"github.com/dragoman-auth/dragoman/mockserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shell runs command lines against a mock, as a user who has one account there.
type shell struct {
	mock     *mockserver.Server
	dialect  string
	login    string
	password string // file
	store    string
}

func newShell(t *testing.T, dialect string) *shell {
	t.Helper()
	s := &shell{mock: mockserver.New(t), dialect: dialect, login: "root", store: filepath.Join(t.TempDir(), "store"), password: filepath.Join(t.TempDir(), "password")}
	if dialect == "session" {
		s.login = "root@example.com"
	}
	if err := os.WriteFile(s.password, []byte("root\r\nmore\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// run runs one command line and returns what it printed and its exit code.
func (s *shell) run(t *testing.T, input string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = s.start(t.Context(), strings.NewReader(input), &out, &errs, args...)
	return out.String(), errs.String(), code
}

func (s *shell) start(ctx context.Context, in io.Reader, out, errs io.Writer, args ...string) (code int) {
	root := &cobra.Command{Use: "dragoman", SilenceUsage: true, SilenceErrors: true}
	root.AddCommand(shellclient.Commands()...)
	flags := []string{"--dialect", s.dialect, "--url", s.mock.URL, "--login", s.login, "--store", s.store, "--password-file", s.password}
	root.SetArgs(append(append([]string{args[0]}, flags...), args[1:]...))
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	var exit *shellclient.Exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		if exit.Err != nil {
			_, _ = io.WriteString(errs, exit.Err.Error())
		}
		return exit.Code
	}
	_, _ = io.WriteString(errs, err.Error())
	return 2
}

// paths are what each dialect's full account may read.
var paths = map[string]string{"session": "/users", "form": "/items", "scoped": "/api/v1/objects", "rpc": "/currentuser"}

// TestOneLoginServesAll: the commands share one login, whatever they do with it.
func TestOneLoginServesAll(t *testing.T) {
	t.Parallel()
	for dialect, path := range paths {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, dialect)
			if _, said, code := s.run(t, "", "login"); code != 0 || !strings.Contains(said, "logged in at 127.0.0.1:") {
				t.Fatalf("login: %d, %s", code, said)
			}
			token, _, code := s.run(t, "", "token")
			if code != 0 || len(strings.TrimSpace(token)) < 16 {
				t.Fatalf("token: %d, %q", code, token)
			}
			s.password = "" // nobody is asked any more
			for _, args := range [][]string{{"call", path}, {"call", "get", path}, {"token", "--format", "json"}} {
				if out, said, code := s.run(t, "", args...); code != 0 || len(out) < 2 {
					t.Errorf("%q: %d, %q, %s", args, code, out, said)
				}
			}
			s.mock.AssertCalls(t, mockserver.Login, 1)
			if _, said, code := s.run(t, "", "logout"); code != 0 {
				t.Errorf("logout: %d, %s", code, said)
			}
			if _, said, code := s.run(t, "", "call", path); code != 1 || !strings.Contains(said, "set $DRAGOMAN_PASSWORD") {
				t.Errorf("after logout: %d, %s", code, said)
			}
		})
	}
}

// TestTokenFormats: each is what its reader takes.
func TestTokenFormats(t *testing.T) {
	t.Parallel()
	s := newShell(t, "form")
	plain, _, _ := s.run(t, "", "token")
	plain = strings.TrimSpace(plain)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--format", "json"}, `^\{"token":"` + plain + `","expires":"[0-9T:-]+Z","subject":"root"\}\n$`},
		{[]string{"--format", "kubectl"}, `^\{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":\{"token":"` + plain + `","expirationTimestamp":"[0-9T:-]+Z"\}\}\n$`},
		{[]string{"--format", "git", "get"}, `^username=root\npassword=` + plain + `\npassword_expiry_utc=[0-9]+\n$`},
		{[]string{"--format", "git", "store"}, `^$`},
		{[]string{"--format", "git", "erase"}, `^$`},
	} {
		if got, said, code := s.run(t, "", append([]string{"token"}, test.args...)...); code != 0 || !regexp.MustCompile(test.want).MatchString(got) {
			t.Errorf("%q: %d, %q, %s", test.args, code, got, said)
		}
	}
	s.mock.AssertCalls(t, mockserver.Login, 1)
}

// TestMistakes: each is told, with what to do, and no secret is in what is said.
func TestMistakes(t *testing.T) {
	t.Parallel()
	s := newShell(t, "form")
	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"token", "--dialect", "forms"}, 2, "is not session, form, rpc or scoped"},
		{[]string{"token", "--login", ""}, 2, "--login is missing: set the flag or $DRAGOMAN_LOGIN"},
		{[]string{"token", "--scope", "GET /x"}, 2, "--scope is not for the dialect form"},
		{[]string{"token", "--lifetime", "1 hour", "--v2-names", "--scope", "GET /x"}, 2, "--v2-names is not for the dialect form"},
		{[]string{"token", "--format", "yaml"}, 2, "is not plain, json, kubectl or git"},
		{[]string{"token", "--store", "keyrin"}, 2, "--store keyrin: did you mean keyring?"},
		{[]string{"token", "--store", "sqlite:office.db"}, 2, "is the sqlite store of a server; tokens are kept in a directory, in keyring, or with none not at all"},
		{[]string{"token", "--store", "postgres://a:b@127.0.0.1/c"}, 2, "is the postgres store of a server"},
		{[]string{"token", "more"}, 2, `unexpected argument "more"`},
		{[]string{"token", "--ca", "/none.pem"}, 2, "--ca"},
		{[]string{"token", "--url", "http://back.example"}, 2, "http"},
		{[]string{"token", "--password-file", "/none", "--store", "none"}, 1, "read the password"},
		{[]string{"token", "--password-file", "", "--password-command", "exit 3", "--store", "none"}, 1, "--password-command: exit status 3"},
		{[]string{"token", "--password-command", "echo root", "--store", "none"}, 1, "both --password-file and --password-command"},
		{[]string{"token", "--login", "nobody", "--store", "none"}, 1, "refused"},
		{[]string{"call", "items"}, 2, "does not begin with /"},
		{[]string{"call", "/items", "--data", "@/none"}, 2, "--data"},
		{[]string{"call", "/items", "-H", "Accept"}, 2, "has no colon"},
		{[]string{"call", "/nothing"}, 1, "GET /nothing: 404 Not Found"},
		{[]string{"logout", "--store", "none"}, 2, "nothing to forget"},
		{[]string{"exec", "--", "/no/such/program"}, 1, "/no/such/program"},
		{[]string{"exec", "--", "no-such-program-anywhere"}, 127, "no-such-program-anywhere"},
		{[]string{"proxy", "--listen", "0.0.0.0:0"}, 2, "not on loopback"},
		{[]string{"proxy", "--listen", "example.com:80"}, 2, "not on loopback"},
		{[]string{"proxy", "--listen", "127.0.0.1"}, 2, "--listen"},
	} {
		out, said, code := s.run(t, "", test.args...)
		if code != test.code || !strings.Contains(said, test.says) {
			t.Errorf("%q: exit code %d, %q; want %d, %q", test.args, code, said, test.code, test.says)
		}
		if strings.Contains(said+out, `"root"`) {
			t.Errorf("%q: says the password: %s", test.args, said)
		}
	}
}

// TestCallSends what its flags say.
func TestCallSends(t *testing.T) {
	t.Parallel()
	s := newShell(t, "form")
	s.mock.Handle("/echo", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", r.Method+" "+r.Header.Get("Content-Type")+" "+r.Header.Get("X-Mine"))
		_, _ = w.Write(body)
	}))
	file := filepath.Join(t.TempDir(), "body.json")
	if err := os.WriteFile(file, []byte(`{"from":"a file"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args       []string
		body, seen string
	}{
		{[]string{"/echo"}, "", "GET  "},
		{[]string{"/echo", "-d", `{"a":1}`}, `{"a":1}`, "POST application/json "},
		{[]string{"put", "/echo", "-d", "a=1", "-H", "Content-Type: application/x-www-form-urlencoded", "-H", "X-Mine:yes"}, "a=1", "PUT application/x-www-form-urlencoded yes"},
		{[]string{"/echo", "-d", "@" + file}, `{"from":"a file"}`, "POST application/json "},
		{[]string{"/echo", "-d", "@-"}, "from the input", "POST application/json "},
	} {
		out, said, code := s.run(t, "from the input", append([]string{"call", "--include"}, test.args...)...)
		head, body, _ := strings.Cut(strings.ReplaceAll(out, "\r\n", "\n"), "\n\n")
		if code != 0 || body != test.body || !strings.HasPrefix(head, "HTTP/1.1 200 OK\n") || !strings.Contains(head+"\n", "X-Seen: "+strings.TrimRight(test.seen, " ")) {
			t.Errorf("%q: %d, %q, %s", test.args, code, out, said)
		}
	}
}

// TestExec: the program has the token where it is told, and nowhere a password.
func TestExec(t *testing.T) {
	t.Parallel()
	needs.Programs(t, "sh")
	s := newShell(t, "form")
	token, _, _ := s.run(t, "", "token")
	token = strings.TrimSpace(token)
	if out, said, code := s.run(t, "", "exec", "--variable", "MY_TOKEN", "--", "sh", "-c", `echo "$MY_TOKEN $DRAGOMAN_URL"; exit 7`); code != 7 || out != token+" "+s.mock.URL+"\n" {
		t.Errorf("a variable: %d, %q, %s", code, out, said)
	}
	out, said, code := s.run(t, "", "exec", "--file", "--", "sh", "-c", `echo "$DRAGOMAN_TOKEN_FILE"; ls -l "$DRAGOMAN_TOKEN_FILE"; cat "$DRAGOMAN_TOKEN_FILE"; echo; env`)
	lines := strings.SplitN(out, "\n", 4)
	if code != 0 || !strings.HasPrefix(lines[1], "-rw-------") || lines[2] != token || strings.Contains(lines[3], token) {
		t.Errorf("a file: %d, %q, %s", code, out, said)
	}
	if _, err := os.Stat(filepath.Dir(lines[0])); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file's directory is there afterwards: %v", err)
	}
}

// TestExecRenewsTheFile: while the program runs, the file gets each new token.
func TestExecRenewsTheFile(t *testing.T) {
	t.Parallel()
	needs.Programs(t, "sh")
	s := newShell(t, "session")
	s.mock = mockserver.New(t, mockserver.WithLifetimes(mockserver.Lifetimes{SessionAccess: 2 * time.Second}))
	const changes = `first=$(cat "$DRAGOMAN_TOKEN_FILE")
		for i in $(seq 600); do [ "$(cat "$DRAGOMAN_TOKEN_FILE")" = "$first" ] || { echo changed; exit; }; sleep 0.05; done`
	if out, said, code := s.run(t, "", "exec", "--file", "--", "sh", "-c", changes); code != 0 || out != "changed\n" {
		t.Errorf("%d, %q, %s", code, out, said)
	}
	s.mock.AssertCalls(t, mockserver.Login, 1)
	s.mock.AssertOneRenewalPerToken(t)
}

// TestProxy: whoever shows the key acts as the user, and nobody else does.
func TestProxy(t *testing.T) {
	t.Parallel()
	s := newShell(t, "form")
	s.mock.Handle("/echo", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", r.Host+" "+r.Header.Get("Authorization")+r.Header.Get("X-Dragoman-Key")+" "+r.Header.Get("X-Mine"))
		_, _ = w.Write(body)
	}))
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan int)
	var said bytes.Buffer
	go func() { ended <- s.start(ctx, strings.NewReader(""), write, &said, "proxy") }()
	var at struct {
		URL     string `json:"url"`
		Key     string `json:"key"`
		WithKey string `json:"url_with_key"`
	}
	if err := json.NewDecoder(read).Decode(&at); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for name, test := range map[string]struct {
		url    string
		header [2]string
		status int
	}{
		"in the URL":       {at.WithKey, [2]string{"X-Mine", "yes"}, 200},
		"as bearer":        {at.URL, [2]string{"Authorization", "Bearer " + at.Key}, 200},
		"in its header":    {at.URL, [2]string{"X-Dragoman-Key", at.Key}, 200},
		"none":             {at.URL, [2]string{"X-Mine", "yes"}, 401},
		"empty":            {at.URL, [2]string{"Authorization", "Bearer "}, 401},
		"another":          {at.URL, [2]string{"Authorization", "Bearer " + at.Key + "x"}, 401},
		"the key as login": {strings.Replace(at.URL, "http://", "http://"+at.Key+":@", 1), [2]string{"X-Mine", "yes"}, 401},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, test.url+"/echo", strings.NewReader("a body"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(test.header[0], test.header[1])
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != test.status || test.status == 200 && (string(body) != "a body" || strings.Contains(response.Header.Get("X-Seen"), at.Key) || !strings.HasPrefix(response.Header.Get("X-Seen"), strings.TrimPrefix(s.mock.URL, "http://"))) {
			t.Errorf("%s: %d, %q, %v", name, response.StatusCode, body, response.Header)
		}
	}
	s.mock.AssertCalls(t, mockserver.Login, 1)
	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("interrupted, it ended with %d: %s", code, said.String())
	}
}
