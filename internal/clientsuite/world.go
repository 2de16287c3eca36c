package clientsuite

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/mockserver"
)

// world is what the steps of one scenario work on.
type world struct {
	dialect string
	program Program
	options Options

	// What the set-up says before the mock starts.
	lifetimes mockserver.Lifetimes
	answers   func(mockserver.Operation, []byte) []byte
	password  string
	tls       bool // the mock encrypts
	untrusted bool // the client does not trust its certificate
	verbose   bool
	store     bool

	mock    *mockserver.Server // nil until it is needed
	other   *mockserver.Server // another origin; nil until it is needed
	folder  string             // for the client's files; "" until it is needed
	uploads uploads
	faults  []expected
	hold    *mockserver.Hold

	clients []*conversation // all that were started, in order
	answer  Answer          // of the last command
	mark    counts          // what the mock had seen when the set-up was done
	late    error           // why a caller with a deadline got no answer, or nil
	since   int             // how many requests the journal had when the client was told to wait
}

// counts are how many requests of each operation a mock has answered.
type counts map[mockserver.Operation]int

// expected is a fault that has to take effect, else the scenario proves nothing.
type expected struct {
	what       string
	injections []*mockserver.Injection
}

// The account of the client, and the route that it calls.
const (
	accountLogin = "client"
	accountEmail = "client@example.com"
	thingsPath   = "/things"
	grpcMethod   = "/axxonsoft.bl.domain.DomainService/ListCameras"
	streamMethod = "/axxonsoft.bl.domain.DomainService/StreamCameras"
)

func newWorld(dialect string, program Program, options Options) *world {
	return &world{dialect: dialect, program: program, options: options, password: "pw-" + rand.Text()}
}

// server is the mock; it is started when it is first needed.
func (w *world) server() (*mockserver.Server, error) {
	if w.mock != nil {
		return w.mock, nil
	}
	options := []mockserver.Option{
		mockserver.WithDialects(w.dialect), mockserver.WithLifetimes(w.lifetimes), mockserver.WithMisuse(mockserver.MisuseWarn),
		mockserver.WithAccount(mockserver.Account{
			Login: accountLogin, Email: accountEmail, Password: w.password, Rights: []string{"*"}, Unrestricted: true,
		}),
	}
	if w.answers != nil {
		options = append(options, mockserver.WithAnswers(w.answers))
	}
	if w.tls {
		options = append(options, mockserver.WithTLS())
	}
	if w.options.Memory {
		options = append(options, mockserver.WithMemory())
	}
	mock, err := mockserver.Start(options...)
	if err != nil {
		return nil, &harnessError{err}
	}
	w.mock = mock
	mock.Handle("GET "+thingsPath, http.HandlerFunc(list))
	mock.Handle("POST "+thingsPath, &w.uploads)
	mock.Handle("GET /moved", http.RedirectHandler(thingsPath, http.StatusTemporaryRedirect))
	return mock, nil
}

func list(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "[]\n")
}

// foreignPort is that of the other origin where it is in memory.
const foreignPort = ":81"

// foreign is the address of another origin, with plain http and at another port, which
// notes what reaches it.
func (w *world) foreign() (string, error) {
	if w.other == nil {
		options := []mockserver.Option{mockserver.WithDialects(w.dialect)}
		if w.options.Memory {
			options = append(options, mockserver.WithMemory())
		}
		other, err := mockserver.Start(options...)
		if err != nil {
			return "", &harnessError{err}
		}
		w.other = other
	}
	if w.options.Memory {
		return w.other.URL + foreignPort, nil
	}
	return w.other.URL, nil
}

// requests are all that reached the mock and the other origin.
func (w *world) requests() []mockserver.Request {
	var all []mockserver.Request
	for _, mock := range []*mockserver.Server{w.mock, w.other} {
		if mock != nil {
			all = append(all, mock.Requests()...)
		}
	}
	return all
}

// environment is what a client gets.
func (w *world) environment() (Environment, error) {
	mock, err := w.server()
	if err != nil {
		return Environment{}, err
	}
	env := Environment{URL: mock.URL, Dialect: w.dialect, Login: accountLogin, Password: w.password, GRPC: mock.GRPCAddr, Verbose: w.verbose, mock: mock}
	if w.dialect == "session" {
		env.Login = accountEmail
	}
	if w.options.Memory {
		env.HTTP, env.DialGRPC = w.inMemory(mock), mock.GRPC
	}
	if w.tls && !w.untrusted && !w.options.Memory {
		if env.CA, err = w.file("ca.pem", mock.CertificatePEM()); err != nil {
			return env, &harnessError{err}
		}
	}
	if w.store {
		if env.Store, err = w.storeFolder(); err != nil {
			return env, &harnessError{err}
		}
	}
	return env, nil
}

// inMemory is an HTTP client of its own for mocks in memory.
func (w *world) inMemory(mock *mockserver.Server) *http.Client {
	transport, is := mock.Client().Transport.(*http.Transport)
	if !is {
		return mock.Client()
	}
	transport = transport.Clone()
	own := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if other, is := w.otherTransport(); is && strings.HasSuffix(address, foreignPort) {
			return other.DialContext(ctx, network, address)
		}
		return own(ctx, network, address)
	}
	if w.untrusted {
		transport.TLSClientConfig = nil // it trusts the authorities of the machine
	}
	return &http.Client{Transport: transport}
}

