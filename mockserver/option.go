package mockserver

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// The types of the reference server that options use.
type (
	// Account is one user of the mock.
	Account = account.Account
	// APIKey is a key of an account (session dialect).
	APIKey = account.APIKey
	// Lifetimes are how long sessions and tokens live.
	Lifetimes = reference.Lifetimes
	// Config is what the server behind the mock is made of.
	Config = reference.Config
)

// Option changes a mock before it starts. A nil Option changes nothing.
type Option func(*settings)

type settings struct {
	config                   reference.Config
	clock                    *Clock
	accounts                 []Account
	httpAddress, grpcAddress string
	addresses, memory, tls   bool
	seed                     uint64
	misuse                   MisuseLevel
	answers                  func(Operation, []byte) []byte
}

// collect applies the options to the defaults. The error names the one that a mock
// cannot honour.
func collect(options []Option) (*settings, error) {
	s := &settings{clock: new(Clock), accounts: reference.DemoAccounts(), httpAddress: "127.0.0.1:0", grpcAddress: "127.0.0.1:0", seed: 1}
	s.config = reference.Config{
		Clock: s.clock, Hasher: account.FastHasher{}, RPCSigner: sharedSigner{}, AllowedOrigins: []string{"*"},
	}
	for _, option := range options {
		if option != nil {
			option(s)
		}
	}
	switch {
	case s.config.Clock != clock.Clock(s.clock):
		return nil, errors.New("WithConfig: a mock has its own clock; move it by Server.Clock")
	case len(s.config.Accounts) > 0:
		return nil, errors.New("WithConfig: a mock has its own accounts; add them by WithAccount")
	case s.config.TLS != nil:
		return nil, errors.New("WithConfig: a mock has its own certificate; use WithTLS")
	case s.memory && s.addresses:
		return nil, errors.New("WithMemory: a mock in memory has no addresses")
	case s.misuse < MisuseOff || s.misuse > MisuseFail:
		return nil, fmt.Errorf("WithMisuse: no level %d", s.misuse)
	}
	s.config.Accounts = s.accounts
	if s.config.Store == nil && s.config.Rand == nil && len(s.config.Secret) == 0 { // no store that others read: the first login need not make and store a key
		s.config.Secret = make([]byte, 32)
		_, _ = rand.Read(s.config.Secret) // never fails
	}
	if carriesRPC := len(s.config.Dialects) == 0 || slices.Contains(s.config.Dialects, wire.RPC); !carriesRPC && !s.addresses {
		s.grpcAddress = ""
	}
	return s, nil
}

// WithDialects serves only these dialects: session, form, rpc, scoped. The
// default is all four.
func WithDialects(dialects ...string) Option {
	return func(s *settings) { s.config.Dialects = dialects }
}

// WithPrefix serves a dialect below a path prefix: with "form" and "/api", /login is at
// /api/login. Faults, assertions and the journal know its operations anyway.
func WithPrefix(dialect, prefix string) Option {
	return func(s *settings) {
		s.config.Prefixes = maps.Clone(s.config.Prefixes)
		if s.config.Prefixes == nil {
			s.config.Prefixes = map[string]string{}
		}
		s.config.Prefixes[dialect] = prefix
	}
}

// WithAccount adds an account. It replaces one with the same login.
func WithAccount(a Account) Option {
	return func(s *settings) {
		s.accounts = append(slices.DeleteFunc(s.accounts, func(old Account) bool { return old.Login == a.Login }), a)
	}
}

// WithStart sets the clock of the mock to t at its start; from there it runs. The
// default is the time of the machine.
func WithStart(t time.Time) Option {
	return func(s *settings) { s.clock.Set(t) }
}

// WithLifetimes changes how long sessions and tokens live; a zero keeps its
// default.
func WithLifetimes(l Lifetimes) Option {
	return func(s *settings) { s.config.Lifetimes = l }
}

// WithClockControl serves POST /_dragoman/clock, for clients in other
// languages that cannot call [Server.Advance].
func WithClockControl() Option {
	return func(s *settings) { s.config.ClockControl = true }
}

// WithAddresses listens on these addresses instead of free ports of 127.0.0.1. An
// empty address for gRPC: gRPC is not served. Without this option it is served where
// the dialect rpc is.
func WithAddresses(http, grpc string) Option {
	return func(s *settings) { s.httpAddress, s.grpcAddress, s.addresses = http, grpc, true }
}

// WithMemory serves without a network, also inside of a bubble of testing/synctest,
// whose time the mock then follows. Only [Server.Client] and [Server.GRPC] reach
// such a mock.
func WithMemory() Option {
	return func(s *settings) { s.memory = true }
}

// WithTLS encrypts both listeners, with a certificate for 127.0.0.1, ::1 and
// localhost of an authority that all mocks of the process share; see
// [Server.CertificatePEM]. HTTP/2 is spoken to clients that ask for it.
func WithTLS() Option {
	return func(s *settings) { s.tls = true }
}

// WithSeed sets the seed of faults that affect a share of the requests. The default
// is 1: every run draws the same.
func WithSeed(seed uint64) Option {
	return func(s *settings) { s.seed = seed }
}

// WithMisuse looks for clients that misuse tokens.
func WithMisuse(level MisuseLevel) Option {
	return func(s *settings) { s.misuse = level }
}

// WithAnswers sends, in place of the body of each successful answer over HTTP of a dialect, what change
// makes of it: for members, and forms of numbers, that the reference server does not
// send. The server and the journal know the body as it was. Change must be safe for
// concurrent use.
func WithAnswers(change func(o Operation, body []byte) []byte) Option {
	return func(s *settings) { s.answers = change }
}

// WithConfig changes the configuration of the server behind the mock. Its clock, its
// accounts and its TLS are the mock's: changing them here is an error of [Start].
func WithConfig(change func(*Config)) Option {
	return func(s *settings) { change(&s.config) }
}
