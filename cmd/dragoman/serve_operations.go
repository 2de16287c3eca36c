package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dragoman-auth/dragoman/internal/reference/admin"
	"github.com/dragoman-auth/dragoman/internal/reference/admin/page"
	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/certificate"
	"github.com/dragoman-auth/dragoman/internal/reference/metrics"
	"github.com/dragoman-auth/dragoman/internal/reference/otlp"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// Values of --audit that are no names of files.
const (
	auditStderr = "stderr"
	auditNone   = "none"
)

// adminPasswordVariable holds the password of the admin page.
const adminPasswordVariable = "DRAGOMAN_ADMIN_PASSWORD"

// operations are the parts of serve for operators: the audit log, the certificates,
// the admin listener.
type operations struct {
	log       *slog.Logger
	audit     reference.AuditSink // nil: none
	file      io.Closer           // of the audit log; nil: none
	cert      *certificate.Files  // nil: plain text
	adminCert *certificate.Files  // that of the admin listener; nil: plain text
	metrics   *metrics.Metrics    // nil: no admin listener
	traces    *otlp.Exporter      // nil: none
	drain     time.Duration       // how long the end of the server may take
	drains    time.Time           // when that began
	pprof     bool
	password  string       // of the admin page; empty: there is none
	page      http.Handler // nil: there is none
	listener  net.Listener
	// SIGHUP, one for each certificate, from the start: without a receiver it ends the process.
	hangup, adminHangup chan os.Signal
}

// newOperations opens the files that the flags name.
func newOperations(flags serveFlags, log *slog.Logger) (*operations, error) {
	if flags.adminTLSCert != "" && flags.admin == "" {
		return nil, errors.New("--admin-tls-cert needs --admin ADDRESS, which it encrypts")
	}
	if flags.pprof && flags.admin == "" {
		return nil, errors.New("--pprof needs --admin ADDRESS, where the profiles are served")
	}
	password, err := adminPassword(flags)
	if err != nil {
		return nil, err
	}
	o := &operations{log: log, pprof: flags.pprof, password: password, drain: flags.drainDelay + flags.drain, hangup: make(chan os.Signal, 1), adminHangup: make(chan os.Signal, 1)}
	if flags.admin != "" {
		o.metrics = metrics.New(nil)
	}
	if o.cert, err = loadCertificate("", flags.tlsCert, flags.tlsKey); err != nil {
		return nil, err
	}
	if o.adminCert, err = loadCertificate("admin-", flags.adminTLSCert, flags.adminTLSKey); err != nil {
		return nil, err
	}
	if err := o.openAudit(flags.audit); err != nil {
		return nil, err
	}
	if flags.traces != "" {
		if o.traces, err = otlp.New(otlp.Config{URL: flags.traces, Share: flags.tracesShare, Version: version, Log: log}); err != nil {
			return nil, errors.Join(fmt.Errorf("--traces: %w", err), o.close())
		}
	}
	signal.Notify(o.hangup, syscall.SIGHUP)
	signal.Notify(o.adminHangup, syscall.SIGHUP)
	return o, nil
}

// loadCertificate loads the files of the flags with a prefix; nil without files.
func loadCertificate(prefix, cert, key string) (*certificate.Files, error) {
	if (cert == "") != (key == "") {
		return nil, fmt.Errorf("--%[1]stls-cert and --%[1]stls-key belong together", prefix)
	}
	if cert == "" {
		return nil, nil //nolint:nilnil // without files there is no certificate
	}
	files, err := certificate.Load(cert, key)
	if err != nil {
		return nil, fmt.Errorf("--%stls-cert: %w", prefix, err)
	}
	return files, nil
}

// adminPassword is the password of the admin page, or "".
func adminPassword(flags serveFlags) (string, error) {
	switch file, variable := flags.adminPasswordFile, flags.adminPassword; {
	case file == "" && variable == "":
		return "", nil
	case flags.admin == "":
		return "", errors.New("a password of the admin page needs --admin ADDRESS, where the page is served")
	case file != "" && variable != "":
		return "", errors.New("--admin-password-file and $" + adminPasswordVariable + ": set one of them")
	case file == "":
		return variable, nil
	}
	text, err := os.ReadFile(flags.adminPasswordFile)
	if err != nil {
		return "", fmt.Errorf("--admin-password-file: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	if line = strings.TrimRight(line, "\r"); line == "" {
		return "", errors.New("--admin-password-file: its first line is empty")
	}
	return line, nil
}

// openAudit opens what --audit names.
func (o *operations) openAudit(name string) error {
	switch name {
	case auditStderr:
		o.audit = reference.NewAuditLog(o.log.Handler())
	case auditNone, "":
	default:
		file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("--audit: %w", err)
		}
		o.file, o.audit = file, reference.NewAuditLog(slog.NewJSONHandler(file, nil))
	}
	return nil
}

// flushAtLeast is the least time for sending the last traces, also when the drain has
// used its time.
const flushAtLeast = 500 * time.Millisecond

