package sdk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"

	"github.com/go-resty/resty/v2"
)

// Client talks to one back office as one user. It is safe for concurrent use.
type Client struct {
	dialect     Dialect
	base        *url.URL
	origin      origin
	exchange    *TokenClient
	name        string // the dialect's
	coordinator *coordinator
	transport   *transport
	own         *http.Transport // nil if the caller gave one
	resty       func() *resty.Client
}

// New returns a client for the back office at address, as in
// "https://demo.back-office.pro" or "https://host:8443/prefix". The address is
// the origin that credentials are bound to; its path is put before all paths.
//
// What the client sends again, by itself: a login, a renewal or another exchange
// with a token endpoint that is answered 429 or 503 with Retry-After, up to
// three times in all and within [WithLoginTimeout]; a login that met a connection
// that had ended; and a request of the program's, once, when its token is
// rejected. Everything else comes back to the program, unless [WithRetry] says
// otherwise. After a failed login or renewal the callers of the next moments get
// its error: 250 ms to 30 s, where the credentials are refused 2 s to 5 min, or
// as long as the server asks for, and a random time more.
//
// New does no I/O. Its errors wrap [ErrConfig]: an address that cannot be used,
// settings that make no sense, and what the dialect finds wrong with its own.
func New(address string, dialect Dialect, options ...Option) (_ *Client, err error) {
	// A dialect of another's own may panic here already.
	defer (&coordinator{}).guard(&err)
	s := defaults()
	memory := s.store
	for _, option := range options {
		if option != nil {
			option(&s)
		}
	}
	if dialect == nil {
		return nil, fmt.Errorf("new client: no dialect was given: %w", ErrConfig)
	}
	if validator, ok := dialect.(Validator); ok {
		if err := validator.Validate(); err != nil {
			return nil, fmt.Errorf("new client: dialect %s: %w", dialect.Name(), err)
		}
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("new client: %w", err)
	}
	base, err := parseBase(address, s.allowPlain)
	if err != nil {
		return nil, fmt.Errorf("new client: %w", err)
	}
	key, keyed := storeKey(base, dialect, s.account)
	if s.store != memory && !keyed {
		return nil, fmt.Errorf("new client: dialect %s cannot tell users apart in a store; use sdk.WithAccount: %w", dialect.Name(), ErrConfig)
	}
	return assemble(base, dialect, key, s), nil
}

// assemble puts the parts together.
func assemble(base *url.URL, dialect Dialect, key string, s settings) *Client {
	c := &Client{dialect: dialect, name: dialect.Name(), base: base, origin: originOf(base)}
	notify := func(ctx context.Context, event Event) {
		event.Dialect, event.Origin = c.name, c.origin.String()
		for _, observer := range s.observers {
			observer.Observe(ctx, event)
		}
	}
	if s.transport == nil {
		c.own = newTransport()
		s.transport = c.own
	}
	here := matcher{origin: c.origin, scheme: base.Scheme, host: base.Host}
	if s.jar != nil {
		s.transport = &cookies{base: s.transport, jar: s.jar, origin: here}
	}
	budget := new(budget)
	c.exchange = &TokenClient{
		dialect: dialect, name: c.name, base: base, transport: s.transport, clock: s.clock, random: s.random, budget: budget,
		timeout: s.exchangeTimeout, userAgent: s.userAgent, notify: notify, limit: s.limit,
	}
	c.coordinator = &coordinator{
		dialect: dialect, name: c.name, exchange: c.exchange, store: s.store, required: s.storeRequired, key: key, clock: s.clock, replaced: s.clockReplaced, random: s.random,
		timeout: s.loginTimeout, early: s.background, onChange: s.onChange, notify: notify, userAgent: []string{s.userAgent},
	}
	c.transport = &transport{
		base: s.transport, coordinator: c.coordinator, buffer: s.replayBuffer, origin: here, bounds: bounds{limit: s.timeout},
		retries: retries{attempts: s.attempts, budget: budget, random: s.random, clock: s.clock},
	}
	c.transport.liveness.prober, _ = dialect.(Prober)
	// Resty wraps the transport last and is given nothing else to do: its own
	// retries, tokens and debug output know nothing of secrets. It is made when
	// it is first used, because it is larger than all the rest.
	userAgent := s.userAgent
	c.resty = sync.OnceValue(func() *resty.Client {
		return resty.NewWithClient(c.HTTPClient()).SetBaseURL(base.String()).SetDisableWarn(true).SetHeader("User-Agent", userAgent)
	})
	return c
}

