package sdk

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/internal/sdk/headerfield"
)

// coordinator owns the token of one client: who asks gets the token in use, or
// waits for the one flight that fetches another. It is safe for concurrent use.
type coordinator struct {
	dialect   Dialect
	name      string // the dialect's
	exchange  *TokenClient
	store     Store
	required  bool // the store
	key       string
	clock     func() time.Time
	replaced  bool // the clock is not time.Now
	random    func() float64
	timeout   time.Duration // of one flight
	early     bool          // renew in the background
	onChange  func(context.Context, Token)
	notify    func(context.Context, Event)
	userAgent []string

	// current is the token in use, nil when there is none. It is written under
	// mu and read without: the hot path is one atomic load.
	current atomic.Pointer[activeToken]

	mu       sync.Mutex
	last     *activeToken // the latest token, in use or not
	rejected bool         // the server rejected last
	ended    Secret       // a token that was logged out, and must not come back from the store
	flight   *flight
	failure  failure
	troubled atomic.Bool // there was a failure that may pass, and no answer since
	backoff  rejectBackoff
	timer    *time.Timer // of the next background renewal
	fires    time.Time   // when it does
	closed   bool
	running  sync.WaitGroup // flights
}

// activeToken is a token as it is used. It never changes.
type activeToken struct {
	token   Token
	edge    time.Time     // when to stop using it; zero: never
	headers []headerValue // what presents it
	version uint64        // of its record in the store

	afterRejection bool // fetched because the server had rejected the one before
}

// headerValue is one header, ready to be put into a request.
type headerValue struct {
	key    string
	values []string
}

// failure is the last failed flight, shared until a moment.
type failure struct {
	err   error
	count int // in a row
	until time.Time
}

// rejectBackoff counts the tokens that were rejected although they were fresh.
type rejectBackoff struct {
	token *activeToken // the latest of them
	count int
	until time.Time
}

// usable says whether the token may be sent at now.
func (h *activeToken) usable(now time.Time) bool { return h.edge.IsZero() || now.Before(h.edge) }

// activate prepares a token for use.
func (c *coordinator) activate(token Token, version uint64) *activeToken {
	header := make(http.Header)
	c.dialect.Authorize(header, token)
	h := &activeToken{token: token, edge: edgeOf(token), version: version}
	for key, values := range header {
		h.headers = append(h.headers, headerValue{http.CanonicalHeaderKey(key), values[:len(values):len(values)]})
	}
	return h
}

// presentable says whether the headers that present a token can carry it.
func (c *coordinator) presentable(token Token) bool {
	header := make(http.Header)
	c.dialect.Authorize(header, token)
	return headerfield.AreFields(header)
}

// get returns the token in use, waiting for one if need be.
func (c *coordinator) get(ctx context.Context) (*activeToken, error) {
	if h := c.current.Load(); h != nil && h.usable(c.clock()) {
		return h, nil
	}
	return c.fetch(ctx, false)
}

// getAt is get for who has read time.Now already.
func (c *coordinator) getAt(ctx context.Context, now time.Time) (*activeToken, error) {
	if h := c.current.Load(); h != nil && !c.replaced && h.usable(now) {
		return h, nil
	}
	return c.get(ctx)
}

// fetch waits for a usable token. An eager caller does not let earlier failures
// keep it from trying.
func (c *coordinator) fetch(ctx context.Context, eager bool) (*activeToken, error) {
	if err := ctx.Err(); err != nil {
		return nil, &contextError{doing: "wait for a token", err: err}
	}
	h, f, err := c.currentOrFlight(ctx, flightPlan{}, eager)
	if h != nil || err != nil {
		return h, err
	}
	return f.wait(ctx)
}

// renew replaces the token in use, although it may still be good.
func (c *coordinator) renew(ctx context.Context) (*activeToken, error) {
	_, f, err := c.currentOrFlight(ctx, flightPlan{replace: true}, true)
	if err != nil {
		return nil, err
	}
	return f.wait(ctx)
}