// close sends the last traces, in what is left of the drain, and closes the audit log.
func (o *operations) close() error {
	signal.Stop(o.hangup)
	signal.Stop(o.adminHangup)
	if o.traces != nil {
		ctx, cancel := context.WithTimeout(context.Background(), max(o.drain-time.Since(o.drains), flushAtLeast))
		defer cancel()
		o.traces.Close(ctx)
	}
	if o.file == nil {
		return nil
	}
	return o.file.Close()
}

// configure adds the audit log, the metrics and TLS to the configuration, and makes the
// admin page of it.
func (o *operations) configure(config *reference.Config) error {
	config.Audit = o.audit
	if o.traces != nil {
		config.Tracers = o.traces.Provider()
	}
	if o.cert != nil {
		config.TLS = o.cert.Config()
	}
	if o.metrics == nil {
		return nil
	}
	config.Observer = o.metrics
	config.Store = o.metrics.Store(config.Store)
	sinks := reference.AuditSinks{o.metrics}
	if o.audit != nil {
		sinks = append(sinks, o.audit)
	}
	config.Audit = sinks
	if o.password == "" {
		return nil
	}
	recent := audit.NewRecent(nil)
	config.Audit = append(sinks, recent)
	config.Clock = clock.NewOffset(nil) // the server and the page have one
	var err error
	o.page, err = page.New(page.Config{
		Password: o.password, Store: config.Store, Accounts: config.Accounts, Clock: config.Clock, Metrics: o.metrics, Recent: recent,
		Audit: config.Audit, Proxies: config.TrustedProxies, Log: o.log,
	})
	return err
}

// listen opens the admin listener, if there is one. Where other machines may reach it, it
// warns, and refuses to serve a page whose password they would send in clear.
func (o *operations) listen(ctx context.Context, address string) (err error) {
	if o.metrics == nil {
		return nil
	}
	var config net.ListenConfig
	if o.listener, err = config.Listen(ctx, "tcp", address); err != nil {
		return fmt.Errorf("--admin: %w", err)
	}
	at, is := o.listener.Addr().(*net.TCPAddr)
	if !is || at.IP.IsLoopback() {
		return nil
	}
	if o.page != nil && o.adminCert == nil {
		return errors.Join(fmt.Errorf("--admin %s: other machines may reach it, and the password of its page would cross the network in clear; "+
			"set --admin-tls-cert and --admin-tls-key, or give --admin an address like 127.0.0.1:9100", address), o.listener.Close())
	}
	o.log.WarnContext(ctx, "other machines may reach the admin listener, which requires no credentials but for its page: "+
		"let only operators reach it, or give --admin an address like 127.0.0.1:9100", "address", at.String(), "tls", o.adminCert != nil)
	return nil
}

// scheme is that of the URLs of a listener with this certificate, which may be nil.
func scheme(cert *certificate.Files) string {
	if cert != nil {
		return "https"
	}
	return "http"
}

func (o *operations) announce(out io.Writer) {
	if o.listener == nil {
		return
	}
	url := scheme(o.adminCert) + "://" + o.listener.Addr().String()
	fmt.Fprintf(out, "dragoman: admin at %s\n", url)
	if o.page != nil {
		fmt.Fprintf(out, "dragoman: admin page at %s%s\n", url, page.Path)
	}
}

// run serves until ctx ends and the server has drained; the admin listener and the
// certificates are served until then. When the admin listener fails, the server
// ends.
func (o *operations) run(ctx context.Context, server *reference.Server, http, grpc net.Listener) error {
	group, serving := errgroup.WithContext(ctx)
	drained, end := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error {
		defer end()
		return server.Serve(serving, http, grpc)
	})
	if o.listener != nil {
		config := admin.Config{Metrics: o.metrics.Handler(), Ready: server.Ready, PProf: o.pprof, Page: o.page, Log: o.log}
		if o.adminCert != nil {
			config.TLS = o.adminCert.Config()
			group.Go(func() error {
				watch(drained, o.adminCert, o.adminHangup, o.log.With("listener", "admin"))
				return nil
			})
		}
		group.Go(func() error { return admin.Serve(drained, o.listener, config) })
	}
	group.Go(func() error { o.watch(drained); return nil })
	group.Go(func() error {
		<-serving.Done()
		o.drains = time.Now()
		return nil
	})
	return group.Wait()
}

// watch reloads a certificate until ctx ends.
func watch(ctx context.Context, cert *certificate.Files, hangup <-chan os.Signal, log *slog.Logger) {
	check := time.NewTicker(certificate.CheckEvery)
	defer check.Stop()
	cert.Watch(ctx, check.C, hangup, log)
}

// watch reloads the certificate; without any it logs each SIGHUP.
func (o *operations) watch(ctx context.Context) {
	if o.cert != nil {
		watch(ctx, o.cert, o.hangup, o.log)
		return
	}
	if o.adminCert != nil {
		return // the admin listener's is reloaded
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.hangup:
			o.log.InfoContext(ctx, "SIGHUP reloads nothing: there is no certificate (--tls-cert, --admin-tls-cert), and settings are read at the start only")
		}
	}
}
