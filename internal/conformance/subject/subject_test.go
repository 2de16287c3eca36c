package subject_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "dragoman-subject")
	if err != nil {
		panic(err)
	}
	helperPath = filepath.Join(dir, "server")
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

var helperPath string

// buildHelper builds testdata/server once, statically linked, by the flags of
// "make test", so that only the linker has work.
var buildHelper = sync.OnceValue(func() error {
	build := exec.Command("go", "build", "-trimpath", "-o", helperPath, "./testdata/server")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
})

func helperBinary(t *testing.T) string {
	t.Helper()
	if err := buildHelper(); err != nil {
		t.Fatal(err)
	}
	return helperPath
}

// parse makes a manifest of the form dialect around a subject section.
func parse(t *testing.T, subjectSection string) *manifest.Manifest {
	t.Helper()
	text := "subject: " + subjectSection + "\ndialects: {form: {accounts: {full: {login: a, password: b}}}}\n"
	m, err := manifest.Parse("test.yaml", []byte(text), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func start(t *testing.T, m *manifest.Manifest, o subject.Options) *subject.Running {
	t.Helper()
	running, err := subject.Start(t.Context(), m, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	return running
}

// get asks once and returns the status and the Date header of the answer.
func get(t *testing.T, url string) (status int, date string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode, response.Header.Get("Date")
}

func TestReferenceManifest(t *testing.T) {
	t.Parallel()
	m := subject.Reference()
	for _, dialect := range manifest.DialectNames() {
		if !m.Speaks(dialect) || !m.Declares(dialect, manifest.Throttling) || !m.Declares(dialect, manifest.ClockControl) {
			t.Errorf("%s is not declared in full", dialect)
		}
	}
}

func TestBuiltinInProcess(t *testing.T) {
	t.Parallel()
	m := subject.Reference()
	running := start(t, m, subject.Options{})
	if running.Kind != "builtin" || running.Runs != "in this process" || running.GRPC == "" {
		t.Errorf("got %+v", running)
	}
	if status, _ := get(t, running.HTTP+"/healthz"); status != http.StatusOK {
		t.Errorf("/healthz answers %d", status)
	}
	clock := subject.NewClock(running, m.Clock)
	if err := clock.Advance(t.Context(), 90*time.Minute); err != nil {
		t.Fatal(err)
	}
	_, date := get(t, running.HTTP+"/healthz")
	theirs, err := http.ParseTime(date)
	if err != nil || clock.Now().Sub(theirs).Abs() > 5*time.Second || time.Until(theirs) < 89*time.Minute {
		t.Errorf("their time is %v, ours for it %v (%v)", theirs, clock.Now(), err)
	}
	running.Stop()
	if serves(running.HTTP) {
		t.Error("it still listens after Stop")
	}
}

// late is how long a test waits for what a right subject does at once, on a busy machine
// a little later.
const late = 30 * time.Second

// serves says whether a server whose clock is an hour ahead or more answers at an
// address. Another program may have been given the port by then.
func serves(url string) bool {
	client := &http.Client{Timeout: late, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	date, err := http.ParseTime(response.Header.Get("Date"))
	return err == nil && time.Until(date) > 59*time.Minute
}

func TestCommand(t *testing.T) {
	t.Parallel()
	child := filepath.Join(t.TempDir(), "child")
	m := parse(t, fmt.Sprintf(`{command: [%s, -listen, "127.0.0.1:${HTTP_PORT}", -child, %s], env: {GREETING: "port ${HTTP_PORT}"}}`, helperBinary(t), child))
	running := start(t, m, subject.Options{})
	port := running.HTTP[strings.LastIndex(running.HTTP, ":")+1:]
	if logs, line := running.Logs(); running.Kind != "command" || running.GRPC != "" || line != 1 || !strings.Contains(logs, "listening, with port "+port) {
		t.Errorf("got %+v, logs %q from line %d", running, logs, line)
	}
	content, err := os.ReadFile(child)
	if err != nil {
		t.Fatal(err)
	}
	if !lives(t, string(content)) {
		t.Fatal("the child does not live")
	}
	moved, err := http.Post(running.HTTP+"/clock?seconds=7200", "", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if moved.Body.Close(); !serves(running.HTTP) {
		t.Fatal("its clock was not moved")
	}
	running.Stop()
	if serves(running.HTTP) {
		t.Error("it still listens after Stop")
	}
	for deadline := time.Now().Add(late); lives(t, string(content)); <-time.After(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the child outlives Stop")
		}
	}
}

// lives says whether a process runs and is no zombie.
func lives(t *testing.T, pid string) bool {
	t.Helper()
	status, err := os.ReadFile("/proc/" + pid + "/stat")
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	return !strings.Contains(string(status), ") Z ")
}

func TestCommandWithAClockAhead(t *testing.T) {
	t.Parallel()
	m := parse(t, fmt.Sprintf(`{command: [%s, -listen, "127.0.0.1:${HTTP_PORT}"]}`, helperBinary(t)))
	m.Clock = &manifest.Clock{Method: http.MethodPost, Path: "/clock?seconds={seconds}"}
	running := start(t, m, subject.Options{})
	clock := subject.NewClock(running, m.Clock)
	if err := clock.Advance(t.Context(), time.Hour+time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if ahead := time.Until(clock.Now()); ahead < time.Hour || ahead > time.Hour+time.Second {
		t.Errorf("an hour and a bit became %v", ahead)
	}
	// A second judge of the same server reads the time that the first has left.
	again := start(t, parse(t, "{url: '"+running.HTTP+"'}"), subject.Options{})
	if off := again.Ahead - time.Hour; off.Abs() > 3*time.Second {
		t.Errorf("the second run finds it %v ahead", again.Ahead)
	}
	m.Clock.Path = "/nosuch?seconds={seconds}"
	var clockError *subject.ClockError
	if err := clock.Advance(t.Context(), time.Second); !errors.As(err, &clockError) || !strings.Contains(said(err), `answered "404`) {
		t.Errorf("a clock that is not there: %v", err)
	}
	if err := subject.NewClock(running, nil).Advance(t.Context(), time.Second); !errors.As(err, &clockError) {
		t.Errorf("no clock: %v", err)
	}
}

// TestOwnTime: the subject's time is compared with the time that the options
// give, and reckoned by it.
func TestOwnTime(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", noon.Add(time.Hour).Format(http.TimeFormat))
	}))
	t.Cleanup(server.Close)
	running := start(t, parse(t, "{url: '"+server.URL+"'}"), subject.Options{Now: func() time.Time { return noon }})
	if running.Ahead != time.Hour {
		t.Errorf("it is %v ahead", running.Ahead)
	}
	if now := subject.NewClock(running, nil).Now(); !now.Equal(noon.Add(time.Hour)) {
		t.Errorf("its time is %v", now)
	}
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	binary := helperBinary(t)
	tests := map[string]struct{ section, problem string }{
		"nobody listens":     {"{url: 'http://127.0.0.1:1'}", "the subject does not answer: GET http://127.0.0.1:1/: "},
		"no such program":    {"{command: [/nosuch/program]}", "start /nosuch/program: "},
		"it ends":            {"{command: [" + binary + ", -fail]}", binary + " ended before it answered (exit status 7): it printed: \"cannot read the configuration\""},
		"it never answers":   {"{command: [" + binary + "], ready: {timeout: 300ms}}", "the subject does not answer within 300 ms: GET http://127.0.0.1:"},
		"nobody speaks gRPC": {"", "gRPC 127.0.0.1:"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.section == "" {
				running := start(t, parse(t, fmt.Sprintf(`{command: [%s, -listen, "127.0.0.1:${HTTP_PORT}"]}`, binary)), subject.Options{})
				address := strings.TrimPrefix(running.HTTP, "http://")
				m, err := manifest.Parse("test.yaml", []byte("subject: {grpc: '"+address+"'}\ndialects: {rpc: {grpc: {}, accounts: {full: {login: a, password: b}}}}\n"), os.LookupEnv)
				if err != nil {
					t.Fatal(err)
				}
				_, err = subject.Start(t.Context(), m, subject.Options{})
				wantError(t, err, test.problem)
				return
			}
			running, err := subject.Start(t.Context(), parse(t, test.section), subject.Options{})
			if err == nil {
				running.Stop()
			}
			wantError(t, err, test.problem)
		})
	}
}

// said is an error as people see it.
func said(err error) string { return (*evidence.Secrets)(nil).HideIn(err.Error()) }

func wantError(t *testing.T, err error, problem string) {
	t.Helper()
	if err == nil || !strings.Contains(said(err), problem) {
		t.Errorf("says  %s\nwants %s", said(err), problem)
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	m := parse(t, "{command: ["+helperBinary(t)+"]}")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	started := time.Now()
	_, err := subject.Start(ctx, m, subject.Options{})
	if err == nil || time.Since(started) > 10*time.Second {
		t.Errorf("got %v after %v", err, time.Since(started))
	}
}

func TestDeclaredPortIsKept(t *testing.T) {
	t.Parallel()
	port, err := subject.FreePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m := parse(t, fmt.Sprintf(`{command: [%s, -listen, "127.0.0.1:%d"], ports: {http: %d}}`, helperBinary(t), port, port))
	if running := start(t, m, subject.Options{}); !strings.HasSuffix(running.HTTP, ":"+strconv.Itoa(port)) {
		t.Errorf("reached at %s", running.HTTP)
	}
}

// TestFreePorts wants ports that are free, of a range that the system gives none
// of to who asks for any.
func TestFreePorts(t *testing.T) {
	t.Parallel()
	for range 50 {
		port, err := subject.FreePort(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil || port < 20_000 || port >= 32_768 {
			t.Fatalf("port %d: %v", port, err)
		}
		t.Cleanup(func() { _ = listener.Close() })
	}
}
