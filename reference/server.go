package reference

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/backoffice"
	"github.com/dragoman-auth/dragoman/internal/reference/connections"
	"github.com/dragoman-auth/dragoman/internal/reference/form"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
	"github.com/dragoman-auth/dragoman/internal/reference/prefix"
	"github.com/dragoman-auth/dragoman/internal/reference/rpc"
	"github.com/dragoman-auth/dragoman/internal/reference/scoped"
	"github.com/dragoman-auth/dragoman/internal/reference/session"
	"github.com/dragoman-auth/dragoman/internal/reference/tracing"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Server is the reference server. It is safe for concurrent use.
type Server struct {
	dialects []string
	handler  http.Handler
	rpc      *rpc.Server // nil when the dialect is off
	store    store.Store
	clock    clock.Clock
	log      *slog.Logger
	observer Observer        // nil: none
	tracer   *tracing.Tracer // nil: none
	tls      *tls.Config
	draining atomic.Bool
	// protections are those of the dialects, in their order.
	protections []httpio.Protection

	connections              connections.Limits // of each listener
	drainDelay, drainTimeout time.Duration
}

// New checks the configuration and returns a server. It does no I/O and makes no
// key.
func New(cfg Config) (_ *Server, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("new reference server: %w", err)
		}
	}()
	if cfg, err = cfg.withDefaults(); err != nil {
		return nil, err
	}
	if cfg.Tracers != nil {
		cfg.Store = tracing.Store(cfg.Store)
	}
	if cfg.Limiter == nil {
		if cfg.Limiter, err = account.NewLimiter(cfg.Throttle, cfg.Store, cfg.Clock); err != nil {
			return nil, err
		}
	}
	accounts, err := account.NewDirectory(account.Config{
		Accounts: cfg.Accounts, Store: cfg.Store, Hasher: cfg.Hasher, Limiter: cfg.Limiter, Matcher: cfg.ScopeMatcher, Clock: cfg.Clock,
		Audit: cfg.Audit,
	})
	if err != nil {
		return nil, err
	}
	keys, err := keyring.New(keyring.Config{Store: cfg.Store, Clock: cfg.Clock, Rand: cfg.Rand, Fixed: cfg.Secret})
	if err != nil {
		return nil, err
	}
	grants, err := grant.New(grant.Config{
		Store: cfg.Store, Clock: cfg.Clock, Rand: cfg.Rand, Keys: keys, RPCSigner: cfg.RPCSigner,
		ScopedSigner: cfg.ScopedSigner, Issuer: cfg.Issuer, Accounts: accounts, Matcher: cfg.ScopeMatcher, Lifetimes: cfg.Lifetimes,
		Audit: cfg.Audit,
	})
	if err != nil {
		return nil, err
	}
	s := &Server{
		dialects: cfg.Dialects, store: cfg.Store, clock: cfg.Clock, log: cfg.Logger, observer: cfg.Observer, tracer: tracing.New(cfg.Tracers),
		connections: connections.Limits{All: cfg.MaxConnections, PerNetwork: cfg.MaxPerNetwork, Proxies: cfg.TrustedProxies},
		tls:         cfg.TLS, drainDelay: cfg.DrainDelay, drainTimeout: cfg.Drain,
	}
	table := s.routes(cfg, accounts, grants)
	table.jwks = jwks(keys, cfg.RPCSigner, cfg.Logger)
	s.handler = s.guard(allowOrigins(cfg.AllowedOrigins, table))
	if cfg.Observer != nil || cfg.Tracers != nil {
		s.handler = s.observed(table.dialect, s.handler)
	}
	if cfg.Audit != nil || cfg.TrustedProxies.Any() {
		s.handler = withClientAddress(cfg.TrustedProxies, s.handler)
	}
	return s, nil
}

// routes returns the handlers of all dialects that are on.
func (s *Server) routes(cfg Config, accounts *account.Directory, grants *grant.Service) *routes {
	prefixes := prefix.Set(cfg.Prefixes)
	table := &routes{index: index(cfg.Dialects, prefixes), docs: descriptions(cfg.Dialects, prefixes), prefixes: prefixes}
	for _, dialect := range cfg.Dialects {
		switch dialect {
		case wire.Session:
			own := session.Config{Grants: grants, Accounts: accounts, Matcher: cfg.ScopeMatcher, Log: cfg.Logger, Audit: cfg.Audit}
			table.add(dialect, func() http.Handler { return session.Handler(own) })
			s.protections = append(s.protections, session.Protection(own))
		case wire.Form:
			own := form.Config{Grants: grants, Accounts: accounts, Log: cfg.Logger}
			table.add(dialect, func() http.Handler { return form.Handler(own) })
			s.protections = append(s.protections, form.Protection(own))
		case wire.RPC:
			s.rpc = rpc.New(rpc.Config{Grants: grants, Accounts: accounts, Store: cfg.Store, Clock: cfg.Clock, Rand: cfg.Rand, Log: cfg.Logger, Proxies: cfg.TrustedProxies})
			table.add(dialect, func() http.Handler { return s.rpc.Handler() })
			s.protections = append(s.protections, s.rpc.Protection())
		case wire.Scoped:
			own := scoped.Config{
				Grants: grants, Accounts: accounts, Inventory: backoffice.NewInventory(cfg.Clock),
				Matcher: cfg.ScopeMatcher, ParseLife: cfg.LifetimeParser, Log: cfg.Logger,
			}
			table.add(dialect, func() http.Handler { return scoped.Handler(own) })
			s.protections = append(s.protections, scoped.Protection(own))
		}
	}
	if movable, ok := cfg.Clock.(clock.Movable); ok && cfg.ClockControl {
		table.clock = clockControl(movable)
	}
	return table
}

// Handler returns all dialects at their documented paths, or below the prefixes of the
// configuration, and at the root and below each prefix: GET /healthz, the public keys of rpc tokens at /.well-known/jwks.json, the dialects'
// descriptions at /openapi/<dialect>.json, and an index at /. Every answer
// carries the clock's Date and is not to be cached.
func (s *Server) Handler() http.Handler { return s.handler }

// Dialects returns the names of the dialects that are on, in the order of the
// configuration.
func (s *Server) Dialects() []string { return slices.Clone(s.dialects) }

// maxMessage and maxHeader bound what a client may send, in bytes.
const (
	maxMessage = httpio.MaxBody
	maxHeader  = 32 << 10
)

// maxConnections and maxPerNetwork are the defaults of the bounds of connections.
const (
	maxConnections = 10_000
	maxPerNetwork  = 1000
)

// unambiguous says whether all servers and proxies read a path alike: it has no
// empty or dot segment, no encoded slash, dot or backslash (SCP-28).
func unambiguous(escapedPath string) bool {
	if !strings.ContainsAny(escapedPath, `%.\`) {
		return !strings.Contains(escapedPath, "//")
	}
	lower := strings.ToLower(escapedPath)
	for _, ambiguous := range []string{"//", "/./", "/../", "%2f", "%2e", "%5c", `\`} {
		if strings.Contains(lower, ambiguous) {
			return false
		}
	}
	return !strings.HasSuffix(escapedPath, "/.") && !strings.HasSuffix(escapedPath, "/..")
}