// currentOrFlight returns the token in use, unless that is to be replaced, or
// the flight to wait for.
func (c *coordinator) currentOrFlight(ctx context.Context, plan flightPlan, eager bool) (*activeToken, *flight, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h := c.current.Load(); !plan.replace && h != nil && h.usable(c.clock()) {
		return h, nil, nil
	}
	f, err := c.joinOrStart(ctx, plan, eager)
	return nil, f, err
}

// afterRejection takes a token out of use and returns the one to try instead:
// the one in use if that is another already, or the one that is being fetched,
// or, if fetch allows it, a new one. It returns nil without an error when there
// is none that is worth a try.
func (c *coordinator) afterRejection(ctx context.Context, rejected *activeToken, fetch bool) (*activeToken, error) {
	if c.takeOut(rejected, fetch) { // observers learn of it before the flight tells its own events
		c.notify(ctx, Event{Kind: EventReject, Expires: rejected.token.Expires})
	}
	next, f, err := c.replace(ctx, rejected, fetch)
	if f == nil || err != nil {
		return next, err
	}
	h, err := f.wait(ctx)
	if err == nil && h.token.Access.Equal(rejected.token.Access) {
		return nil, nil //nolint:nilnil // documented: there is none
	}
	return h, err
}

// takeOut takes a rejected token out of use where another is to be fetched, and
// says whether it was in use until now.
func (c *coordinator) takeOut(rejected *activeToken, fetch bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	rejected = c.latest(rejected)
	return c.successor(rejected) == nil && c.mayFetch(fetch) && c.invalidate(rejected)
}

// replace is afterRejection without waiting: it returns the token to try
// instead, or the flight to wait for, or neither.
func (c *coordinator) replace(ctx context.Context, rejected *activeToken, fetch bool) (next *activeToken, f *flight, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	rejected = c.latest(rejected)
	if h := c.successor(rejected); h != nil {
		return h, nil, nil
	}
	if !c.mayFetch(fetch) {
		if !fetch {
			c.suspect(rejected)
		}
		return nil, nil, nil
	}
	c.invalidate(rejected)
	f, err = c.joinOrStart(ctx, flightPlan{}, false)
	return nil, f, err
}

// successor is the usable token in use, if that is another than the rejected one.
// The caller holds mu.
func (c *coordinator) successor(rejected *activeToken) *activeToken {
	if h := c.current.Load(); h != nil && h != rejected && h.usable(c.clock()) {
		return h
	}
	return nil
}

// mayFetch says whether a rejection may lead to another token: where one is on its
// way, or is wanted and no pause is in the way. The caller holds mu.
func (c *coordinator) mayFetch(fetch bool) bool {
	return c.flight != nil || fetch && !c.clock().Before(c.backoff.until)
}

// reject takes a token out of use without asking for another.
func (c *coordinator) reject(ctx context.Context, h *activeToken) {
	if c.invalidateNow(h) {
		c.notify(ctx, Event{Kind: EventReject, Expires: h.token.Expires})
	}
}

func (c *coordinator) invalidateNow(h *activeToken) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.clock().Before(c.backoff.until) && c.invalidate(c.latest(h))
}

// latest is the token in use if it is h, extended since, and else h. The caller
// holds mu.
func (c *coordinator) latest(h *activeToken) *activeToken {
	if current := c.current.Load(); current != nil && current.token.Access.Equal(h.token.Access) {
		return current
	}
	return h
}

// invalidate takes h out of use and says whether it was in use. The caller
// holds mu.
func (c *coordinator) invalidate(h *activeToken) bool {
	if !c.current.CompareAndSwap(h, nil) {
		return false
	}
	c.rejected = true // current is never anything but last, or nil
	return true
}

// suspect notes that a token was rejected that was fetched because its
// predecessor was: fetching another one would not help. The caller holds mu.
func (c *coordinator) suspect(h *activeToken) {
	if c.backoff.token != h {
		c.backoff.token = h
		c.backoff.count++
		c.backoff.until = c.clock().Add(pause(firstRejectPause, longestRejectPause, c.backoff.count, c.random()))
	}
}

