package mockserver

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"path"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference"
)

// TB is the part of testing.TB that a mock needs; *testing.T, *testing.B and
// *testing.F implement it.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Cleanup(func())
}

// sharedKey is the key of all mocks of the process. It is made when the first of them
// needs it.
var sharedKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// sharedSigner signs with the key of all mocks, and publishes it.
type sharedSigner struct{}

var _ reference.Publisher = sharedSigner{}

func (sharedSigner) Sign(claims map[string]any) (string, error) {
	key, err := sharedKey()
	if err != nil {
		return "", err
	}
	signer, err := reference.RS256(key)
	if err != nil {
		return "", err
	}
	return signer.Sign(claims)
}

func (sharedSigner) PublicKey() (*rsa.PublicKey, error) {
	key, err := sharedKey()
	if err != nil {
		return nil, err
	}
	return &key.PublicKey, nil
}

// Server is a running mock. It is safe for concurrent use.
type Server struct {
	// URL is the base of all HTTP paths, such as http://127.0.0.1:43210; in memory
	// it is http://mock.example ([WithMemory]).
	URL string
	// GRPCAddr is host and port of the gRPC listener. It is empty without gRPC; see
	// [WithAddresses].
	GRPCAddr string

	accounts []Account
	dialects []string
	prefixes map[string]string // of the dialects that have one
	origins  []string          // whose pages may read answers
	backend  *reference.Server
	routes   routes
	clock    *Clock
	journal  *journal
	names    pseudonyms
	tokens   *tokens
	faults   *faults
	holds    holds
	misuses  misuses
	answers  func(Operation, []byte) []byte // nil: as they are

	network     network
	http        *http.Server
	unsent      unsent
	grpcConns   connections
	grpcMethods map[string]grpc.ServiceInfo // by service; set before the first call
	served      sync.WaitGroup
	closing     sync.Mutex
	closed      bool // the mutex closing guards it
	close       func() error
}

// New starts a mock and closes it at the end of the test. It fails the test when
// the mock cannot start, and, with [WithMisuse], when a client has misused a token.
func New(t TB, options ...Option) *Server {
	t.Helper()
	s, err := Start(options...)
	if err != nil {
		t.Fatalf("start a mock server: %v", err)
		return nil
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the mock server: %v", err)
		}
		s.misuses.report(t)
	})
	return s
}

// Start starts a mock outside of a test. The caller closes it.
func Start(options ...Option) (*Server, error) {
	settings, err := collect(options)
	if err != nil {
		return nil, fmt.Errorf("start a mock: %w", err)
	}
	backend, err := reference.New(settings.config)
	if err != nil {
		return nil, fmt.Errorf("start a mock: %w", err)
	}
	s := &Server{
		accounts: settings.accounts, dialects: backend.Dialects(), prefixes: settings.config.Prefixes, origins: settings.config.AllowedOrigins, backend: backend, clock: settings.clock,
		journal: newJournal(settings.clock), tokens: newTokens(),
		faults:  &faults{clock: settings.clock, seed: settings.seed, dialects: backend.Dialects()},
		holds:   holds{closed: make(chan struct{})},
		misuses: misuses{level: settings.misuse}, answers: settings.answers,
	}
	s.close = sync.OnceValue(s.stop)
	if s.network, err = settings.open(); err != nil {
		return nil, fmt.Errorf("start a mock: %w", err)
	}
	s.URL, s.GRPCAddr = s.network.url(), s.network.grpcAddr()
	s.serve()
	return s, nil
}

// serve serves both listeners.
func (s *Server) serve() {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.serveHTTP),
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    32 << 10,
		Protocols:         protocols,
		ConnContext:       withConn,
		ConnState:         s.watch,
		ErrorLog:          log.New(io.Discard, "", 0), // of handshakes that a test lets fail
	}
	s.served.Go(func() { s.network.serveHTTP(s.http) })
	if s.network.grpc != nil {
		s.served.Go(s.serveGRPC)
	}
}

// admit counts a request, so that Close can wait for it: over HTTP/2, requests may
// outlive their connection. It says whether the mock is still open.
func (s *Server) admit() bool {
	s.closing.Lock()
	defer s.closing.Unlock()
	if !s.closed {
		s.served.Add(1)
	}
	return !s.closed
}