// newTransport is a transport with the default settings and connections of its
// own.
func newTransport() *http.Transport {
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		return standard.Clone()
	}
	return &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
}

// storeKey names the client's record. It is a digest, so that a store may use
// it as a file name and shows nobody's account.
func storeKey(base *url.URL, dialect Dialect, account string) (key string, keyed bool) {
	name := account
	if k, ok := dialect.(Keyed); ok {
		name += "\n" + k.Key()
		keyed = true
	}
	sum := sha256.Sum256([]byte(dialect.Name() + "\n" + originOf(base).String() + base.EscapedPath() + "\n" + name))
	return dialect.Name() + "-" + hex.EncodeToString(sum[:16]), keyed || account != ""
}

// R begins a request with resty. Paths are below the client's address. The
// request is authorised when it is sent, to the client's origin only, and sent
// once more with a new token if the server rejects this one; a token that the
// client had replaced meanwhile does not count, up to eight times. The header that
// presents the token replaces one of that name that the program has set.
func (c *Client) R(ctx context.Context) *resty.Request { return c.resty().R().SetContext(ctx) }

// HTTPClient returns a new [*http.Client] that authorises its requests as R
// does. The caller may change its fields, and should wrap rather than replace
// its Transport. Requests to other origins pass without credentials. All end
// after what [WithTimeout] says, although the client's own Timeout is 0.
func (c *Client) HTTPClient() *http.Client {
	return &http.Client{Transport: c.transport}
}

// Do sends one authorised call and reads its answer; it follows no redirects.
// Its errors are those of [TokenClient.Do] and of logging in.
func (c *Client) Do(ctx context.Context, call Call) (_ *Reply, err error) {
	defer c.coordinator.guard(&err)
	if ctx == nil {
		return nil, c.noContext(call.Op)
	}
	return c.exchange.try(ctx, call, c.transport, false)
}

// Token returns a token that may be used now, logging in or renewing if need
// be. It returns an [*Error], or an error that wraps the context's. When a
// fetch fails, the callers of the next moments get the same error without a
// further try.
func (c *Client) Token(ctx context.Context) (_ Token, err error) {
	defer c.coordinator.guard(&err)
	if ctx == nil {
		return Token{}, c.noContext("token")
	}
	h, err := c.coordinator.get(ctx)
	if err != nil {
		return Token{}, err
	}
	return h.token, nil
}

// Login makes sure that there is a usable token, as Token does, and tries even
// if it has just failed. Calling it is optional.
func (c *Client) Login(ctx context.Context) (err error) {
	defer c.coordinator.guard(&err)
	if ctx == nil {
		return c.noContext("login")
	}
	_, err = c.coordinator.fetch(ctx, true)
	return err
}

// Renew replaces the token now, although it may still be good: it renews where
// the dialect can, and else logs in. If a token is being fetched anyway, that
// is the one.
func (c *Client) Renew(ctx context.Context) (_ Token, err error) {
	defer c.coordinator.guard(&err)
	if ctx == nil {
		return Token{}, c.noContext("renew")
	}
	h, err := c.coordinator.renew(ctx)
	if err != nil {
		return Token{}, err
	}
	return h.token, nil
}