// recover notes that a token was accepted after others had been rejected.
func (c *coordinator) recover() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.backoff = rejectBackoff{}
}

// joinOrStart returns the flight under way, or starts one. The caller holds mu.
func (c *coordinator) joinOrStart(ctx context.Context, plan flightPlan, eager bool) (*flight, error) {
	switch {
	case c.closed:
		return nil, &Error{Op: "token", Dialect: c.name, Err: ErrClosed}
	case c.flight != nil:
		return c.flight, nil
	case !eager && c.clock().Before(c.failure.until):
		return nil, c.failure.err
	}
	return c.start(ctx, plan), nil
}

// publish puts a token into use. The caller holds mu.
func (c *coordinator) publish(h *activeToken) {
	// A renewal that brings the same token with the same end is not repeated:
	// there is nothing better to be had.
	unchanged := c.last != nil && c.last.token.Expires.Equal(h.token.Expires) && c.last.token.Access.Equal(h.token.Access)
	c.last, c.rejected, c.ended, c.failure = h, false, Secret{}, failure{}
	c.troubled.Store(false)
	c.current.Store(h)
	if at := renewalOf(h.token, c.random()); c.early && !unchanged && !at.IsZero() {
		c.arm(at.Sub(c.clock()))
	}
}

// arm sets the time of the next background renewal. The caller holds mu.
func (c *coordinator) arm(in time.Duration) {
	c.disarm()
	in = max(in, shortestRenewal)
	c.fires = c.clock().Add(in)
	var timer *time.Timer
	timer = time.AfterFunc(in, func() {
		var lost error // there is nobody to tell; who asks next fetches a token
		defer c.guard(&lost)
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.timer == timer { // else it was called off when it had fired already
			c.renewEarly()
		}
	})
	c.timer = timer
}

// disarm calls the background renewal off. The caller holds mu.
func (c *coordinator) disarm() {
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}

// renewEarly is the background renewal: it starts a flight that nobody waits
// for. A token that is out of use by now is left to the next caller. The caller
// holds mu.
func (c *coordinator) renewEarly() {
	h := c.current.Load()
	if c.closed || c.flight != nil || h == nil || !h.usable(c.clock()) {
		return
	}
	c.start(context.Background(), flightPlan{replace: true, background: true})
}

// fail notes a failed flight. The caller holds mu.
func (c *coordinator) fail(err error) {
	c.failure.err = err
	c.failure.count++
	first, longest := firstPause, longestPause
	if isFinal(err) {
		first, longest = firstRefusedPause, longestRefusedPause
	}
	asked := retryAfterOf(err)
	if asked > 0 {
		longest = min(longest, longestOfAsked*asked) // the server knows better than a guess
	}
	wait := pause(first, longest, c.failure.count, c.random())
	if asked > 0 {
		wait = max(wait, afterAsked(asked, c.random()))
	}
	if h := c.current.Load(); h != nil && c.early {
		calm := calmPause(h.token.Life())
		c.arm(max(wait, pause(calm, calm, 1, c.random()))) // the token in use stays in use
	}
	if c.failure.count == 1 && isPanic(err) {
		wait = 0 // nothing was asked of the server
	}
	c.failure.until = c.clock().Add(wait)
	c.troubled.Store(!isFinal(err) && retryAfterOf(err) == 0)
}

// answered notes that the server answers requests again: the pause after a
// failure begins anew. The background waits for a random while, because others
// notice it at the same moment.
func (c *coordinator) answered() {
	if !c.troubled.CompareAndSwap(true, false) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failure.count = 0
	if until := c.clock().Add(pause(firstPause, longestPause, 1, c.random())); until.Before(c.failure.until) {
		c.failure.until = until
	}
	if h := c.current.Load(); h != nil && c.early && !c.closed {
		sooner := time.Duration(float64(calmPause(h.token.Life())) * c.random())
		if c.timer == nil || c.clock().Add(sooner).Before(c.fires) {
			c.arm(sooner)
		}
	}
}
