package sdk

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// coordinator owns the token of one client: who asks gets the token in use, or
// waits for the one flight that fetches another. It is safe for concurrent use.
type coordinator struct {
	dialect   Dialect
	exchange  *Exchange
	store     Store
	key       string
	clock     func() time.Time
	random    func() float64
	timeout   time.Duration // of one flight
	early     bool          // renew in the background
	onChange  func(context.Context, Token)
	notify    func(context.Context, Event)
	userAgent []string

	// current is the token in use, nil when there is none. It is written under
	// mu and read without: the hot path is one atomic load.
	current atomic.Pointer[held]

	mu       sync.Mutex
	last     *held // the latest token, in use or not
	rejected bool  // the server rejected last
	flight   *flight
	failure  failure
	quiet    fruitless
	timer    *time.Timer // of the next background renewal
	closed   bool
	running  sync.WaitGroup // flights
}

// held is a token as it is used. It never changes.
type held struct {
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

// fruitless counts the tokens that were rejected although they were fresh.
type fruitless struct {
	token *held // the latest of them
	count int
	until time.Time
}

// usable says whether the token may be sent at now.
func (h *held) usable(now time.Time) bool { return h.edge.IsZero() || now.Before(h.edge) }

// hold prepares a token for use.
func (c *coordinator) hold(token Token, version uint64) *held {
	header := make(http.Header)
	c.dialect.Authorize(header, token)
	h := &held{token: token, edge: edgeOf(token), version: version}
	for key, values := range header {
		h.headers = append(h.headers, headerValue{http.CanonicalHeaderKey(key), values[:len(values):len(values)]})
	}
	return h
}

// get returns the token in use, waiting for one if need be.
func (c *coordinator) get(ctx context.Context) (*held, error) {
	if h := c.current.Load(); h != nil && h.usable(c.clock()) {
		return h, nil
	}
	return c.fetch(ctx, false)
}

// fetch waits for a usable token. An eager caller does not let earlier failures
// keep him from trying.
func (c *coordinator) fetch(ctx context.Context, eager bool) (*held, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("wait for a token: %w", err)
	}
	c.mu.Lock()
	if h := c.current.Load(); h != nil && h.usable(c.clock()) {
		c.mu.Unlock()
		return h, nil
	}
	f, err := c.joinOrStart(ctx, flightPlan{}, eager)
	c.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return f.wait(ctx)
}

// renew replaces the token in use, although it may still be good.
func (c *coordinator) renew(ctx context.Context) (*held, error) {
	c.mu.Lock()
	f, err := c.joinOrStart(ctx, flightPlan{replace: true}, true)
	c.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return f.wait(ctx)
}

// afterRejection takes a token out of use and returns the one to try instead:
// the one in use if that is another already, or the one that is being fetched,
// or, if fetch allows it, a new one. It returns nil without an error when there
// is none that is worth a try.
func (c *coordinator) afterRejection(ctx context.Context, rejected *held, fetch bool) (*held, error) {
	c.mu.Lock()
	rejected = c.latest(rejected)
	if h := c.current.Load(); h != nil && h != rejected && h.usable(c.clock()) {
		c.mu.Unlock()
		return h, nil
	}
	if c.flight == nil && (!fetch || c.clock().Before(c.quiet.until)) {
		if !fetch {
			c.suspect(rejected)
		}
		c.mu.Unlock()
		return nil, nil
	}
	first := c.invalidate(rejected)
	f, err := c.joinOrStart(ctx, flightPlan{}, false)
	c.mu.Unlock()
	if first {
		c.notify(ctx, Event{Kind: EventReject, Expires: rejected.token.Expires})
	}
	if err != nil {
		return nil, err
	}
	h, err := f.wait(ctx)
	if err == nil && h.token.Access.Equal(rejected.token.Access) {
		return nil, nil
	}
	return h, err
}

// reject takes a token out of use without asking for another.
func (c *coordinator) reject(ctx context.Context, h *held) {
	c.mu.Lock()
	first := !c.clock().Before(c.quiet.until) && c.invalidate(c.latest(h))
	c.mu.Unlock()
	if first {
		c.notify(ctx, Event{Kind: EventReject, Expires: h.token.Expires})
	}
}

// latest is the token in use if it is h, extended since, and else h. The caller
// holds mu.
func (c *coordinator) latest(h *held) *held {
	if current := c.current.Load(); current != nil && current.token.Access.Equal(h.token.Access) {
		return current
	}
	return h
}

// invalidate takes h out of use and says whether it was in use. The caller
// holds mu.
func (c *coordinator) invalidate(h *held) bool {
	if !c.current.CompareAndSwap(h, nil) {
		return false
	}
	c.rejected = true // current is never anything but last, or nil
	return true
}

// suspect notes that a token was rejected that was fetched because its
// predecessor was: fetching another one would not help. The caller holds mu.
func (c *coordinator) suspect(h *held) {
	if c.quiet.token != h {
		c.quiet.token = h
		c.quiet.count++
		c.quiet.until = c.clock().Add(pause(firstFruitlessPause, longestFruitlessPause, c.quiet.count, c.random()))
	}
}

