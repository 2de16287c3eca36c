package mockserver

import (
	"slices"
	"time"

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

// Option changes a mock before it starts.
type Option func(*settings)

type settings struct {
	config                   reference.Config
	clock                    *clock.Offset
	accounts                 []Account
	httpAddress, grpcAddress string
}

// WithDialects serves only these dialects: session, form, rpc, scoped. The
// default is all four.
func WithDialects(dialects ...string) Option {
	return func(s *settings) { s.config.Dialects = dialects }
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
// empty address for gRPC: gRPC is not served.
func WithAddresses(http, grpc string) Option {
	return func(s *settings) { s.httpAddress, s.grpcAddress = http, grpc }
}

// WithConfig changes the configuration of the server behind the mock, except its
// clock and its accounts, which the mock sets itself.
func WithConfig(change func(*Config)) Option {
	return func(s *settings) {
		change(&s.config)
		s.config.Clock = s.clock
	}
}
