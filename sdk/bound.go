package sdk

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// bounds ends the requests of a client that take too long. http.Client.Timeout
// would cost a goroutine and a timer for each. All requests of a client have the
// same time, so they run out in the order in which they began: a queue and one
// timer do. A request whose end nobody waits for is not in the queue.
type bounds struct {
	limit time.Duration // of a request, its answer included; 0: none

	mu          sync.Mutex
	first, last *bound
	timer       *time.Timer
	fires       time.Time // when first runs out, or earlier; zero: not at all
}

// bound is one request under way: its context, the copy that is sent, and the
// body of its answer, in one piece of memory. What can be cancelled is made, and
// queued, when somebody wants to know of it.
type bound struct {
	context.Context //nolint:containedctx // it is a context

	bounds   *bounds
	deadline time.Time
	inner    atomic.Pointer[cancellable]
	over     atomic.Bool // the time ran out
	ended    atomic.Bool // the request did
	sent     http.Request
	body     io.ReadCloser

	before, after *bound // in the queue
	queued        bool
}

// cancellable is a context that ends with the time, and with the caller's.
type cancellable struct {
	context.Context //nolint:containedctx // it is a context

	cancel context.CancelFunc
}

// begin returns the context for a request, and what ends it; that is nil where
// the request has an earlier end of its own, or none at all. A request that a
// redirect led to has the time that is left of the one before.
func (b *bounds) begin(request *http.Request, now time.Time) (context.Context, *bound) {
	ctx := request.Context()
	if b.limit == 0 {
		return ctx, nil
	}
	deadline := now.Add(b.limit)
	if request.Response != nil {
		if first, ok := request.Response.Body.(*bound); ok {
			deadline = first.deadline
		}
	}
	if own, ok := ctx.Deadline(); ok && own.Before(deadline) {
		return ctx, nil
	}
	r := &bound{Context: ctx, bounds: b, deadline: deadline}
	return r, r
}

// withContext returns a copy of the request with ctx. The first one of a bound is
// its own, made before anybody else has seen its context.
func withContext(ctx context.Context, request *http.Request) *http.Request {
	r, ok := ctx.(*bound)
	if !ok || r.sent.URL != nil {
		return request.WithContext(ctx)
	}
	r.sent = *request.WithContext(ctx)
	return &r.sent
}

// push puts r at the end of the queue, or before those that are later: a
// redirect made it older, or somebody asked late.
func (b *bounds) push(r *bound) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r.before = b.last
	for r.before != nil && r.deadline.Before(r.before.deadline) {
		r.before = r.before.before
	}
	if r.before == nil {
		r.after, b.first = b.first, r
	} else {
		r.after, r.before.after = r.before.after, r
	}
	if r.after == nil {
		b.last = r
	} else {
		r.after.before = r
	}
	r.queued = true
	if b.fires.IsZero() || r.deadline.Before(b.fires) {
		b.arm(r.deadline)
	}
}

// arm lets the timer fire at a moment. The caller holds mu.
func (b *bounds) arm(at time.Time) {
	b.fires = at
	if b.timer == nil {
		b.timer = time.AfterFunc(time.Until(at), b.expire)
	} else {
		b.timer.Reset(time.Until(at))
	}
}

// remove takes r out of the queue. The timer is left: it looks again when it
// fires.
func (b *bounds) remove(r *bound) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unlink(r)
}

// unlink is remove for who holds mu.
func (b *bounds) unlink(r *bound) {
	if !r.queued {
		return
	}
	r.queued = false
	if r.before == nil {
		b.first = r.after
	} else {
		r.before.after = r.after
	}
	if r.after == nil {
		b.last = r.before
	} else {
		r.after.before = r.before
	}
	r.before, r.after = nil, nil
}

// expire ends the requests whose time is over.
func (b *bounds) expire() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	for b.first != nil && !now.Before(b.first.deadline) {
		r := b.first
		b.unlink(r)
		r.over.Store(true)
		r.inner.Load().cancel()
	}
	b.fires = time.Time{}
	if b.first != nil {
		b.arm(b.first.deadline)
	}
}

// end hands over the outcome of the request: an answer with a body that ends the
// bound, or the error of a time that ran out.
func (r *bound) end(response *http.Response, err error) (*http.Response, error) {
	switch {
	case r == nil:
		return response, err
	case err != nil:
		r.done()
		return nil, r.cause(err)
	case response.StatusCode == http.StatusSwitchingProtocols:
		r.Done()
		r.bounds.remove(r) // what follows is no answer, and lasts as long as it does
		return response, nil
	case response.Body == http.NoBody && response.StatusCode < http.StatusMultipleChoices:
		r.done()
		return response, nil
	}
	r.body, response.Body = response.Body, r
	return response, nil
}

// done ends the bound.
func (r *bound) done() {
	r.ended.Store(true)
	if inner := r.inner.Load(); inner != nil {
		r.bounds.remove(r)
		inner.cancel()
	}
}

// Deadline implements [context.Context].
func (r *bound) Deadline() (time.Time, bool) { return r.deadline, true }

// Done implements [context.Context].
func (r *bound) Done() <-chan struct{} {
	if inner := r.inner.Load(); inner != nil {
		return inner.Done()
	}
	ctx, cancel := context.WithCancel(r.Context)
	if !r.inner.CompareAndSwap(nil, &cancellable{ctx, cancel}) {
		cancel() // somebody else was first
		return r.inner.Load().Done()
	}
	r.bounds.push(r)
	if r.ended.Load() { // perhaps before there was something to cancel
		r.done()
	}
	return ctx.Done()
}

// Err implements [context.Context].
func (r *bound) Err() error {
	if r.late() {
		return context.DeadlineExceeded
	}
	if inner := r.inner.Load(); inner != nil {
		return inner.Err()
	}
	return r.Context.Err()
}

// late says whether the time ran out. The timer knows, where there is something
// to cancel.
func (r *bound) late() bool {
	return r.over.Load() || r.inner.Load() == nil && !time.Now().Before(r.deadline)
}

// Value implements [context.Context]. Package context finds the one that can be
// cancelled by it.
func (r *bound) Value(key any) any {
	if inner := r.inner.Load(); inner != nil {
		return inner.Value(key)
	}
	return r.Context.Value(key)
}

// cause is err, or the error of a time that ran out.
func (r *bound) cause(err error) error {
	if r.late() {
		return &requestTimeout{timeoutError{noAnswerIn("whole answer", r.bounds.limit).Error()}}
	}
	return err
}

// Read implements [io.Reader].
func (r *bound) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	if err != nil {
		if !errors.Is(err, io.EOF) {
			err = r.cause(err)
		}
		r.done()
	}
	return n, err
}

// Close implements [io.Closer].
func (r *bound) Close() error {
	err := r.body.Close()
	r.done()
	return err
}

// requestTimeout is the end of the time of a request. Like that of
// http.Client.Timeout it is taken for the end of a context.
type requestTimeout struct{ timeoutError }

// Is says what net/http says of its own.
func (e *requestTimeout) Is(target error) bool { return target == context.DeadlineExceeded }
