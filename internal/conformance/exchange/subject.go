package exchange

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// Subject is the server that is judged, as the judge reaches it. One Subject
// serves all scenarios of a run; it is safe for concurrent use, and read only
// but for Crowded.
type Subject struct {
	// HTTP is the root URL without a trailing slash, as "http://127.0.0.1:8080".
	HTTP string
	// GRPC is the host:port of direct gRPC, or "".
	GRPC string
	// Manifest describes the subject; its defaults are filled in.
	Manifest *manifest.Manifest
	// Transport carries all HTTP. It follows no redirects and keeps no cookies.
	Transport http.RoundTripper
	// HTTP2 says that Transport speaks HTTP/2, because the subject speaks no HTTP/1.1.
	HTTP2 bool
	// GRPCTLS is whom direct gRPC over TLS trusts; nil is the same as for HTTP.
	GRPCTLS *tls.Config
	// Dial opens the connections that Transport does not; nil is a net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Clock is the subject's time.
	Clock Clock
	// Secrets that no report may show. Every token that is seen is added.
	Secrets *evidence.Secrets
	// Timeout bounds one exchange. Where logins are slow, it is longer.
	Timeout time.Duration
	// Waits is told of each real wait of 5 seconds or more, and why, before it; nil
	// for nobody.
	Waits func(d time.Duration, why string)
	// Pace keeps requests apart; nil asks for nothing.
	Pace *Pace

	// Crowded says that scenarios run at once, so that none may let time pass
	// for the others.
	Crowded atomic.Bool

	// DateStands says that the Date of answers does not follow the moved clock,
	// and TimeUnknown that nothing else tells the subject's time.
	DateStands, TimeUnknown atomic.Bool

	kept         kept         // what there is of evidence
	throttled    sync.Mutex   // held by whoever waits for a throttle to end
	waitsUseless atomic.Bool  // waiting for a throttle did not help
	granted      sync.Map     // ways by which a token was granted
	login        atomic.Int64 // how long the fastest login took that succeeded, in nanoseconds
	lateness     atomic.Int64 // by how much answers came too late at most, in nanoseconds
}

// Lateness is by how much answers of this run came too late at most, to show what holds
// just before an end. A scenario that is tried again leaves more time.
func (s *Subject) Lateness() time.Duration { return time.Duration(s.lateness.Load()) }

// Late notes an answer that came too late.
func (s *Subject) Late(by time.Duration) {
	replace(&s.lateness, by, func(most time.Duration) bool { return by > most })
}

// MassLogins is how many logins the scenarios with the most of them send.
const MassLogins = 200

// LoginTime is how long the fastest login took by now; 0 where none succeeded.
func (s *Subject) LoginTime() time.Duration { return time.Duration(s.login.Load()) }

func (s *Subject) loggedIn(took time.Duration) {
	replace(&s.login, took, func(fastest time.Duration) bool { return fastest == 0 || took < fastest })
}

// replace puts a duration in the place of an old one, if it is better.
func replace(old *atomic.Int64, d time.Duration, better func(old time.Duration) bool) {
	for {
		was := old.Load()
		if !better(time.Duration(was)) || old.CompareAndSwap(was, int64(d)) {
			return
		}
	}
}

// timeout is how long an exchange may take: where logins take long, one of
// many that were sent at once may have to wait for all others.
func (s *Subject) timeout() time.Duration {
	const atOnce = 20
	return max(s.Timeout, min(2*atOnce*s.LoginTime(), 5*time.Minute))
}

// KnowsTime is an *UnknownTimeError where the subject's present time is not known.
func (s *Subject) KnowsTime() error {
	if s.TimeUnknown.Load() {
		return &UnknownTimeError{}
	}
	return nil
}

// Clock is the subject's time as the judge knows it.
type Clock interface {
	// Now is the subject's present time.
	Now() time.Time
	// Advance moves the subject's time forward by at least d, in whole seconds.
	Advance(ctx context.Context, d time.Duration) error
}
