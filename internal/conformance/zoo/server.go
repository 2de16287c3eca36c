package zoo

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"google.golang.org/grpc"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// Server is the reference server and what a mutant or variant makes of it. A
// Change swaps parts in Config, wraps the handler and the calls, and, where the
// difference has to be declared, writes it into the Manifest.
type Server struct {
	reference.Config
	// Manifest is what the server is judged by; without a change, that of the
	// reference.
	Manifest *manifest.Manifest
	// HTTP is the listener's side of HTTP; its Handler is set when it starts.
	HTTP *http.Server

	reference *reference.Server
	wraps     []func(http.Handler) http.Handler
	calls     []grpc.UnaryServerInterceptor
}

// signer signs with RS256 for the whole zoo. Its key is made when the first
// token is signed, and short: hundreds of servers sign hundreds of tokens each,
// and none of them guards anything.
var signer = grant.SignerFunc(func(claims map[string]any) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(claims)).SignedString(shortKey())
})

var shortKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		panic(err) // the system's random source does not fail
	}
	return key
})

// newServer returns the reference with its demo accounts and a cheap hasher.
func newServer() *Server {
	return &Server{
		Config: reference.Config{
			Accounts: reference.DemoAccounts(), Clock: clock.NewOffset(nil), ClockControl: true,
			Store: memory.New(), Hasher: account.Fast{}, RPCSigner: signer,
		},
		Manifest: subject.Reference(),
		HTTP:     &http.Server{ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 32 << 10},
	}
}

// wrap puts a handler around what there is so far.
func (s *Server) wrap(around func(http.Handler) http.Handler) { s.wraps = append(s.wraps, around) }

// intercept puts an interceptor around what there is so far, the reference's
// own included: it sees calls before anybody has judged their token, and
// errors as the statuses that are sent.
func (s *Server) intercept(around grpc.UnaryServerInterceptor) { s.calls = append(s.calls, around) }

// inner asks the reference itself, past all wraps, once the server has started.
func (s *Server) inner(r *http.Request) *reply { return record(s.reference.Handler(), r) }

// tried asks the reference what it would say to a request, which can be sent
// afterwards all the same.
func (s *Server) tried(r *http.Request) *reply {
	again := r.Clone(r.Context())
	setBody(again, body(r))
	return s.inner(again)
}

// running is a server that answers on two loopback ports.
type running struct {
	http   *http.Server
	grpc   *grpc.Server
	served sync.WaitGroup
}

// start serves HTTP and gRPC and points the manifest at them.
func (s *Server) start(ctx context.Context) (*running, error) {
	server, err := reference.New(s.Config)
	if err != nil {
		return nil, err
	}
	s.reference = server
	s.HTTP.Handler = server.Handler()
	for _, around := range s.wraps {
		s.HTTP.Handler = around(s.HTTP.Handler)
	}
	var options []grpc.ServerOption
	if len(s.calls) > 0 {
		// This one option comes before the reference's own interceptor.
		options = append(options, grpc.UnaryInterceptor(chain(s.calls)))
	}
	var config net.ListenConfig
	httpListener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	grpcListener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, httpListener.Close())
	}
	s.Manifest.Subject.Builtin = false
	scheme := "http://"
	if s.HTTP.TLSConfig != nil {
		scheme, httpListener = "https://", tls.NewListener(httpListener, s.HTTP.TLSConfig)
	}
	s.Manifest.Subject.URL = scheme + httpListener.Addr().String()
	s.Manifest.Subject.GRPC = grpcListener.Addr().String()
	r := &running{http: s.HTTP, grpc: server.GRPC(options...)}
	r.served.Go(func() { _ = r.http.Serve(httpListener) }) // ends with stop
	r.served.Go(func() { _ = r.grpc.Serve(grpcListener) })
	return r, nil
}

// stop ends the server at once.
func (r *running) stop() error {
	err := r.http.Close()
	r.grpc.Stop()
	r.served.Wait()
	if err != nil {
		return fmt.Errorf("stop a server: %w", err)
	}
	return nil
}

// chain is several interceptors as one, the last of them outermost.
func chain(calls []grpc.UnaryServerInterceptor) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		for _, around := range slices.Clone(calls) {
			inner := next
			next = func(ctx context.Context, request any) (any, error) { return around(ctx, request, info, inner) }
		}
		return next(ctx, request)
	}
}
