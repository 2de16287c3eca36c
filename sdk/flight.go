package sdk

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"time"
)

// flight is one attempt to get a token, shared by all who wait for it. It runs
// apart from its callers: none of them can cancel it for the others.
type flight struct {
	done   chan struct{} // closed when token and err are set
	cancel context.CancelFunc
	token  *activeToken
	err    error // with a token too if it was called off

	overdue <-chan struct{} // nobody waits longer, although the flight goes on
	late    func() error    // what they get then

	calledOff bool // by a logout; guarded by the coordinator's mu
}

// flightPlan says what a flight is for.
type flightPlan struct {
	replace    bool // the token in use is to be replaced, although it is good
	background bool // nobody waits
}

// lateTimeout is how long a flight may go on after its own context has ended: to
// save what it has got, which takes storeTimeout at most for each step. A callback
// that does not look at its context, as a person at a terminal, may take longer.
const lateTimeout = 2 * storeTimeout

// wait returns the flight's outcome, or an error when ctx ends first, or when the
// flight is overdue.
func (f *flight) wait(ctx context.Context) (*activeToken, error) {
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return nil, &contextError{doing: "wait for a token", err: ctx.Err()}
	case <-f.overdue:
		select {
		case <-f.done: // overdue ends with the flight, too
			return f.token, f.err
		default:
			return nil, f.late()
		}
	}
}

// start begins a flight. It keeps the values of ctx, for spans, and has its own
// deadline. The caller holds mu.
func (c *coordinator) start(ctx context.Context, plan flightPlan) *flight {
	overdue, release := context.WithTimeout(apart{context.WithoutCancel(ctx)}, c.timeout+lateTimeout)
	ctx, cancel := context.WithTimeout(overdue, c.timeout)
	f := &flight{done: make(chan struct{}), cancel: cancel, overdue: overdue.Done(), late: c.overdue}
	task := task{c: c, plan: plan, before: c.last, rejected: c.rejected, ended: c.ended, flight: f}
	c.flight = f
	c.running.Add(1)
	go func() {
		defer c.running.Done()
		defer release()
		defer cancel()
		c.run(ctx, f, task)
	}()
	return f
}

// apart is a context without the hooks of net/http/httptrace. Those are for the
// request of the one who set them, who may be gone while the flight goes on, and
// they see headers.
type apart struct{ context.Context } //nolint:containedctx // it is a context

// Value implements [context.Context].
func (a apart) Value(key any) any {
	switch reflect.TypeOf(key).PkgPath() {
	case "net/http/httptrace", "internal/nettrace":
		return nil
	}
	return a.Context.Value(key)
}

// run runs the task and finishes the flight, whatever the task does.
func (c *coordinator) run(ctx context.Context, f *flight, task task) {
	h, err := (*activeToken)(nil), c.panicError("the goroutine was ended")
	defer func() {
		if value := recover(); value != nil {
			h, err = nil, c.panicError(panicText(value))
		}
		c.finish(f, h, err)
	}()
	h, err = task.run(ctx)
	if err != nil && ctx.Err() != nil {
		// The flight's own end is no context error of those who wait.
		err = c.noTokenInTime()
	}
}

// overdue is the error of those who have waited long enough for a flight.
func (c *coordinator) overdue() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return &Error{Op: "token", Dialect: c.name, Err: ErrClosed}
	}
	return c.noTokenInTime()
}

// noTokenInTime is the error of a flight whose time is over.
func (c *coordinator) noTokenInTime() error {
	return &Error{Op: "token", Dialect: c.name, Temporary: true, Err: noAnswerIn("token", c.timeout)}
}

// finish publishes the outcome of a flight and lets the waiters go.
func (c *coordinator) finish(f *flight, h *activeToken, err error) {
	defer close(f.done)
	f.token, f.err = c.concludeFlight(f, h, err)
}

func (c *coordinator) concludeFlight(f *flight, h *activeToken, failed error) (_ *activeToken, err error) {
	defer c.guard(&err)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flight = nil
	switch {
	case c.closed:
		return nil, &Error{Op: "token", Dialect: c.name, Err: ErrClosed}
	case f.calledOff:
		// This is nobody's failure: who asks next is not kept from trying. A
		// token is for the logout to end, if it still waits.
		return h, &Error{Op: "token", Dialect: c.name, Temporary: true, Err: fmt.Errorf("%w: the client was logged out meanwhile", ErrUnavailable)}
	case failed != nil:
		c.fail(failed)
		return nil, failed
	default:
		c.publish(h)
		return h, nil
	}
}

// retryAfterOf is how long a server asked to be left alone.
func retryAfterOf(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}

// guard is what every operation that calls a dialect, a store or another
// callback defers first: a panic becomes an error without its value. No lock is
// held by then: locks are released by defers, too.
func (c *coordinator) guard(err *error) {
	if value := recover(); value != nil {
		*err = c.panicError(panicText(value))
	}
}

// guarded calls a callback whose panic must not keep the rest from its work.
func (c *coordinator) guarded(call func() error) (err error) {
	defer c.guard(&err)
	return call()
}

// panicError is the error of a panic.
func (c *coordinator) panicError(what string) error {
	return &Error{Op: "token", Dialect: c.name, Temporary: true, OutcomeUnknown: true, Err: fmt.Errorf("%w: %s", ErrPanic, what)}
}

func isPanic(err error) bool { return errors.Is(err, ErrPanic) }

// panicText describes a panic without its value, which may hold a secret: the
// type, the place, and the text only if the runtime wrote it.
func panicText(value any) string {
	text := fmt.Sprintf("%T", value)
	if err, ok := value.(runtime.Error); ok {
		text = err.Error()
	}
	// The frames above the panic are recover's and the runtime's.
	frames := make([]uintptr, 16)
	walker := runtime.CallersFrames(frames[:runtime.Callers(3, frames)])
	for {
		frame, more := walker.Next()
		if frame.Func != nil && !strings.HasPrefix(frame.Function, "runtime.") {
			return fmt.Sprintf("%s in %s (%s:%d)", text, frame.Function, frame.File, frame.Line)
		}
		if !more {
			return text
		}
	}
}
