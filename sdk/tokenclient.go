package sdk

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/internal/sdk/secretscan"
)

// TokenClient is what a [Dialect] talks to its token endpoints through. It belongs
// to one client and its origin: it follows no redirect, reads no more than
// 1 MiB of an answer, gives up on one after a time, and when a server answers
// 429 or 503 with Retry-After it waits, and a random time more, if that fits into
// the context's deadline, and tries up to three times in all. It is safe for concurrent use.
type TokenClient struct {
	dialect   Dialect
	name      string // the dialect's
	base      *url.URL
	transport http.RoundTripper
	clock     func() time.Time
	random    func() float64
	budget    *budget
	timeout   time.Duration // of one attempt, reading included
	userAgent string
	notify    func(context.Context, Event)
	limit     *Limit // nil: none
}

// Limit bounds how many exchanges with token endpoints are under way at once,
// over all the clients that share it; see [WithLimit]. It is safe for concurrent
// use.
type Limit struct{ places chan struct{} }

// NewLimit returns a limit of n exchanges; less than 1 counts as 1.
func NewLimit(n int) *Limit { return &Limit{make(chan struct{}, max(n, 1))} }

// WithLimit lets the client's exchanges with token endpoints wait for a place
// under limit, as long as [WithLoginTimeout] allows. A program with many clients
// of one back office gives the same one to all. The default is no limit.
func WithLimit(limit *Limit) Option { return func(s *settings) { s.limit = limit } }

// acquire waits for a place, and returns what gives it back.
func (l *Limit) acquire(ctx context.Context) (release func(), err error) {
	if l == nil {
		return func() {}, nil
	}
	select {
	case l.places <- struct{}{}:
		return func() { <-l.places }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// attempts is how often one call is tried when the server asks to wait.
const attempts = 3

// Now is the client's clock.
func (x *TokenClient) Now() time.Time { return x.clock() }

// Do sends the call and reads the answer. It returns an [*Error] when there is
// no answer and when its status is not 2xx; in the latter case the reply is
// returned too.
func (x *TokenClient) Do(ctx context.Context, call Call) (*Reply, error) {
	for attempt := 1; ; attempt++ {
		reply, err := x.tryInLimit(ctx, call)
		var e *Error
		if err == nil {
			x.budget.earn()
		}
		if attempt == attempts || !errors.As(err, &e) || e.RetryAfter == 0 {
			return reply, err
		}
		wait := afterAsked(e.RetryAfter, x.random())
		if _, limited := ctx.Deadline(); !limited || !fits(ctx, wait) || !x.budget.take() {
			return reply, err
		}
		x.notify(ctx, Event{Kind: EventWait, Op: call.Op, Duration: wait, Err: err})
		if !sleep(ctx, wait) {
			return reply, err
		}
	}
}

// tryInLimit sends the call once to a token endpoint.
func (x *TokenClient) tryInLimit(ctx context.Context, call Call) (*Reply, error) {
	release, err := x.limit.acquire(ctx)
	if err != nil {
		return nil, &Error{Op: call.Op, Dialect: x.name, Temporary: true, Err: err}
	}
	defer release() // also where a callback panics
	return x.try(ctx, call, x.transport, true)
}

// try sends the call once through a round tripper. A round tripper follows no
// redirects; that is the client's part in net/http.
func (x *TokenClient) try(ctx context.Context, call Call, transport http.RoundTripper, authorize bool) (*Reply, error) {
	limited, cancel := context.WithTimeout(ctx, x.timeout)
	defer cancel()
	var way connection
	limited = httptrace.WithClientTrace(limited, way.trace())
	fail := func(cause error, temporary bool) error {
		return &Error{Op: call.Op, Dialect: x.name, Temporary: temporary, OutcomeUnknown: temporary && !way.neverGot(cause), Err: cause}
	}
	request, err := call.request(limited, x.base)
	if err != nil {
		return nil, fail(err, false)
	}
	if request.Header.Get("User-Agent") == "" {
		request.Header.Set("User-Agent", x.userAgent)
	}
	if authorize && !call.Token.IsZero() {
		x.dialect.Authorize(request.Header, call.Token)
	}
	reply := &Reply{Sent: x.clock(), op: call.Op, dialect: x.name}
	reply.quotesSecret = func(text string) bool { return secretscan.In(text, call.secrets(request.Header)...) }
	if coder, ok := x.dialect.(ErrorCoder); ok {
		reply.dialectsError = coder.ErrorCode
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		var inner *Error // of the client's own transport: it says better what failed
		if errors.As(err, &inner) {
			return nil, err
		}
		return nil, fail(x.cause(ctx, limited, withoutSecrets(err, call.secrets(request.Header))), true)
	}
	withBody(response)
	defer func() { _ = response.Body.Close() }()
	reply.Status, reply.Header = response.StatusCode, response.Header
	reply.target, reply.plain = reply.targetOf(request), request.URL.Scheme == "http"
	reply.endpoint = request.Method + " " + request.URL.EscapedPath()
	reply.retryAfter = retryAfter(response, x.clock())
	body, err := readBody(response, maxBody)
	if err != nil {
		return nil, fail(x.cause(ctx, limited, err), true)
	}
	reply.body = func() []byte { return body }
	reply.Received = x.clock()
	return reply, reply.err()
}

// cause says why there is no answer: the caller's context has ended, the time
// for one attempt is over, or the transport failed.
func (x *TokenClient) cause(ctx, limited context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return noAnswerIn("answer", x.timeout)
	case errors.Is(err, ErrProtocol):
		return err
	default:
		return fmt.Errorf("%w: %w", ErrUnavailable, bareError(err))
	}
}

// bareError strips the URL, whose query may hold a token, off an error of
// net/http, and what the client's own transport has added.
func bareError(err error) error {
	var lost *unansweredError
	if errors.As(err, &lost) {
		err = lost.error
	}
	var withURL *url.Error
	for errors.As(err, &withURL) {
		err = withURL.Err
	}
	return err
}

// connection is what the transport tells about the connection of a request.
type connection struct{ wanted, got atomic.Bool }

func (c *connection) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { c.wanted.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { c.got.Store(true) },
	}
}

// neverGot says that no connection came about, so that nothing was sent: no
// name, nobody there, no handshake. A transport that tells nothing is judged by
// its error.
func (c *connection) neverGot(err error) bool {
	if c.wanted.Load() {
		return !c.got.Load()
	}
	var network *net.OpError
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &network) && network.Op == "dial" || errors.As(err, &certificate)
}
