package main

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/internal/needs"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// demoServers starts three reference servers with demo accounts: plain over http,
// secure over https with a certificate that no client trusts, and timeless over
// http without the endpoint that moves the clock.
func demoServers(t *testing.T) (plain, secure, timeless string) {
	t.Helper()
	serve := func(clock bool, start func(*httptest.Server)) string {
		server, err := reference.New(reference.Config{Accounts: reference.DemoAccounts(), ClockControl: clock, Hasher: account.FastHasher{}})
		if err != nil {
			t.Fatal(err)
		}
		front := httptest.NewUnstartedServer(server.Handler())
		front.Config.ErrorLog = log.New(io.Discard, "", 0)
		start(front)
		t.Cleanup(front.Close)
		return front.URL
	}
	return serve(true, (*httptest.Server).Start), serve(true, (*httptest.Server).StartTLS), serve(false, (*httptest.Server).Start)
}

// TestPortInUse: whatever command wants a port that another program has, it says how to
// take another one.
func TestPortInUse(t *testing.T) {
	t.Parallel()
	plain, _, _ := demoServers(t)
	taken := strings.TrimPrefix(plain, "http://")
	for _, args := range [][]string{ // the last flag is the one to change
		{"serve", "--demo", "--audit", "none", "--listen", taken},
		{"serve", "--demo", "--audit", "none", "--listen", "127.0.0.1:0", "--grpc", taken},
		{"serve", "--demo", "--audit", "none", "--listen", "127.0.0.1:0", "--grpc", "", "--admin", taken},
		{"mock", "--listen", taken},
		{"mock", "--listen", "127.0.0.1:0", "--grpc", taken},
		{"mock", "--listen", "127.0.0.1:0", "--grpc", "", "--management", taken},
		{"verify-client", "--dialect", "form", "--listen", taken},
		{"proxy", "--dialect", "form", "--url", plain, "--login", "root", "--store", "none", "--listen", taken},
	} {
		flag, code := args[len(args)-2], exitUsage
		if args[0] == "proxy" {
			code = 1 // it is no client of a back office then
		}
		if _, problem := runWant(t, code, args...); !strings.Contains(problem, flag) || !strings.Contains(problem, "take another port") || !strings.Contains(problem, "(0 is any that is free)") {
			t.Errorf("%v says %s", args, problem)
		}
	}
}

// TestAddressesThatNobodyCanListenOn: the error says what an address looks like, or which
// one to take.
func TestAddressesThatNobodyCanListenOn(t *testing.T) {
	t.Parallel()
	const form = "an address is a host and a port, as 127.0.0.1:8080"
	for _, test := range []struct {
		address, want string
	}{
		{"8080", form},
		{"localhost", form},
		{"127.0.0.1:99999", form},
		{"127.0.0.1:http-or-so", form},
		{"192.0.2.1:0", "this machine has no such address"}, // for documentation only (RFC 5737)
	} {
		for _, args := range [][]string{
			{"serve", "--demo", "--listen", test.address, "--audit", "none"},
			{"serve", "--demo", "--listen", "127.0.0.1:0", "--grpc", "", "--admin", test.address, "--audit", "none"},
			{"mock", "--listen", test.address},
		} {
			if _, problem := runWant(t, exitUsage, args...); !strings.Contains(problem, test.want) {
				t.Errorf("%v says %s", args, problem)
			}
		}
	}
	for problem, want := range map[error]string{
		&net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EACCES)}:         "take a port from 1024",
		&net.OpError{Op: "dial", Err: &net.AddrError{Err: "missing port in address"}}:       "",
		&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.EADDRNOTAVAIL)}: "",
	} {
		if got := whatToDo(problem); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%v: %q, want %q", problem, got, want)
		}
	}
}