// recover notes that a token was accepted after others had been rejected.
func (c *coordinator) recover() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quiet = fruitless{}
}

// joinOrStart returns the flight under way, or starts one. The caller holds mu.
func (c *coordinator) joinOrStart(ctx context.Context, plan flightPlan, eager bool) (*flight, error) {
	switch {
	case c.closed:
		return nil, &Error{Op: "token", Dialect: c.dialect.Name(), Err: ErrClosed}
	case c.flight != nil:
		return c.flight, nil
	case !eager && c.clock().Before(c.failure.until):
		return nil, c.failure.err
	}
	return c.start(ctx, plan), nil
}

// publish puts a token into use. The caller holds mu.
func (c *coordinator) publish(h *held) {
	// A renewal that brings the same token with the same end is not repeated:
	// there is nothing better to be had.
	fruitless := c.last != nil && c.last.token.Expires.Equal(h.token.Expires) && c.last.token.Access.Equal(h.token.Access)
	c.last, c.rejected, c.failure = h, false, failure{}
	c.current.Store(h)
	if at := renewalOf(h.token, c.random()); c.early && !fruitless && !at.IsZero() {
		c.arm(at.Sub(c.clock()))
	}
}

// arm sets the time of the next background renewal. The caller holds mu.
func (c *coordinator) arm(in time.Duration) {
	c.disarm()
	var timer *time.Timer
	timer = time.AfterFunc(max(in, 0), func() {
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
	wait := max(pause(first, longest, c.failure.count, c.random()), retryAfterOf(err))
	if h := c.current.Load(); h != nil && c.early {
		c.arm(wait) // the token in use stays in use
	}
	if c.failure.count == 1 && isPanic(err) {
		wait = 0 // nothing was asked of the server
	}
	c.failure.until = c.clock().Add(wait)
}

// forget logs out: it ends the latest token at its server, where the dialect
// can, and removes it from the store, whether the server and the store agree or
// not.
func (c *coordinator) forget(ctx context.Context) error {
	c.mu.Lock()
	c.disarm()
	f := c.flight
	if f != nil {
		f.calledOff = true
		f.cancel()
	}
	c.mu.Unlock()
	if f != nil {
		_, _ = f.wait(ctx)
	}
	record, unlock, storeErr := c.lockRecord(ctx)
	defer unlock()
	revokeErr := c.revoke(ctx, c.drop(record))
	// Also a record that could not be read, and without the lock if need be.
	if err := c.store.Delete(ctx, c.key); err != nil && storeErr == nil {
		storeErr = c.storeError("delete", err)
	}
	if storeErr != nil {
		return storeErr
	}
	return revokeErr
}

// lockRecord locks and loads the record. unlock is to be called in any case.
func (c *coordinator) lockRecord(ctx context.Context) (record Record, unlock func(), err error) {
	unlock, err = c.store.Lock(ctx, c.key)
	if err != nil {
		return Record{}, func() {}, c.storeError("lock", err)
	}
	record, err = c.store.Load(ctx, c.key)
	if err != nil {
		return Record{}, unlock, c.storeError("load", err)
	}
	return record, unlock, nil
}

// drop takes the token out of use and returns the one to end: the stored one,
// unless the client has a later one that it could not save.
func (c *coordinator) drop(record Record) Token {
	c.mu.Lock()
	defer c.mu.Unlock()
	token := record.Token
	if c.last != nil && !c.rejected && (token.IsZero() || record.Version == c.last.version) {
		token = c.last.token
	}
	c.current.Store(nil)
	c.last, c.rejected = nil, false
	return token
}

// revoke ends a token at its server; a token that has ended by itself is left
// alone.
func (c *coordinator) revoke(ctx context.Context, token Token) error {
	revoker, ok := c.dialect.(Revoker)
	if !ok || token.IsZero() || !token.Expires.IsZero() && !c.clock().Before(token.Expires) {
		return nil
	}
	start := c.clock()
	err := revoker.Revoke(ctx, c.exchange, token)
	c.notify(ctx, Event{Kind: EventRevoke, Op: "revoke", Start: start, Duration: c.clock().Sub(start), Err: err})
	return err
}

func (c *coordinator) storeError(op string, err error) error {
	return &Error{Op: op, Dialect: c.dialect.Name(), Temporary: true, Err: fmt.Errorf("%w: %w", ErrStore, err)}
}

// stop ends all flights and refuses further ones. It returns when the flights
// have ended, or ctx has.
func (c *coordinator) stop(ctx context.Context) error {
	c.mu.Lock()
	c.closed = true
	c.disarm()
	if c.flight != nil {
		c.flight.cancel()
	}
	c.current.Store(nil)
	c.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		c.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the last renewal: %w", ctx.Err())
	}
}
