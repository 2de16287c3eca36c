package zoo

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/dragoman-auth/dragoman/internal/clientsuite"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// client is the right client, which its habits may change. It logs in when it is first
// called, replaces its token when that ends or is rejected, and makes a rejected call
// once more.
type client struct {
	env    clientsuite.Environment
	habits habits
	errors io.Writer
	http   *http.Client
	turn   chan struct{} // of a serial client; a mutex would stop the time of a bubble

	mu       sync.Mutex
	token    token           // zero: none
	dead     map[string]bool // tokens that were rejected
	flight   *flight         // nil: none runs
	failed   error           // of the last flight
	until    time.Time       // until when that stands
	ended    error           // why the client gave up permanently
	spelling int             // how often the password was spelt otherwise
	probed   bool            // Basic was tried
	skewed   bool            // the last rejection was hours off by its Date
	offset   time.Duration   // of its clock, where it is set by the server
	conn     *grpc.ClientConn
}

// flight is one exchange for all callers that wait for it.
type flight struct {
	done   chan struct{}
	cancel context.CancelFunc
	token  token
	err    error
}

// like is a program that is a right client but for its habits.
func like(h habits, without ...clientsuite.Capability) clientsuite.Program {
	return clientsuite.Func(func(ctx context.Context, env clientsuite.Environment, in io.Reader, out, errors io.Writer) error {
		c := newClient(env, h, errors)
		without := without
		if env.Dialect == wire.Session {
			without = append([]clientsuite.Capability{clientsuite.Logout}, without...)
		}
		defer c.http.CloseIdleConnections()
		if h.atStart {
			_, _ = c.obtain(ctx) // the first call tries again
		}
		return speak(ctx, in, out, errors, c, without...)
	})
}

func newClient(env clientsuite.Environment, h habits, errors io.Writer) *client {
	c := &client{env: env, habits: h, errors: errors, dead: map[string]bool{}, turn: make(chan struct{}, 1)}
	shared := *env.HTTP
	if transport, is := shared.Transport.(*http.Transport); is {
		transport = transport.Clone()
		transport.DisableKeepAlives = h.newConnection
		if h.secondTrust {
			transport.DialTLSContext = trustingAtLast(transport)
		}
		if h.anyCertificate {
			transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // this is the mistake
		}
		shared.Transport = transport
	}
	shared.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.http = &shared
	if h.storeAtStart {
		c.token = c.stored()
	}
	return c
}

// call implements [caller].
func (c *client) call(ctx context.Context, method, path string, body payload) (int, error) {
	if c.habits.serial {
		c.turn <- struct{}{}
		defer func() { <-c.turn }()
	}
	if c.habits.noDeadline {
		ctx = context.WithoutCancel(ctx)
	}
	retries, outages := c.habits.retryCalls, c.habits.retryOutages
	for attempt := 1; ; attempt++ {
		t, err := c.obtain(ctx)
		if err != nil {
			return 0, err
		}
		c.extra(ctx, method, path, body, t)
		status, err := c.send(ctx, method, path, c.again(body, attempt), t, attempt)
		switch {
		case err != nil && method != http.MethodGet && c.habits.postAgain && attempt <= 2:
		case err != nil:
			return 0, c.broken(err)
		case status == http.StatusUnauthorized && c.wantsAnother(t, body, attempt):
			c.rejected(ctx, method, path, t)
			if c.habits.dropsBoth {
				return c.onceWith(ctx, method, path, body)
			}
		case status == http.StatusForbidden && c.habits.hides403:
			return 0, errors.New("forbidden")
		case status == http.StatusForbidden && c.habits.on403 && attempt == 1:
			c.reject(t)
		case status == http.StatusForbidden && c.habits.again403 && attempt == 1:
		case status == http.StatusServiceUnavailable && retries > 0:
			retries--
		case status == http.StatusServiceUnavailable && outages > 0 && method == http.MethodGet:
			outages--
			<-time.After(3 * time.Second)
		default:
			c.over(status, t)
			return status, nil
		}
	}
}

