// Package subject brings the server under judgement up and tells where it
// answers: a container image, a Dockerfile, a command, a URL, or dragoman's own
// reference server. It also moves the subject's clock. It judges nothing; all
// its errors blame the environment.
package subject

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// Dial opens a connection, as [net.Dialer.DialContext] does.
type Dial = func(ctx context.Context, network, address string) (net.Conn, error)

// Options say how subjects are started. The zero Options are ready.
type Options struct {
	// Binary is a statically linked Linux build of dragoman. With it, the
	// built-in reference runs in a container FROM scratch where an engine
	// answers; without it, or without an engine, it runs in this process.
	Binary string
	// Dial opens a connection to a subject that the manifest names by url. Nil is
	// a net.Dialer.
	Dial Dial
	// Say gets a line on what happens and why, as progress for people. Nil
	// says nothing.
	Say func(line string)
	// Now is our own time, which the subject's is compared with and then
	// reckoned by. Default time.Now; a test may stop it.
	Now func() time.Time
	// Sleep lets our own time pass. Default really waits.
	Sleep func(ctx context.Context, d time.Duration) error
}

func (o Options) now() func() time.Time {
	if o.Now == nil {
		return time.Now
	}
	return o.Now
}

func (o Options) say(format string, args ...any) {
	if o.Say != nil {
		o.Say(fmt.Sprintf(format, args...))
	}
}

// Running is a subject that answers. Its owner calls Stop.
type Running struct {
	Kind string // image, dockerfile, command, url or builtin
	Runs string // where and how it runs, in words
	HTTP string // the root URL without a trailing slash, or ""
	GRPC string // host:port, or ""
	// Ahead is by how much the subject's clock is ahead of ours, read from its
	// Date header; 0 within two seconds, and where there is no such header.
	Ahead time.Duration
	// HTTP2 says that the subject speaks HTTP/2 and not HTTP/1.1.
	HTTP2 bool
	// Transport carries HTTP to the subject, by HTTP/1.1 where it speaks that, with whom it trusts
	// in its TLSClientConfig. It follows no redirects, keeps no cookies and
	// asks for no compression.
	Transport *http.Transport
	// GRPCTLS is whom direct gRPC over TLS trusts.
	GRPCTLS *tls.Config
	// Dial opens connections to the subject; nil is a net.Dialer.
	Dial Dial

	now     func() time.Time                                // nil: the system's
	sleep   func(context.Context, time.Duration) error      // nil: really waits
	run     func(ctx context.Context, words []string) error // a command where the subject is; nil: this machine
	probe   probe
	place   address
	stop    func() // nil where there is nothing to stop
	stopped sync.Once
	logs    func() *output // what it has printed; nil where that is unknown
	digest  func(context.Context) string
}

// Stop ends what Start started and removes what it left: processes,
// containers, images. It takes at most half a minute. Only the first call does
// anything.
func (r *Running) Stop() {
	if r.Transport != nil {
		r.Transport.CloseIdleConnections()
	}
	if r.stop != nil {
		r.stopped.Do(r.stop)
	}
}

// Logs is the whole lines that the subject printed, of the last 8 MiB at least, or ""
// where they are unknown, and the number of the first of them, from 1.
func (r *Running) Logs() (text string, line int) {
	if r.logs == nil {
		return "", 1
	}
	return r.logs().end()
}

// LastLogs is the last whole lines that the subject printed, 64 KiB at most, or "" where
// they are unknown.
func (r *Running) LastLogs() string {
	text, _ := r.Logs()
	return lastOf(text, shownOutput)
}

// Start brings up the subject of a manifest and waits until it answers, for at
// most subject.ready.timeout. The error says in one line what was tried.
func Start(ctx context.Context, m *manifest.Manifest, o Options) (*Running, error) {
	switch s := m.Subject; {
	case s.URL != "" || s.GRPC != "":
		return startURL(ctx, m, o)
	case len(s.Command) > 0:
		return startCommand(ctx, m, o)
	case s.Builtin:
		return startBuiltin(ctx, m, o)
	default:
		return startContainer(ctx, m, recipeOf(m), o)
	}
}

// Answers asks once more whether the subject is there, and says why not.
func (r *Running) Answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, urlTimeout)
	defer cancel()
	_, err := r.probe.try(ctx, r.place)
	return err
}

// reached notes how a subject is reached: the addresses that the manifest has
// a use for.
func (r *Running) reached(place address, f found, p probe) {
	if p.http {
		r.HTTP = place.http
	}
	if p.grpc {
		r.GRPC = place.grpc
	}
	r.probe, r.place, r.now, r.sleep = p, place, p.now, p.sleep
	overHTTP, overGRPC := p.trust.keepLast() // it has answered by them
	r.Ahead, r.HTTP2, r.Transport, r.GRPCTLS = f.ahead, f.http2, p.transport(overHTTP, f.http2), overGRPC
	r.Transport.MaxIdleConnsPerHost, r.Transport.IdleConnTimeout = 64, 30*time.Second
}

// urlTimeout is how long a server that is said to run may take to answer.
const urlTimeout = 10 * time.Second

func startURL(ctx context.Context, m *manifest.Manifest, o Options) (*Running, error) {
	ctx, cancel := context.WithTimeout(ctx, urlTimeout)
	defer cancel()
	p, err := newProbe(m, o)
	if err != nil {
		return nil, err
	}
	if o.Dial != nil {
		p.dial, p.proxied = o.Dial, false
	}
	place := address{http: m.Subject.URL, grpc: m.Subject.GRPC}
	f, err := p.try(ctx, place)
	if err != nil {
		return nil, fmt.Errorf("the subject does not answer: %w", err)
	}
	running := &Running{Kind: "url", Runs: "already running", Dial: o.Dial}
	running.reached(place, f, p)
	running.digest = running.urlDigest
	return running, nil
}
