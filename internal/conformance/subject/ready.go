package subject

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// address is one place at which the subject may answer.
type address struct {
	http string // root URL
	grpc string // host:port
}

// probe asks a subject whether it is there. Any HTTP answer counts, whatever
// its status; of gRPC a finished handshake.
type probe struct {
	http, grpc, grpcTLS bool
	proxied             bool // whether the environment's proxies are asked
	trust               *trust
	dial                Dial // nil: one of this machine
	path                string
	timeout             time.Duration
	now                 func() time.Time
	sleep               func(context.Context, time.Duration) error // nil: really waits
}

func newProbe(m *manifest.Manifest, o Options) (probe, error) {
	p := probe{
		http: m.NeedsHTTP(), grpc: m.NeedsGRPC(),
		proxied: m.Subject.URL != "", // what was started here is near
		path:    m.Subject.Ready.Path, timeout: m.Subject.Ready.Timeout, now: o.now(), sleep: o.Sleep,
	}
	p.grpcTLS = p.grpc && m.Dialects.RPC.GRPC.TLS
	p.trust = &trust{declared: m}
	_, _, err := p.trust.read()
	if errors.Is(err, fs.ErrNotExist) && m.Subject.URL == "" && m.Subject.GRPC == "" {
		err = nil // a server that is still to be started may write the file
	}
	return p, err
}

// scheme is what a subject that was started speaks.
func scheme(m *manifest.Manifest) string {
	if m.Subject.TLS != nil {
		return "https://"
	}
	return "http://"
}

// found is what an attempt found out about a subject that answers.
type found struct {
	ahead time.Duration // by how much its clock is ahead
	http2 bool          // it speaks HTTP/2 and not HTTP/1.1
}

// try asks once.
func (p probe) try(ctx context.Context, at address) (f found, err error) {
	overHTTP, overGRPC, err := p.trust.read()
	if err != nil {
		return found{}, err
	}
	if p.http {
		if f, err = p.tryHTTP(ctx, at.http, overHTTP); err != nil {
			return found{}, err
		}
	}
	if p.grpc {
		if err := p.tryGRPC(ctx, at.grpc, overGRPC); err != nil {
			return found{}, err
		}
	}
	return f, nil
}

// tryHTTP asks over HTTP/1.1, and over HTTP/2 where somebody is there who does
// not speak that. The error is that of the first. Where HTTP/2 is answered, it asks
// over HTTP/1.1 once more: the subject may have begun to listen after the first.
func (p probe) tryHTTP(ctx context.Context, root string, config *tls.Config) (found, error) {
	ahead, err := p.get(ctx, root, config, false)
	if dial := new(net.OpError); err == nil || ctx.Err() != nil || errors.As(err, &dial) && dial.Op == "dial" {
		return found{ahead: ahead}, err
	}
	ahead, second := p.get(ctx, root, config, true)
	if isGRPC := new(grpcPortError); errors.As(second, &isGRPC) {
		return found{}, second
	}
	if second != nil {
		return found{}, err
	}
	_, third := p.get(ctx, root, config, false)
	return found{ahead: ahead, http2: third != nil}, ctx.Err()
}

// grpcPortError says that gRPC is spoken where HTTP was expected.
type grpcPortError struct{}

func (*grpcPortError) Error() string {
	return "gRPC is spoken there: that port is for subject.grpc, or ports.grpc; name the port of HTTP"
}

// get asks by one version of HTTP.
func (p probe) get(ctx context.Context, root string, config *tls.Config, http2 bool) (ahead time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, root+p.path, http.NoBody)
	if err != nil {
		return 0, fmt.Errorf("GET %s: %w", root+p.path, err)
	}
	transport := p.transport(config, http2)
	transport.DisableKeepAlives = true
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request) // no redirects: the first answer is enough
	if err != nil {
		return 0, fmt.Errorf("GET %s: %w", root+p.path, withHint(err))
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/grpc") {
		return 0, fmt.Errorf("GET %s: %w", root+p.path, &grpcPortError{})
	}
	return clockAhead(response.Header.Get("Date"), p.now()), nil
}

// transport speaks HTTP/1.1 only, for the dialects are documented in it, or
// HTTP/2 only. It has a TLS configuration of its own, because one that speaks
// HTTP/2 changes it.
func (p probe) transport(config *tls.Config, http2 bool) *http.Transport {
	config = config.Clone()
	transport := &http.Transport{
		TLSClientConfig:    config,
		DisableCompression: true, // what is read is what was sent

		MaxResponseHeaderBytes: exchange.MaxHeader,
		DialContext:            dialTCP,
	}
	if p.dial != nil {
		transport.DialContext = p.dial
	}
	if p.proxied {
		transport.Proxy = http.ProxyFromEnvironment
	}
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetHTTP1(!http2)
	transport.Protocols.SetHTTP2(http2)
	transport.Protocols.SetUnencryptedHTTP2(http2)
	return transport
}

