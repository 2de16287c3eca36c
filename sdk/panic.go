package sdk

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
)

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