// wantsAnother says whether a call that was answered 401 is made again with another
// token.
func (c *client) wantsAnother(t token, body payload, attempt int) bool {
	attempts := 2
	if c.habits.attempts > 0 {
		attempts = c.habits.attempts
	}
	if c.habits.skewIsFinal && c.wasSkewed() {
		return false
	}
	return attempt < attempts && !c.habits.takes401 && c.repeatable(body) && (!c.habits.lateGivesUp || c.isCurrent(t))
}

// over ends a call that is not made again.
func (c *client) over(status int, t token) {
	broken := status >= http.StatusInternalServerError
	if status == http.StatusUnauthorized && c.habits.dieOnRejected {
		c.die(errors.New("the session is over"))
	}
	if broken && c.habits.dieOn500 {
		c.die(errors.New("the server is broken"))
	}
	if broken && c.habits.on500 || c.habits.oneUse {
		c.reject(t)
	}
}

// repeatable says whether the client makes a call again that has such a body.
func (c *client) repeatable(body payload) bool {
	return (!body.once || c.habits.streamAgain) && (body.bytes == 0 || !c.habits.bodiesOnce)
}

// extra makes the requests that nobody has asked for.
func (c *client) extra(ctx context.Context, method, path string, body payload, t token) {
	if c.habits.hedge && method == http.MethodPost {
		_, _ = c.send(ctx, method, path, body, t, 1)
	}
	if c.habits.refreshProbe && t.Refresh != "" {
		_, _ = c.sendWith(ctx, http.MethodGet, wire.SessionSessionsPath, payload{}, func(r *http.Request) { c.authorize(r, t.Refresh) })
	}
	c.mu.Lock()
	first := c.habits.basicProbe && !c.probed
	c.probed = true
	c.mu.Unlock()
	if first {
		_, _ = c.sendWith(ctx, http.MethodHead, path, payload{}, func(r *http.Request) { r.SetBasicAuth(c.env.Login, c.env.Password) })
	}
}

// again is the body of a call that is made for the so-many-th time.
func (c *client) again(body payload, attempt int) payload {
	switch {
	case attempt == 1:
	case c.habits.emptyBody || body.once:
		body.bytes = 0
	case c.habits.halfBody:
		body.bytes /= 2
	}
	return body
}

// broken notes that a call got no answer.
func (c *client) broken(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.habits.onReset {
		c.token = token{}
	}
	if c.habits.dieOnReset {
		c.ended = err
	}
	return err
}

// rejected takes the token of a call that was answered 401 out of use.
func (c *client) rejected(ctx context.Context, method, path string, t token) {
	if c.habits.basicFirst || c.habits.refreshAsAccess && t.Refresh != "" {
		tried := token{Access: t.Refresh}
		_, _ = c.sendWith(ctx, method, path, payload{}, func(r *http.Request) {
			if c.habits.basicFirst {
				r.SetBasicAuth(c.env.Login, c.env.Password)
				return
			}
			c.authorize(r, tried.Access)
		})
	}
	for range 11 {
		if c.habits.provesTokens {
			_, _ = c.replace(ctx)
		}
	}
	if !c.habits.sameToken && !c.habits.dropsBoth {
		c.reject(t)
	}
}

// isCurrent says whether a token is that of the client.
func (c *client) isCurrent(t token) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.token.Access == t.Access
}

// onceWith makes a call with a token that is used for nothing else.
func (c *client) onceWith(ctx context.Context, method, path string, body payload) (int, error) {
	t, err := c.exchange(ctx, c.login(), true)
	if err != nil {
		return 0, err
	}
	return c.send(ctx, method, path, body, t, 1)
}

// reject takes a token out of use, unless another has taken its place.
func (c *client) reject(t token) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.habits.dropsNewest {
		t = c.token
	}
	c.dead[t.Access] = true
}

// send sends a call with a token, and returns the status of the answer.
func (c *client) send(ctx context.Context, method, path string, body payload, t token, attempt int) (int, error) {
	status, err := c.sendWith(ctx, method, path, body, func(r *http.Request) {
		if !c.habits.noToken {
			c.authorize(r, t.Access)
		}
		if c.habits.basicToo && c.env.Dialect == wire.Form {
			r.SetBasicAuth(c.env.Login, c.env.Password)
		}
		if c.habits.tokenInQuery || c.habits.queryAgain && attempt > 1 {
			r.URL.RawQuery = "access_token=" + t.Access
		}
	})
	if status >= http.StatusInternalServerError && c.habits.printHeaders {
		fmt.Fprintln(c.errors, "request failed, authorization was", t.Access)
	}
	return status, err
}

