// Package page serves the page of operators: accounts with their live sessions and
// tokens, which it ends, the keys, the last lines of the audit log, and rates of the
// last hour. It has a password of its own, works without scripts, and shows no
// password, token, hash or key.
package page

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
	"github.com/dragoman-auth/dragoman/internal/reference/metrics"
	"github.com/dragoman-auth/dragoman/internal/reference/proxy"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Path is where the handler of [New] serves the page: this path and what is below.
const Path = "/admin/"

// Config holds the parts of the page.
type Config struct {
	// Password is that of the user "admin", at least 15 characters; required.
	Password string
	// Store is that of the server; required.
	Store store.Store
	// Accounts are those of the server's configuration; they cannot be changed.
	Accounts []account.Account
	// Clock is that of the server, by which sessions and tokens end; nil is
	// [clock.System].
	Clock clock.Clock
	// Metrics count what the server does; required.
	Metrics *metrics.Metrics
	// Recent has the last lines of the audit log; required.
	Recent *audit.Recent
	// Audit receives what operators do. Nil: nothing is recorded.
	Audit audit.Sink
	// Proxies are those that tell the operator's address.
	Proxies proxy.Trusted
	// Wall is the clock of the throttle of wrong passwords, which no client can move;
	// nil is [clock.System].
	Wall clock.Clock
	// Log receives unexpected errors; nil: they are discarded.
	Log *slog.Logger
}

// page is the handler. It is safe for concurrent use.
type page struct {
	fixed     []account.Info
	accounts  *account.Registry
	grants    *grant.Service
	keys      *keyring.Ring
	clock     clock.Clock
	wall      clock.Clock
	metrics   *metrics.Metrics
	recent    *audit.Recent
	audit     audit.Sink
	log       *slog.Logger
	templates map[string]*template.Template
}

// New checks the configuration and returns the handler of [Path]. It does no I/O.
func New(cfg Config) (_ http.Handler, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("new admin page: %w", err)
		}
	}()
	if cfg.Store == nil || cfg.Metrics == nil || cfg.Recent == nil {
		return nil, errors.New("it needs a store, metrics and recent events")
	}
	cfg.Clock, cfg.Wall = cmp.Or[clock.Clock](cfg.Clock, clock.System{}), cmp.Or[clock.Clock](cfg.Wall, clock.System{})
	cfg.Audit = cmp.Or[audit.Sink](cfg.Audit, audit.Sinks(nil))
	cfg.Log = cmp.Or(cfg.Log, slog.New(slog.DiscardHandler))
	p := &page{clock: cfg.Clock, wall: cfg.Wall, metrics: cfg.Metrics, recent: cfg.Recent, audit: cfg.Audit, log: cfg.Log}
	gate, err := newAccess(cfg)
	if err != nil {
		return nil, err
	}
	if err := p.open(cfg, gate.limiter); err != nil {
		return nil, err
	}
	if p.templates, err = parse(); err != nil {
		return nil, err
	}
	return headers(sameOrigin(gate.guard(bounded(p.routes())))), nil
}

// open makes what the page has in common with the server, over the same store.
func (p *page) open(cfg Config, limiter account.Limiter) (err error) {
	directory, err := account.NewDirectory(account.Config{Accounts: cfg.Accounts, Store: cfg.Store, Clock: cfg.Clock, Limiter: limiter})
	if err != nil {
		return err
	}
	for _, one := range cfg.Accounts {
		p.fixed = append(p.fixed, one.Info())
	}
	if p.accounts, err = account.NewRegistry(cfg.Store, nil, nil); err != nil {
		return err
	}
	if p.keys, err = keyring.New(keyring.Config{Store: cfg.Store, Clock: cfg.Clock}); err != nil {
		return err
	}
	p.grants, err = grant.New(grant.Config{Store: cfg.Store, Clock: cfg.Clock, Accounts: directory, Keys: p.keys, Audit: cfg.Audit})
	return err
}

func (p *page) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, handler := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET " + Path + "{$}":      p.overview,
		"GET " + Path + "accounts": p.listAccounts,
		"GET " + Path + "account":  p.showAccount,
		"GET " + Path + "audit":    p.showAudit,
		"POST " + Path + "end":     p.end,
		"POST " + Path + "end-all": p.endAll,
		"POST " + Path + "disable": p.disable,
		"POST " + Path + "enable":  p.enable,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			err := r.ParseForm()
			if err != nil {
				err = &badFormError{"The form cannot be read, or is too long."}
			} else {
				err = handler(w, r)
			}
			if err != nil {
				p.problem(w, r, err)
			}
		})
	}
	mux.HandleFunc("GET "+Path+"page.css", style)
	return mux
}

// policy lets the page load its style and send its forms here, and nothing else.
const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Referrer-Policy", "same-origin") // with none, forms would have no Origin
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses what the page of another site makes a browser send: it would come
// with the password that the browser remembers.
func sameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "This request comes from another site, and was refused.", http.StatusForbidden)
	}))
	return protection.Handler(next)
}

// Bounds of a request: its body in bytes, and how long it may take. To end all of an
// account takes a write for each.
const (
	maxForm    = 64 << 10
	maxRequest = time.Minute
)

func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), maxRequest)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
