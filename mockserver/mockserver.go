package mockserver

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// TB is the part of testing.TB that a mock needs; *testing.T, *testing.B and
// *testing.F implement it.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Cleanup(func())
}

// sharedSigner signs for all mocks of the process, with a key that is made when the
// first of them needs it.
var sharedSigner = sync.OnceValues(func() (reference.Signer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	return reference.RS256(key)
})

func signShared(claims map[string]any) (string, error) {
	signer, err := sharedSigner()
	if err != nil {
		return "", err
	}
	return signer.Sign(claims)
}

// Server is a running mock. It is safe for concurrent use.
type Server struct {
	// URL is the base of all HTTP paths, such as http://127.0.0.1:43210.
	URL string
	// GRPCAddr is host and port of the gRPC listener, which speaks plain text.
	// It is empty without gRPC; see [WithAddresses].
	GRPCAddr string

	accounts []Account
	clock    *clock.Offset
	journal  *journal

	http   *http.Server
	grpc   *grpc.Server
	served sync.WaitGroup
	close  func() error
}

// New starts a mock and closes it at the end of the test. It fails the test when
// the mock cannot start.
func New(t TB, opts ...Option) *Server {
	t.Helper()
	s, err := Start(opts...)
	if err != nil {
		t.Fatalf("start a mock server: %v", err)
		return nil
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the mock server: %v", err)
		}
	})
	return s
}

// Start starts a mock outside of a test. The caller closes it.
func Start(opts ...Option) (*Server, error) {
	settings := settings{
		clock:       clock.NewOffset(nil),
		accounts:    reference.DemoAccounts(),
		httpAddress: "127.0.0.1:0",
		grpcAddress: "127.0.0.1:0",
	}
	settings.config = reference.Config{
		Clock: settings.clock, Hasher: account.Fast{}, RPCSigner: reference.SignerFunc(signShared), AllowedOrigins: []string{"*"},
	}
	for _, opt := range opts {
		opt(&settings)
	}
	settings.config.Accounts = settings.accounts
	server, err := reference.New(settings.config)
	if err != nil {
		return nil, fmt.Errorf("start a mock: %w", err)
	}
	s := &Server{accounts: settings.accounts, clock: settings.clock, journal: &journal{clock: settings.clock}}
	s.close = sync.OnceValue(s.stop)
	if err := s.serve(server, settings); err != nil {
		return nil, fmt.Errorf("start a mock: %w", err)
	}
	return s, nil
}

// serve opens the listeners and serves them.
func (s *Server) serve(server *reference.Server, settings settings) error {
	httpListener, grpcListener, err := reference.Listen(context.Background(), settings.httpAddress, settings.grpcAddress)
	if err != nil {
		return err
	}
	s.URL = "http://" + httpListener.Addr().String()
	s.http = &http.Server{
		Handler:           s.journal.record(server.Handler()),
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ConnState:         s.watch,
	}
	s.grpc = server.GRPC(grpc.StatsHandler(s.journal), grpc.UnaryInterceptor(s.journal.intercept), grpc.UnknownServiceHandler(unknown))
	s.served.Go(func() { _ = s.http.Serve(httpListener) }) // ends with Close
	if grpcListener != nil {
		s.GRPCAddr = grpcListener.Addr().String()
		s.served.Go(func() { _ = s.grpc.Serve(grpcListener) })
	}
	return nil
}

// watch counts the connections, so that Close can wait until they have ended.
func (s *Server) watch(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.served.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.served.Done()
	}
}

// Close ends the mock at once, also requests that are running, and waits until it
// has ended. Later calls return the same error.
func (s *Server) Close() error { return s.close() }

func (s *Server) stop() error {
	err := s.http.Close()
	s.grpc.Stop()
	s.served.Wait()
	if err != nil {
		return fmt.Errorf("close the mock: %w", err)
	}
	return nil
}

// Accounts returns the accounts that can log in, passwords included: by
// default those of [reference.DemoAccounts].
func (s *Server) Accounts() []Account { return slices.Clone(s.accounts) }

// Now is the time of the mock, which its Date header shows.
func (s *Server) Now() time.Time { return s.clock.Now() }

// Advance moves the time of the mock forward by d; tokens expire accordingly. It
// does not wait, and it does not change the time of the client.
func (s *Server) Advance(d time.Duration) { s.clock.Advance(d) }

// Requests returns what clients have sent so far, in the order of the answers.
func (s *Server) Requests() []Request { return s.journal.entries() }
