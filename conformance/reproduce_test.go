package conformance_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/conformance/subject"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// wrongServer is the reference over HTTP with a mistake in front of it, and a
// manifest for it.
func wrongServer(t *testing.T, dialect string, mistake func(http.Handler) http.Handler) *manifest.Manifest {
	t.Helper()
	server, err := reference.New(reference.Config{Accounts: reference.DemoAccounts(), ClockControl: true, Hasher: account.Fast{}})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(mistake(server.Handler()))
	t.Cleanup(front.Close)
	m := subject.Reference()
	all := m.Dialects
	m.Dialects = manifest.Dialects{}
	switch dialect {
	case "session":
		m.Dialects.Session = all.Session
	case "form":
		m.Dialects.Form = all.Form
	case "rpc":
		m.Dialects.RPC = all.RPC
		m.Dialects.RPC.GRPC = nil
	case "scoped":
		m.Dialects.Scoped = all.Scoped
	}
	m.Subject = manifest.Subject{URL: front.URL}
	return m
}

// rewritten passes a request on and changes its answer.
func rewritten(change func(r *http.Request, answer *httptest.ResponseRecorder)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			if !strings.HasPrefix(r.URL.Path, "/_dragoman") {
				change(r, answer)
			}
			for name, values := range answer.Header() {
				w.Header()[name] = values
			}
			w.Header().Del("Content-Length")
			w.WriteHeader(answer.Code)
			_, _ = io.Copy(w, answer.Body)
		})
	}
}

// yielding says yes to everything, in the way of an open door.
var yielding = rewritten(func(_ *http.Request, answer *httptest.ResponseRecorder) {
	if answer.Code >= 400 {
		answer.Code = http.StatusOK
		answer.Header().Set("Content-Type", "application/json")
	}
})

// sullen says no in the wrong way, and forgets to end what it should.
var sullen = rewritten(func(r *http.Request, answer *httptest.ResponseRecorder) {
	answer.Header().Del("Cache-Control")
	answer.Header().Del("WWW-Authenticate")
	if answer.Code == http.StatusUnauthorized || answer.Code == http.StatusNotFound {
		answer.Code = http.StatusInternalServerError
	}
	if r.Method == http.MethodDelete || r.Method == http.MethodPut {
		answer.Code = http.StatusAccepted
	}
})

// TestReproduceLinesShowTheFailure runs every script of failing runs in a
// shell, and wants the status that the evidence has.
func TestReproduceLinesShowTheFailure(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"sh", "curl", "awk"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s here", program)
		}
	}
	for dialect, mistake := range map[string]func(http.Handler) http.Handler{
		"session": yielding, "form": sullen, "rpc": sullen, "scoped": yielding,
	} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			r, err := conformance.Run(t.Context(), wrongServer(t, dialect, mistake), conformance.Options{Workers: 2})
			if err != nil {
				t.Fatal(err)
			}
			scripts := 0
			for _, row := range r.Requirements {
				for _, s := range row.Scenarios {
					if s.Reproduce != "" {
						scripts++
						reproduce(t, row.ID+" "+s.Name, s)
					}
				}
			}
			if scripts < 3 {
				t.Errorf("only %d scripts were run", scripts)
			}
		})
	}
}

func reproduce(t *testing.T, name string, s report.Scenario) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "sh", "-c", s.Reproduce)
	command.Env = append(os.Environ(), "PASSWORD_1=root", "PASSWORD_2=clerk", "KEY_1=demo-key-root-users")
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	last := s.Exchanges[len(s.Exchanges)-1]
	code, _, _ := strings.Cut(last.Status, " ")
	if err != nil || stderr.Len() > 0 || !strings.Contains(stdout.String(), "HTTP/1.1 "+code+" ") {
		t.Errorf("%s: %v: expected %s, got\n%s%s\nof\n%s", name, err, last.Status, stdout.String(), stderr.String(), s.Reproduce)
	}
}
