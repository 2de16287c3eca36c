package reference

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/proxy"
	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Config is what a [Server] is made of. The zero Config is a server without
// accounts, with everything in memory.
type Config struct {
	// Dialects are the ones that are served; empty is all four.
	Dialects []string
	// Accounts may log in, beside those in the Store, and cannot be changed.
	// See [DemoAccounts].
	Accounts []account.Account

	// Clock tells every time that is visible outside, the Date header
	// included. Nil is a [clock.Offset] level with the system's clock.
	Clock clock.Clock
	// ClockControl serves POST and GET /_dragoman/clock, by which anybody can
	// move the clock: for conformance runs only. It needs a Clock that is
	// [clock.Movable].
	ClockControl bool
	// Rand is where ids, tokens and keys come from, safe for concurrent use.
	// Nil is crypto/rand.
	Rand io.Reader
	// Store keeps accounts, keys, sessions, tokens and counts of wrong
	// passwords. Nil is a store in memory.
	Store store.Store

	// Hasher checks passwords. Nil is argon2id.
	Hasher account.Hasher
	// Throttle slows the guessing of passwords; zero is 10 per account and 100
	// per address within a minute.
	Throttle account.Throttle
	// Limiter replaces the one that Throttle describes.
	Limiter account.Limiter

	// Lifetimes of sessions and tokens; see there for the defaults.
	Lifetimes grant.Lifetimes
	// LifetimeParser reads expiresIn of the scoped dialect. Nil is
	// [wire.ParseLifetime].
	LifetimeParser func(words string) (time.Duration, error)
	// ScopeMatcher compares scopes and rights. Nil is [scope.Grammar].
	ScopeMatcher scope.Matcher
	// Secret authenticates session and scoped tokens: at least 32 bytes, the
	// same in all replicas. Empty: one that is made and kept in the store.
	Secret []byte
	// RPCSigner signs rpc tokens. Nil is RS256 with a key that is made at the
	// first login and kept in the store.
	RPCSigner grant.Signer
	// ScopedSigner signs scoped tokens. Nil is HS256 with a key made from
	// Secret.
	ScopedSigner grant.Signer
	// Issuer is the iss claim of rpc tokens. Empty is "DRAGOMAN".
	Issuer string

	// TrustedProxies are believed when they say for whom they forward, in HTTP
	// and gRPC. The client's address counts in throttling, is shown in sessions
	// and stands in the audit log. The zero value trusts nobody.
	TrustedProxies proxy.Trusted
	// TLS encrypts both listeners of Serve. Nil is plain text.
	TLS *tls.Config

	// DrainDelay is how long Serve goes on as before after the end was asked
	// for, only no longer ready, so that balancers look elsewhere first. Zero
	// is none.
	DrainDelay time.Duration
	// Drain is how long requests may still take after that. Zero is 10 seconds.
	Drain time.Duration

	// Audit hears of logins, sessions, tokens and API keys. Nil is nobody.
	Audit audit.Sink
	// Observer hears of every request. Nil is nobody.
	Observer Observer
	// Logger hears of unexpected errors, never of secrets. Nil is silence.
	Logger *slog.Logger
}

// withDefaults fills the zeros in and finds the mistakes that no part would
// find.
func (cfg Config) withDefaults() (Config, error) {
	if len(cfg.Dialects) == 0 {
		cfg.Dialects = wire.Dialects()
	}
	for i, dialect := range cfg.Dialects {
		if !slices.Contains(wire.Dialects(), dialect) {
			return cfg, fmt.Errorf("there is no dialect %q: the dialects are %v", dialect, wire.Dialects())
		}
		if slices.Contains(cfg.Dialects[:i], dialect) {
			return cfg, fmt.Errorf("the dialect %q is named twice", dialect)
		}
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.NewOffset(nil)
	}
	if _, movable := cfg.Clock.(clock.Movable); cfg.ClockControl && !movable {
		return cfg, errors.New("clock control needs a clock that can be moved: leave the clock out or give a clock.Offset")
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Store == nil {
		cfg.Store = memory.New()
	}
	if cfg.Hasher == nil {
		cfg.Hasher = account.Argon2id{Rand: cfg.Rand}
	}
	if cfg.LifetimeParser == nil {
		cfg.LifetimeParser = wire.ParseLifetime
	}
	if cfg.ScopeMatcher == nil {
		cfg.ScopeMatcher = scope.Grammar{}
	}
	if cfg.Drain < 0 || cfg.DrainDelay < 0 {
		return cfg, errors.New("a drain does not last less than nothing")
	}
	if cfg.Drain == 0 {
		cfg.Drain = 10 * time.Second
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return cfg, nil
}
