package reference

import (
	"cmp"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/dragoman-auth/dragoman/internal/reference/connections"
	"github.com/dragoman-auth/dragoman/internal/reference/prefix"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Config holds the parts of a [Server]. The zero Config is a server without
// accounts that keeps everything in memory.
type Config struct {
	// Dialects are the dialects to serve; empty is all four.
	Dialects []string
	// Prefixes are path prefixes of dialects: with "/api" for "form", /login is at
	// /api/login. Rights and scopes name the documented paths, without the prefix. A
	// dialect that has none is at its documented paths; gRPC has no prefix.
	Prefixes map[string]string
	// Accounts can log in, like those in the Store, but cannot be changed. See
	// [DemoAccounts].
	Accounts []account.Account

	// Clock is the source of every time that clients see, the Date header
	// included. Nil is a [clock.Offset] without an offset.
	Clock clock.Clock
	// ClockControl serves POST and GET /_dragoman/clock, with which every client
	// can move the clock: for conformance runs only. It needs a Clock that is
	// [clock.Movable].
	ClockControl bool
	// Rand is the source of ids, tokens and keys, safe for concurrent use. Nil
	// is crypto/rand.
	Rand io.Reader
	// Store keeps accounts, keys, sessions, tokens and counts of wrong
	// passwords. Nil is a store in memory.
	Store store.Store

	// Hasher checks passwords. Nil is argon2id.
	Hasher account.Hasher
	// Throttle limits the guessing of passwords; zero is 10 wrong passwords per
	// account and 100 per address within a minute.
	Throttle account.Throttle
	// Limiter replaces the limiter that Throttle describes.
	Limiter account.Limiter

	// Lifetimes are those of sessions and tokens; the type names the defaults.
	Lifetimes Lifetimes
	// LifetimeParser reads expiresIn of the scoped dialect. Nil reads a number and
	// a unit, such as "30 minutes", "12 hours", "8 days" or "5 years".
	LifetimeParser func(words string) (time.Duration, error)
	// ScopeMatcher compares scopes and rights. Nil is [ScopeGrammar].
	ScopeMatcher ScopeMatcher
	// Secret authenticates session and scoped tokens: at least 32 bytes, the
	// same in all replicas. Empty: the server makes one and stores it.
	Secret []byte
	// RPCSigner signs rpc tokens. Nil is RS256 with a key that the server makes
	// at the first login and stores.
	RPCSigner Signer
	// ScopedSigner signs scoped tokens. Nil is HS256 with a key that is derived
	// from Secret.
	ScopedSigner Signer
	// Issuer is the iss claim of rpc tokens. Empty is "DRAGOMAN".
	Issuer string

	// TrustedProxies are the proxies whose X-Forwarded-For is accepted as the
	// client's address, over HTTP and gRPC. The address is throttled, shown in
	// sessions and written to the audit log. The zero value trusts no proxy.
	TrustedProxies TrustedProxies
	// AllowedOrigins are the origins whose pages may read answers in a browser, as
	// "https://app.example", or "*" for all (CORS). Nil: none may.
	AllowedOrigins []string
	// MaxConnections bounds the connections of each listener of Serve, and
	// MaxPerNetwork those from one network: an IPv4 address, or the first 64 bits of an
	// IPv6 address, but this machine and the TrustedProxies. One more is closed at once.
	// Zero is 10,000, or as many as the descriptors of the process allow; and 1,000.
	MaxConnections, MaxPerNetwork int
	// TLS encrypts both listeners of Serve. Nil: plain text.
	TLS *tls.Config

	// DrainDelay is how long Serve still accepts connections after its context
	// has ended. Meanwhile the server is not ready, so that load balancers send
	// requests elsewhere. Zero is no delay.
	DrainDelay time.Duration
	// Drain is how long running requests may take after that. Zero is 10
	// seconds.
	Drain time.Duration

	// Audit receives what happens to logins, sessions, tokens and API keys. Nil:
	// nothing is recorded.
	Audit AuditSink
	// Observer is called for every request. Nil: none is.
	Observer Observer
	// Tracers makes a span of OpenTelemetry for every request, below that of a client that
	// sends a traceparent, and below it one for each operation of the store, for the
	// waiting of a password and for its hashing. Spans hold no token, password, login,
	// path, query or header: a request is named by its route. Nil: there are none.
	Tracers trace.TracerProvider
	// Logger receives unexpected errors, never secrets. Nil: they are discarded.
	Logger *slog.Logger
}

// withDefaults sets the defaults and checks what the parts do not check
// themselves.
func (cfg Config) withDefaults() (Config, error) {
	if len(cfg.Dialects) == 0 {
		cfg.Dialects = wire.Dialects()
	}
	for i, dialect := range cfg.Dialects {
		if !slices.Contains(wire.Dialects(), dialect) {
			return cfg, fmt.Errorf("no dialect %q: the dialects are %v", dialect, wire.Dialects())
		}
		if slices.Contains(cfg.Dialects[:i], dialect) {
			return cfg, fmt.Errorf("the dialect %q is named twice", dialect)
		}
	}
	if err := prefix.Set(cfg.Prefixes).Check(cfg.Dialects, collections, pages); err != nil {
		return cfg, err
	}
	if err := checkOrigins(cfg.AllowedOrigins); err != nil {
		return cfg, err
	}
	cfg.Clock = cmp.Or[clock.Clock](cfg.Clock, clock.NewOffset(nil))
	if _, movable := cfg.Clock.(clock.Movable); cfg.ClockControl && !movable {
		return cfg, errors.New("clock control needs a clock that can be moved: set none, or a clock.Offset")
	}
	if cfg.MaxConnections < 0 || cfg.MaxPerNetwork < 0 {
		return cfg, errors.New("the bounds of connections must not be negative")
	}
	cfg.MaxConnections = cmp.Or(cfg.MaxConnections, connections.Descriptors(maxConnections))
	cfg.MaxPerNetwork = cmp.Or(cfg.MaxPerNetwork, maxPerNetwork)
	if cfg.Drain < 0 || cfg.DrainDelay < 0 {
		return cfg, errors.New("the drain and its delay must not be negative")
	}
	cfg.Drain = cmp.Or(cfg.Drain, 10*time.Second)
	cfg.Rand = cmp.Or(cfg.Rand, rand.Reader)
	cfg.Store = cmp.Or[store.Store](cfg.Store, memory.New())
	cfg.Hasher = cmp.Or[account.Hasher](cfg.Hasher, account.Argon2id{Rand: cfg.Rand})
	cfg.ScopeMatcher = cmp.Or[ScopeMatcher](cfg.ScopeMatcher, ScopeGrammar{})
	cfg.Logger = cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler))
	if cfg.LifetimeParser == nil {
		cfg.LifetimeParser = wire.ParseLifetime
	}
	cfg.Dialects, cfg.Prefixes = slices.Clone(cfg.Dialects), maps.Clone(cfg.Prefixes) // the caller may change its own later
	return cfg, nil
}