// watch counts the connections, so that Close can wait until they have ended, and notes
// that their answers have gone out.
func (s *Server) watch(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.served.Add(1)
		s.unsent.opened(conn)
	case http.StateIdle:
		s.unsent.sent(conn)
	case http.StateClosed, http.StateHijacked:
		s.unsent.ended(conn)
		s.served.Done()
	}
}

// serveGRPC makes the gRPC server when the first connection comes, and serves it.
func (s *Server) serveGRPC() {
	first, err := s.network.grpc.Accept()
	if err != nil {
		return // closed before anybody came
	}
	server := s.backend.GRPC(append(s.network.grpcOptions(), grpc.StatsHandler(calls{s}),
		grpc.UnaryInterceptor(calls{s}.intercept), grpc.StreamInterceptor(calls{s}.interceptStream), grpc.UnknownServiceHandler(unknown))...)
	s.grpcMethods = server.GetServiceInfo()
	listener := track(s.network.grpc, &s.grpcConns, first)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-s.network.closing
		server.Stop()
	}()
	_ = server.Serve(listener) // ends with Close
	<-stopped
}

// begin counts a request, finds the fault that it meets, and lets it wait.
func (s *Server) begin(ctx context.Context, x *exchange) error {
	e := &x.entry
	e.Dialect, e.Operation = x.route.dialect, x.route.operation
	e.Attempt = s.journal.arrived(e.Operation)
	if len(x.presented) > 0 {
		known := s.tokens.of(x.presented[0])
		e.Generation = known.generation
		e.Session = s.tokens.session(x.presented)
		e.Newest, e.Used = s.tokens.current(e.Session)
	}
	s.misuses.look(s, x)
	if x.fault, x.turn = s.faults.pick(*e, x.stream); x.fault != nil {
		e.Fault = x.fault.Effect
		if x.fault.Effect == RevokeBefore && len(x.presented) > 0 {
			s.tokens.ended(x.presented[0], revoked, true)
		}
	}
	if err := s.holds.pass(ctx, e.Operation); err != nil {
		return err
	}
	return x.wait(ctx)
}

// follow notes what a request that succeeded has issued or ended.
func (s *Server) follow(x *exchange, issued []string) {
	if session := s.tokens.issued(x.route, x.presented, issued, x.lost()); session != "" {
		x.entry.Session = session
	}
	if x.route.operation == Revoke {
		how := closed
		if x.lost() { // the client does not hear of it, and may try again
			how = revoked
		}
		s.tokens.ended(x.endedToken(), how, true)
	}
}

// endedToken returns the one of the presented tokens that a request ends, or "". In session
// and scoped the path names what ends, and that may be another client's.
func (x *exchange) endedToken() string {
	idOf := func(string) string { return path.Base(x.path) } // form, rpc: it presents what it ends
	switch x.route.dialect {
	case wire.Session:
		idOf = grant.SessionID
	case wire.Scoped:
		idOf = grant.ScopedID
	}
	for _, token := range x.presented {
		if idOf(token) == path.Base(x.path) {
			return token
		}
	}
	return ""
}

// Close ends the mock at once, also requests that are running, and waits until it
// has ended. Only an answer over HTTP/1 that is in the journal by then, and that its handler
// does not flush, still goes out, unless that takes longer than a second: whoever waits for
// the journal may close the mock. Later calls return the same error.
func (s *Server) Close() error { return s.close() }

// answerTime is how long an answer may take to go out while the mock is closed.
const answerTime = time.Second

func (s *Server) stop() error {
	s.closing.Lock()
	s.closed = true
	s.closing.Unlock()
	close(s.holds.closed)
	err := s.network.close()
	s.unsent.wait(answerTime)
	err = errors.Join(err, s.http.Close())
	s.served.Wait()
	if err != nil {
		return fmt.Errorf("close the mock: %w", err)
	}
	return nil
}

// Accounts returns the accounts that can log in, passwords included: by
// default those of [reference.DemoAccounts].
func (s *Server) Accounts() []Account { return slices.Clone(s.accounts) }

// Requests returns what clients have sent so far, in the order of the answers: at
// most the last 10 000.
func (s *Server) Requests() []Request { return s.journal.entries() }

// Reset forgets the journal and the faults. Accounts, tokens and the clock stay.
func (s *Server) Reset() {
	s.journal.reset()
	s.faults.reset()
	s.misuses.reset()
}