// TestTenMistakes runs verify and doctor with ten manifests. Each contains one
// mistake that people often make. Both commands have to say what is wrong and what
// to correct; verify must not show the diagnosis of another mistake.
func TestTenMistakes(t *testing.T) {
	t.Parallel()
	plain, secure, timeless := demoServers(t)
	const nobody = "127.0.0.1:1" // no system gives this port away, unlike one that was just closed
	const right = "\ndialects: {session: {accounts: {full: {email: root@example.com, password: root}}}}\n"
	at := func(url string) string { return "subject: {url: '" + url + "'}" }
	tests := map[string]struct {
		manifest  string
		code      int    // of verify
		diagnosis string // part of verify's stderr, and of doctor's output
	}{
		"wrong password": {
			at(plain) + strings.Replace(right, "password: root", "password: toor", 1), exitEnvironment,
			"dialects.session.accounts.full: the login is refused: 401 Unauthorized; correct its name and password",
		},
		"wrong path": {
			at(plain) + strings.Replace(right, "session: {", "session: {login: /signin, ", 1), exitEnvironment,
			"dialects.session.accounts.full: there is no login at /signin: it answers 404 Not Found; correct the paths in dialects.session.login and prefix",
		},
		"unknown key": {
			at(plain) + strings.Replace(right, "accounts:", "acounts:", 1), exitUsage,
			`dragoman.yaml:2: unknown key "acounts" in dialects.session; did you mean "accounts"?`,
		},
		"unset variable": {
			at(plain) + strings.Replace(right, "password: root", "password: '${DRAGOMAN_NO_SUCH}'", 1), exitUsage,
			"dialects.session.accounts.full.password: the environment variable DRAGOMAN_NO_SUCH is not set; export it",
		},
		"port that nobody listens on": {
			at("http://"+nobody) + right, exitEnvironment,
			"connection refused; nobody listens there: start the server, or correct the port",
		},
		"image that does not exist": {
			"subject: {image: 'localhost:1/no/such/image:1', ports: {http: 80}}" + right, exitEnvironment,
			"there is no image localhost:1/no/such/image:1, and it cannot be pulled: ",
		},
		"clock endpoint missing": {
			at(timeless) + "\nclock: {path: '/_dragoman/clock', body: '{\"advance_seconds\":{seconds}}'}" + right, exitEnvironment,
			"/_dragoman/clock\" answered \"404 Not Found\"; check clock in the manifest; correct the clock section, or leave it out",
		},
		"account without rights declared as full": {
			at(plain) + strings.NewReplacer("root@example.com", "clerk@example.com", "password: root", "password: clerk").Replace(right), exitNonConformant,
			"dialects.session.accounts.full: this account has no right to read /users: 403 Forbidden; give it the right",
		},
		"TLS with an unknown CA": {
			at(secure) + right, exitEnvironment,
			"certificate signed by unknown authority; name the file of its authority in subject.tls.ca",
		},
		"capability declared but absent": {
			at(plain) + strings.Replace(right, "accounts:", "sessions_api: {list: /my/sessions}, accounts:", 1), exitNonConformant,
			"dialects.session.sessions_api: the list of sessions is not there: /my/sessions answers 404 Not Found; leave the key out",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.HasPrefix(name, "image") {
				needs.Engine(t, subject.EngineAnswers(t.Context()))
			}
			path := filepath.Join(t.TempDir(), "dragoman.yaml")
			if err := os.WriteFile(path, []byte(test.manifest), 0o600); err != nil {
				t.Fatal(err)
			}
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), []string{"verify", path, "--only", "SES-01,SES-04,SES-18"}, &stdout, &stderr)
			if code != test.code || !strings.Contains(stderr.String(), test.diagnosis) {
				t.Errorf("verify: exit code %d, stderr:\n%s", code, stderr.String())
			}
			for other, o := range tests {
				if other != name && strings.Contains(stderr.String(), o.diagnosis) {
					t.Errorf("verify also shows the diagnosis of %q:\n%s", other, stderr.String())
				}
			}
			stdout.Reset()
			stderr.Reset()
			want := exitEnvironment
			if test.code == exitUsage {
				want = exitUsage
			}
			code = run(t.Context(), []string{"doctor", path}, &stdout, &stderr)
			said := strings.ReplaceAll(stdout.String(), "\n  cause: ", ": ")
			said = strings.ReplaceAll(said, "\n  fix:  ", "; ") + stderr.String()
			if code != want || !strings.Contains(said, test.diagnosis) {
				t.Errorf("doctor: exit code %d\n%s", code, said)
			}
		})
	}
}

// TestInterruptedDoctor checks that an interrupted doctor makes no statement about
// the server. Its error says that it was interrupted, not that a context of Go was
// cancelled.
func TestInterruptedDoctor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{"doctor", "--in-process"}, &stdout, &stderr)
	if code != exitEnvironment || stdout.String() != "" || !strings.HasSuffix(stderr.String(), "dragoman: interrupted, before the examination was over\n") || strings.Contains(stderr.String(), "cancel") {
		t.Errorf("exit code %d\n%s%s", code, stdout.String(), stderr.String())
	}
}

// TestDoctorFindsNothing checks that doctor has nothing to correct in the reference
// server.
func TestDoctorFindsNothing(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"doctor", "--in-process"}, &stdout, &stderr); code != 0 || stdout.String() != "all is well: the server is ready to be judged\n" {
		t.Errorf("exit code %d\n%s%s", code, stdout.String(), stderr.String())
	}
}
