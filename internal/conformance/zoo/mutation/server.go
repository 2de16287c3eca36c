package mutation

import (
	"context"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// usualHost is an address that every machine has.
const usualHost = "127.0.0.1"

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
	// Time is what the server's Clock runs with, and what its judge goes by. It
	// moves by being read.
	Time Time
	// GRPCOptions are further options of the server of direct gRPC.
	GRPCOptions []grpc.ServerOption
	// Host is the address that both listen on. Default 127.0.0.1.
	Host string
	// Dial opens connections to the server once it has started; nil where its
	// addresses are of this machine. See [Server.Memory].
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Memory lets the server listen in memory, at addresses that only Dial knows. A
	// connection is what costs most when hundreds of servers are judged.
	Memory bool
	// Turns is for how many turns of a millisecond or more a request stays
	// inside where a mistake needs others to meet it.
	Turns int

	reference *reference.Server
	wraps     []func(http.Handler) http.Handler
	calls     []grpc.UnaryServerInterceptor
}

// Time is a clock that lets time pass where somebody waits.
type Time interface {
	clock.Clock
	Sleep(ctx context.Context, d time.Duration) error
}

// newServer returns the reference with its demo accounts and a cheap hasher.
func newServer(name string) *Server {
	base := newTicking(name)
	judged := subject.Reference()
	judged.Dialects.RPC.SecondFactor = nil // see AddSecondFactor
	s := &Server{
		Config: reference.Config{
			Accounts: reference.DemoAccounts(), Clock: clock.NewOffset(base), ClockControl: true,
			Store: memory.New(), Hasher: account.FastHasher{}, RPCSigner: signer,
		},
		Manifest: judged,
		HTTP:     &http.Server{ReadHeaderTimeout: time.Hour, MaxHeaderBytes: 32 << 10},
		Time:     base,
		Host:     usualHost,
		Turns:    30,
	}
	s.Instead(At(http.MethodGet, "/.well-known/jwks.json"), servePublicKey)
	return s
}

// Wrap puts a handler around what there is so far.
func (s *Server) Wrap(around func(http.Handler) http.Handler) { s.wraps = append(s.wraps, around) }

// Intercept puts an interceptor around what there is so far, the reference's
// own included: it sees calls before anybody has judged their token, and
// errors as the statuses that are sent.
func (s *Server) Intercept(around grpc.UnaryServerInterceptor) { s.calls = append(s.calls, around) }

// Inner asks the reference itself, past all wraps, once the server has started.
func (s *Server) Inner(r *http.Request) *Reply { return Record(s.reference.Handler(), r) }

// Try asks the reference what it would say to a request, which can be sent
// afterwards anyway.
func (s *Server) Try(r *http.Request) *Reply {
	again := r.Clone(r.Context())
	SetBody(again, Body(r))
	return s.Inner(again)
}