// dialTCP opens a connection. Each carries one exchange, and a suite makes many
// thousands: on this machine they are reset when they have been read, so that
// none lingers in the kernel's tables, which would fill up.
func dialTCP(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok && conn.RemoteAddr().(*net.TCPAddr).IP.IsLoopback() {
		if err := tcp.SetLinger(0); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

// clockAhead compares a Date header, which has whole seconds, with our time.
func clockAhead(date string, now time.Time) time.Duration {
	theirs, err := http.ParseTime(date)
	if err != nil {
		return 0
	}
	ahead := theirs.Sub(now.Truncate(time.Second))
	if ahead.Abs() <= 2*time.Second {
		return 0
	}
	return ahead
}

func (p probe) tryGRPC(ctx context.Context, target string, config *tls.Config) error {
	transport := insecure.NewCredentials()
	if p.grpcTLS {
		transport = credentials.NewTLS(config.Clone())
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(transport)}
	if p.dial != nil {
		options = append(options, grpc.WithContextDialer(
			func(ctx context.Context, address string) (net.Conn, error) { return p.dial(ctx, "tcp", address) }))
	}
	connection, err := grpc.NewClient("passthrough:///"+target, options...)
	if err != nil {
		return fmt.Errorf("gRPC %s: %w", target, err)
	}
	defer connection.Close() //nolint:errcheck // nothing was sent
	connection.Connect()
	for {
		state := connection.GetState()
		if state == connectivity.Ready {
			return nil
		}
		if state == connectivity.TransientFailure {
			return fmt.Errorf("gRPC %s: nobody there speaks it%s", target, overTLS(p.grpcTLS))
		}
		if !connection.WaitForStateChange(ctx, state) {
			return fmt.Errorf("gRPC %s: %w", target, ctx.Err())
		}
	}
}

func overTLS(tls bool) string {
	if tls {
		return " over TLS; if it does, name the file of its authority in subject.tls.ca, or dialects.rpc.grpc.trust.ca"
	}
	return " without TLS; where it has no direct gRPC, take grpc out of dialects.rpc"
}

const (
	attemptTimeout = 10 * time.Second       // for one attempt at one place
	attemptPause   = 100 * time.Millisecond // between two attempts, and two looks at whether it lives
)

// await asks at all places at once, again and again, until one answers or
// the timeout ends. Alive says why waiting has become pointless; it may be nil.
func (p probe) await(ctx context.Context, places []address, alive func(context.Context) error) (address, found, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	polls := make([]*poll, len(places))
	answered := make(chan int, len(places))
	var polling sync.WaitGroup
	defer polling.Wait()
	defer cancel()
	for i, place := range places {
		polls[i] = &poll{probe: p, place: place}
		polling.Go(func() {
			if polls[i].run(ctx) {
				answered <- i
			}
		})
	}
	look := time.NewTicker(attemptPause)
	defer look.Stop()
	for {
		select {
		case first := <-answered:
			best := polls[bestOf(first, answered)]
			return best.place, best.found, nil
		case <-look.C:
			if alive == nil {
				continue
			}
			if err := alive(ctx); err != nil && ctx.Err() == nil {
				return address{}, found{}, err
			}
		case <-ctx.Done():
			polling.Wait()
			if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return address{}, found{}, ctx.Err()
			}
			return address{}, found{}, &unresponsiveError{within: p.timeout, tried: failures(polls)}
		}
	}
}

// unresponsiveError says that a subject did not answer in time, and what was tried.
type unresponsiveError struct {
	within time.Duration
	tried  string
}

func (e *unresponsiveError) Error() string {
	return fmt.Sprintf("the subject does not answer within %s: %s", humanize.Duration(e.within), e.tried)
}

// bestOf prefers places that come earlier, if they answer soon after the first.
func bestOf(first int, answered <-chan int) int {
	soon := time.NewTimer(3 * attemptPause)
	defer soon.Stop()
	for best := first; ; {
		if best == 0 {
			return best
		}
		select {
		case next := <-answered:
			best = min(best, next)
		case <-soon.C:
			return best
		}
	}
}

// poll asks at one place.
type poll struct {
	probe
	place address
	found found
	err   error // why the last attempt failed
}

// run asks until there is an answer or ctx ends, and says which.
func (p *poll) run(ctx context.Context) bool {
	for {
		attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
		f, err := p.try(attempt, p.place)
		cancel()
		if err == nil {
			p.found = f
			return true
		}
		if ctx.Err() == nil || p.err == nil {
			p.err = err // the very last one would only say that time is up
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(attemptPause):
		}
	}
}

func failures(polls []*poll) string {
	texts := make([]string, len(polls))
	for i, p := range polls {
		texts[i] = p.err.Error()
	}
	return strings.Join(texts, "; ")
}