// Try calls attempt with a token. If attempt says that the server rejected it,
// the token is taken out of use and attempt is called once more with the next
// one, if there is one; a rejection does not count if the client itself had
// replaced the token meanwhile, up to eight times. It is for protocols that do
// not go through HTTPClient. Its error is about tokens; the outcome of attempt
// is the caller's to keep.
func (c *Client) Try(ctx context.Context, attempt func(token Token) (rejected bool)) (err error) {
	defer c.coordinator.guard(&err)
	if ctx == nil {
		return c.noContext("token")
	}
	h, err := c.coordinator.get(ctx)
	if err != nil {
		return err
	}
	tokens := succession{coordinator: c.coordinator}
	for attempt(h.token) {
		if h, err = tokens.next(ctx, h); h == nil || err != nil {
			return err
		}
	}
	tokens.accepted()
	return nil
}

// Reject takes token out of use if it still is in use. Another token is fetched
// when somebody asks.
func (c *Client) Reject(ctx context.Context, token Token) {
	var lost error // of an observer, or the clock: the token is out of use anyway
	defer c.coordinator.guard(&lost)
	if h := c.coordinator.current.Load(); h != nil && h.token.Access.Equal(token.Access) {
		c.coordinator.reject(ctx, h)
	}
}

// Inspect asks the server about the token in use. It returns an error that
// wraps [ErrUnsupported] if the dialect cannot ask.
func (c *Client) Inspect(ctx context.Context) (_ Token, err error) {
	defer c.coordinator.guard(&err)
	inspector, ok := c.dialect.(Inspector)
	if !ok {
		return Token{}, c.Unsupported("inspect")
	}
	token, err := c.Token(ctx)
	if err != nil {
		return Token{}, err
	}
	return inspector.Inspect(ctx, c.exchange, token)
}

// Logout ends the token at its server, where the dialect can, and removes it
// from the store. The client can still be used and logs in again when asked. An
// error says that the server did not confirm; the client has forgotten the
// token anyway, and does not use it again.
//
// A context that has ended when Logout, Close or Stop is called, as after
// Ctrl-C, does not keep them from their work: they take 5 seconds at most then,
// and if that is not enough, the error is that of the context. A nil context
// counts as one that has ended; all other methods return an error for it that
// wraps [ErrConfig], but for R, which takes it for [context.Background].
func (c *Client) Logout(ctx context.Context) error {
	return finally(ctx, "log out", c.coordinator.logout)
}

// Close logs out and ends the client: later calls fail with [ErrClosed]. A
// client whose token is to live on in its store is ended with Stop instead.
func (c *Client) Close(ctx context.Context) error {
	defer c.closeIdle()
	return finally(ctx, "close the client", func(ctx context.Context) error {
		stopErr := c.coordinator.stop(ctx)
		if err := c.coordinator.logout(ctx); err != nil {
			return err
		}
		return stopErr
	})
}

// Stop ends the client without logging out. It returns when its goroutines have
// ended, or with an error when ctx ends before. Close and Stop may be called
// more than once.
func (c *Client) Stop(ctx context.Context) error {
	defer c.closeIdle()
	return finally(ctx, "stop the client", c.coordinator.stop)
}

// closeIdle closes the connections that are the client's own.
func (c *Client) closeIdle() {
	if c.own != nil {
		c.own.CloseIdleConnections()
	}
}

// noContext is the error of a call whose context is nil.
func (c *Client) noContext(op string) error {
	return &Error{Op: op, Dialect: c.name, Err: fmt.Errorf("the context is nil: %w", ErrConfig)}
}

// Unsupported returns the [*Error] of an operation that the client's dialect
// does not have; it wraps [ErrUnsupported]. It is for the verbs of a dialect's
// own package.
func (c *Client) Unsupported(op string) error {
	return &Error{Op: op, Dialect: c.name, Err: ErrUnsupported}
}

// Dialect returns the dialect that the client was made with.
func (c *Client) Dialect() Dialect { return c.dialect }

// BaseURL returns a copy of the client's address.
func (c *Client) BaseURL() *url.URL {
	base := *c.base
	return &base
}

// String implements [fmt.Stringer].
func (c *Client) String() string {
	return "client of " + c.origin.String() + " in dialect " + c.name
}

// LogValue implements [slog.LogValuer].
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Format implements [fmt.Formatter]; every verb prints as String does.
func (c *Client) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, c.String()) }
