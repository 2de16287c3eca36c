// Package admin serves metrics, liveness, readiness, profiles and a page to operators,
// on a listener of its own. All but the page requires no credentials: the network has
// to keep clients away from the listener. Package page is the page.
package admin

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/dragoman-auth/dragoman/internal/drain"
	"github.com/dragoman-auth/dragoman/internal/reference/admin/page"
)

// Config holds what the listener serves.
type Config struct {
	// Metrics serves GET /metrics; required.
	Metrics http.Handler
	// Ready returns why the server is not ready, or nil; required.
	Ready func(context.Context) error
	// PProf serves /debug/pprof/. Profiles slow the server down and show parts of
	// its memory.
	PProf bool
	// Page serves /admin/ and what is below, with credentials of its own. Nil: there
	// is a 404 that says how to get the page.
	Page http.Handler
	// TLS encrypts the listener; nil: plain text. Then the password of the page is sent
	// in clear.
	TLS *tls.Config
	// Log receives why the server is not ready, and handshakes that fail; nil: it is
	// discarded.
	Log *slog.Logger
}

// Handler returns GET /livez, which is 200 as long as the process answers, GET
// /readyz, which is 503 when requests should go elsewhere, GET /metrics, and the page
// at /admin/, to which GET / leads.
func Handler(cfg Config) http.Handler {
	cfg.Log = cmp.Or(cfg.Log, slog.New(slog.DiscardHandler))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", cfg.Metrics)
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := cfg.Ready(r.Context()); err != nil {
			cfg.Log.WarnContext(r.Context(), "not ready", "error", err)
			http.Error(w, "not ready", http.StatusServiceUnavailable) // the reason is in the log
			return
		}
		fmt.Fprintln(w, "ok")
	})
	if cfg.Page == nil {
		cfg.Page = http.HandlerFunc(noPage)
	}
	mux.Handle(page.Path, cfg.Page)
	mux.Handle("GET /{$}", http.RedirectHandler(page.Path, http.StatusSeeOther))
	if cfg.PProf {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return mux
}

func noPage(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, `There is no page without a password: start "dragoman serve" with --admin-password-file FILE, or set DRAGOMAN_ADMIN_PASSWORD.`, http.StatusNotFound)
}

// maxHeader bounds the header of a request, in bytes.
const maxHeader = 32 << 10

// drainTime is how long what the page does may take when the server ends. A profile takes
// longer.
const drainTime = 5 * time.Second

// Serve serves what [Handler] returns until ctx ends, and closes the listener. Requests
// that have come by then have five seconds to be answered.
func Serve(ctx context.Context, listener net.Listener, cfg Config) error {
	cfg.Log = cmp.Or(cfg.Log, slog.New(slog.DiscardHandler))
	server := &http.Server{
		Handler:           Handler(cfg),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      2 * time.Minute, // longer than a profile of a minute
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(cfg.Log.Handler(), slog.LevelWarn),
	}
	if cfg.TLS != nil {
		server.TLSConfig = cfg.TLS.Clone()
	}
	if err := drain.Serve(ctx, server, listener, drainTime); err != nil {
		return fmt.Errorf("serve admin: %w", err)
	}
	return nil
}
