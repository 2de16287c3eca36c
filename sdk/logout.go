package sdk

import (
	"context"
	"fmt"
	"time"
)

// graceTimeout bounds what a client does for a context that has ended.
const graceTimeout = 5 * time.Second

// graceful returns ctx, or, if that has ended, a context with a bound of its
// own.
func graceful(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() == nil {
		return ctx, func() {}
	}
	return context.WithTimeout(context.WithoutCancel(ctx), graceTimeout)
}

// finally runs what ends a client. There a context that has ended is the usual
// one, because who stops a program ends its contexts first: the work has a bound
// of its own then, and if it fails the error is that of the context.
func finally(ctx context.Context, doing string, work func(context.Context) error) error {
	if ctx == nil { // a mistake, but no reason to keep a token alive
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.Background(), graceTimeout)
		defer cancel()
	}
	ended := ctx.Err()
	inTime, cancel := graceful(ctx)
	defer cancel()
	err := work(inTime)
	if err != nil && ended != nil {
		return &contextError{doing: doing, err: ended, because: err}
	}
	return err
}

// logout ends the session: it ends the latest token at its server, where the dialect
// can, and removes it from the store, whether the server and the store agree or
// not.
func (c *coordinator) logout(ctx context.Context) (err error) {
	defer c.guard(&err)
	c.mu.Lock()
	c.disarm()
	f := c.flight
	if f != nil {
		f.calledOff = true
		f.cancel()
	}
	c.mu.Unlock()
	if f != nil {
		if h, _ := f.wait(ctx); h != nil {
			c.mu.Lock()
			c.last = h
			c.mu.Unlock()
		}
	}
	record, unlock, storeErr := c.lockRecord(ctx)
	defer unlock()
	token := c.drop(record)
	revokeErr := c.guarded(func() error { return c.revoke(ctx, token) })
	// Also a record that could not be read, and without the lock if need be.
	ctx, cancel := graceful(ctx)
	defer cancel()
	deleteErr := c.guarded(func() error {
		inTime, cancel := context.WithTimeout(ctx, storeTimeout)
		defer cancel()
		return c.store.Delete(inTime, c.key)
	})
	if deleteErr != nil && storeErr == nil {
		storeErr = c.storeError("delete", deleteErr)
	}
	if storeErr != nil {
		return storeErr
	}
	return revokeErr
}

// lockRecord locks and loads the record. unlock is to be called in any case.
func (c *coordinator) lockRecord(ctx context.Context) (record Record, unlock func(), err error) {
	unlock = func() {}
	err = c.guarded(func() error {
		release, err := c.lock(ctx)
		if err != nil {
			return c.storeError("lock", err)
		}
		unlock = release
		if record, err = c.load(ctx); err != nil {
			return c.storeError("load", err)
		}
		return nil
	})
	return record, unlock, err
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
	c.ended = token.Access
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
	return &Error{Op: op, Dialect: c.name, Temporary: true, Err: fmt.Errorf("%w: %w", ErrStore, err)}
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
		return &contextError{doing: "wait for the last renewal", err: ctx.Err()}
	}
}