// sendWith sends a call, and follows redirects within the server.
func (c *client) sendWith(ctx context.Context, method, path string, body payload, authorize func(*http.Request)) (int, error) {
	r, err := body.request(ctx, method, c.env.URL+path)
	if err != nil {
		return 0, err
	}
	authorize(r)
	if c.env.Verbose && c.habits.printAll {
		fmt.Fprintln(c.errors, method, path, r.Header)
	}
	if c.habits.followStandard {
		standard := *c.http
		standard.CheckRedirect = nil
		status, _, err := fetch(&standard, r)
		return status, err
	}
	for range 5 {
		status, header, err := fetch(c.http, r)
		if status == http.StatusUnauthorized {
			c.noteSkew(header)
		}
		if err != nil || status != http.StatusTemporaryRedirect || c.habits.followNone {
			return status, err
		}
		next, err := r.URL.Parse(header.Get("Location"))
		if err != nil {
			return 0, err
		}
		header = maps.Clone(r.Header)
		same := next.Scheme == r.URL.Scheme && next.Host == r.URL.Host || c.habits.followHost && next.Hostname() == r.URL.Hostname()
		if !same && !c.habits.follow && !c.habits.followBody {
			return status, nil // the caller sees where it was to go
		}
		if !same && !c.habits.follow || c.habits.followBare {
			header = http.Header{}
		}
		if r, err = body.request(ctx, method, next.String()); err != nil {
			return 0, err
		}
		r.Header = header
	}
	return 0, errors.New("too many redirects")
}

// logout implements [caller].
func (c *client) logout(ctx context.Context) error {
	c.mu.Lock()
	t := c.token
	if !c.habits.keepAfter && !c.habits.keepUnless {
		c.token = token{}
	}
	c.mu.Unlock()
	x, known := c.ending(t)
	if c.habits.endsByLogout {
		c.die(errors.New("logged out"))
	}
	if t.Access == "" || !known || c.habits.logoutLocal {
		return nil
	}
	if c.habits.logoutBare {
		x.bearer = ""
		if c.env.Dialect == wire.Form {
			x.path = wire.FormLoginPath
		}
	}
	r, err := c.request(ctx, x)
	if err != nil {
		return err
	}
	status, _, err := fetch(c.http, r)
	if err == nil && status >= http.StatusBadRequest {
		err = fmt.Errorf("logout was answered %d", status)
	}
	if err == nil && !c.habits.keepAfter {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.token = token{}
	}
	return err
}

// close implements [caller].
func (c *client) close(context.Context) error {
	if c.conn != nil {
		_ = c.conn.Close()
	}
	if c.habits.storeAtClose {
		c.keep(c.token)
	}
	if c.habits.clearAtClose {
		c.keep(token{})
	}
	switch {
	case c.habits.closeHangs:
		return errHang
	case c.habits.closeFails:
		return errors.New("cannot close")
	}
	return nil
}

// trustingAtLast dials with TLS, and takes any certificate where the right way fails.
func trustingAtLast(transport *http.Transport) func(ctx context.Context, network, address string) (net.Conn, error) {
	plain, trust := transport.DialContext, transport.TLSClientConfig.Clone()
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, _ := net.SplitHostPort(address)
		for _, unsafe := range []bool{false, true} {
			conn, err := plain(ctx, network, address)
			if err != nil {
				return nil, err
			}
			settings := &tls.Config{MinVersion: tls.VersionTLS12}
			if trust != nil {
				settings = trust.Clone()
			}
			settings.ServerName, settings.InsecureSkipVerify = host, unsafe
			encrypted := tls.Client(conn, settings)
			if err := encrypted.HandshakeContext(ctx); err == nil {
				return encrypted, nil
			}
			_ = conn.Close()
		}
		return nil, errors.New("the server cannot be trusted")
	}
}