func (w *world) otherTransport() (transport *http.Transport, is bool) {
	if w.other == nil {
		return nil, false
	}
	transport, is = w.other.Client().Transport.(*http.Transport)
	return transport, is
}

// file writes a file into the folder of the scenario.
func (w *world) file(name string, content []byte) (string, error) {
	if err := w.makeFolder(); err != nil {
		return "", err
	}
	path := filepath.Join(w.folder, name)
	return path, os.WriteFile(path, content, 0o600)
}

func (w *world) storeFolder() (string, error) {
	if err := w.makeFolder(); err != nil {
		return "", err
	}
	path := filepath.Join(w.folder, "store")
	return path, os.MkdirAll(path, 0o700)
}

func (w *world) makeFolder() (err error) {
	if w.folder == "" {
		w.folder, err = os.MkdirTemp("", "dragoman-client-")
	}
	return err
}

// start starts a client, beside those that run.
func (w *world) start(ctx context.Context) (*conversation, error) {
	if err := w.startAll(ctx, 1); err != nil {
		return nil, err
	}
	return w.clients[len(w.clients)-1], nil
}

// startAll starts clients at once: one that logs in before it is ready may have to wait
// until the others have come.
func (w *world) startAll(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, w.options.Timeout)
	defer cancel()
	started, problems := make([]*conversation, n), make([]error, n)
	var starting sync.WaitGroup
	for i := range n {
		env, err := w.environment()
		if err != nil {
			problems[i] = err
			break
		}
		starting.Go(func() { started[i], problems[i] = converse(ctx, w.program, env) })
	}
	starting.Wait()
	for _, c := range started {
		if c != nil {
			w.clients = append(w.clients, c)
		}
	}
	return errors.Join(problems...)
}

// client is the first client; it is started when it is first needed.
func (w *world) client(ctx context.Context) (*conversation, error) {
	if len(w.clients) > 0 {
		return w.clients[0], nil
	}
	return w.start(ctx)
}

// say tells the client to do something, and keeps its answer.
func (w *world) say(ctx context.Context, format string, args ...any) error {
	c, err := w.client(ctx)
	if err != nil {
		return err
	}
	w.answer, err = w.tell(ctx, c, fmt.Sprintf(format, args...))
	return err
}

// tell tells one of the clients to do something.
func (w *world) tell(ctx context.Context, c *conversation, command string) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, w.options.timeout(command))
	defer cancel()
	answer, err := c.say(ctx, Command(command))
	if w.options.Host != nil && err != nil {
		return answer, &unprovenError{"the client did not come for " + command}
	}
	return answer, err
}

// note notes what the mock has seen, for what is counted from here.
func (w *world) note() {
	w.mark = counts{}
	for _, o := range mockserver.Operations() {
		w.mark[o] = w.mock.Calls(o)
	}
}

// unmet says which fault has had no effect, or "".
func (w *world) unmet() string {
	for _, f := range w.faults {
		affected := 0
		for _, injection := range f.injections {
			affected += injection.Count()
		}
		if affected == 0 {
			return f.what
		}
	}
	return ""
}

// secrets are all that the client must not show.
func (w *world) secrets() *evidence.Secrets {
	secrets := &evidence.Secrets{}
	secrets.AddLogin(accountLogin)
	secrets.Add("password", w.password)
	secrets.AddBasic(accountLogin, w.password)
	for _, mock := range []*mockserver.Server{w.mock, w.other} {
		if mock == nil {
			continue
		}
		access, refresh := mock.IssuedTokens()
		for _, token := range slices.Concat(access, refresh) {
			secrets.Add("token", token)
		}
	}
	return secrets
}

// end ends all that the scenario has started.
func (w *world) end() error {
	if w.hold != nil {
		w.hold.Release()
	}
	for _, c := range w.clients {
		c.kill()
	}
	var problems []error
	for _, mock := range []*mockserver.Server{w.mock, w.other} {
		if mock != nil {
			problems = append(problems, mock.Close())
		}
	}
	if w.folder != "" {
		problems = append(problems, os.RemoveAll(w.folder))
	}
	return errors.Join(problems...)
}

// harnessError is a mistake of the judge, not of the client.
type harnessError struct{ err error }

func (e *harnessError) Error() string { return e.err.Error() }

func (e *harnessError) Unwrap() error { return e.err }

// uploads serves calls with a body, and notes which bodies were whole.
type uploads struct {
	mu     sync.Mutex
	wanted int // bytes
	got    []string
}

// ServeHTTP implements [http.Handler].
func (u *uploads) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case err != nil:
		u.got = append(u.got, fmt.Sprintf("%d bytes and no end", len(body)))
	case string(body) == BodyOf(u.wanted):
		u.got = append(u.got, "")
	default:
		u.got = append(u.got, fmt.Sprintf("%d bytes", len(body)))
	}
	list(w, r)
}

// expect says how long bodies are from now on.
func (u *uploads) expect(bytes int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.wanted = bytes
}

// broken is how the first body was that was not whole, or "", and how many came.
func (u *uploads) broken() (how string, came int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, got := range u.got {
		if got != "" {
			return got, len(u.got)
		}
	}
	return "", len(u.got)
}

// BodyOf is the body of so many bytes that a client sends: the small letters from a to
// z, again and again.
func BodyOf(bytes int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	return strings.Repeat(letters, bytes/len(letters)+1)[:bytes]
}
