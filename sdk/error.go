package sdk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// What a caller may branch on with [errors.Is].
var (
	// ErrRefused: the server looked at the credentials or the token and said
	// no. Asking again with the same ones does not help.
	ErrRefused = errors.New("refused")
	// ErrForbidden: the token is good, but its user may not do this (403).
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound: the server does not know what was asked for (404).
	ErrNotFound = errors.New("not found")
	// ErrUnavailable: the server cannot answer now (429, 5xx, no connection).
	ErrUnavailable = errors.New("unavailable")
	// ErrRedirected: a token endpoint answered with a redirect, which is never
	// followed, or an API sent a body on to another origin.
	ErrRedirected = errors.New("redirected")
	// ErrProtocol: the server answered something that is not of the dialect: no
	// JSON of its shape, or a status as 405, which is not about credentials.
	ErrProtocol = errors.New("not an answer of this dialect")
	// ErrClosed: the client was closed.
	ErrClosed = errors.New("client is closed")
	// ErrStore: the store failed; see also [ErrConflict].
	ErrStore = errors.New("store failed")
	// ErrPanic: a dialect, a store or a hook panicked.
	ErrPanic = errors.New("panicked")
	// ErrUnsupported: the client's dialect does not have this verb.
	ErrUnsupported = errors.New("not supported by this dialect")
	// ErrConfig: a setting is missing or makes no sense.
	ErrConfig = errors.New("bad configuration")
)

// Error is what every operation of the client and its dialects returns when
// it fails, apart from the caller's own context errors. It never holds a
// secret: no header, no query, no body.
type Error struct {
	// Op is what was tried, as in "login" or "renew".
	Op string
	// Dialect is the dialect's name.
	Dialect string
	// Endpoint is the HTTP method and the path, without a query, of the request
	// that was answered, or "" when there was no HTTP answer.
	Endpoint string
	// Status is the HTTP status, 0 when there was no HTTP answer.
	Status int
	// Code is the dialect's own code, as in
	// "AUTHENTICATE_CODE_WRONG_CREDENTIALS", or "".
	Code string
	// Temporary says that the same request may succeed later.
	Temporary bool
	// OutcomeUnknown says that the server may have done what was asked,
	// although no usable answer came back.
	OutcomeUnknown bool
	// RetryAfter is how long the server asked to be left alone, 0 if it did
	// not say.
	RetryAfter time.Duration
	// Err is the cause: one of the sentinels of this package, or an error that
	// wraps one.
	Err error
}

// Error implements error.
func (e *Error) Error() string {
	var text strings.Builder
	if e.Dialect != "" {
		text.WriteString(e.Dialect + " ")
	}
	text.WriteString(cmp.Or(e.Op, "call"))
	if e.Err != nil {
		text.WriteString(": " + e.Err.Error())
	}
	if e.Status != 0 {
		fmt.Fprintf(&text, ": the server answered %d %s", e.Status, http.StatusText(e.Status))
	}
	if e.Endpoint != "" {
		text.WriteString(" to " + e.Endpoint)
	}
	if e.Code != "" {
		text.WriteString(" (" + e.Code + ")")
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&text, ", asking to wait %v", e.RetryAfter)
	}
	return text.String()
}

// Unwrap gives the cause to [errors.Is] and [errors.As].
func (e *Error) Unwrap() error { return e.Err }

// Timeout says whether time ran out, as [net.Error] and [os.IsTimeout] have it.
func (e *Error) Timeout() bool {
	var inner interface{ Timeout() bool }
	return errors.As(e.Err, &inner) && inner.Timeout()
}

// Format implements [fmt.Formatter]; every verb prints as Error does, so that
// nobody prints a cause by reflection.
func (e *Error) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, e.Error()) }

// contextError is the end of a caller's context. It is a [net.Error], as those of
// net/http are.
type contextError struct {
	doing   string
	err     error // the context's
	because error // what did not work meanwhile, or nil
}

func (e *contextError) Error() string {
	if e.because != nil {
		return fmt.Sprintf("%s: %v: %v", e.doing, e.err, e.because)
	}
	return fmt.Sprintf("%s: %v", e.doing, e.err)
}

// Unwrap gives the context's error, and no other, to [errors.Is].
func (e *contextError) Unwrap() error { return e.err }

// Timeout implements [net.Error].
func (e *contextError) Timeout() bool { return errors.Is(e.err, context.DeadlineExceeded) }

// Temporary implements [net.Error].
func (e *contextError) Temporary() bool { return e.Timeout() }

// timeoutError is the end of a time that the client itself had set. It is no
// error of the caller's context.
type timeoutError struct{ text string }

func (e *timeoutError) Error() string { return e.text }

// Unwrap implements errors.Is for [ErrUnavailable].
func (e *timeoutError) Unwrap() error { return ErrUnavailable }

// Timeout implements [net.Error].
func (e *timeoutError) Timeout() bool { return true }

// Temporary implements [net.Error].
func (e *timeoutError) Temporary() bool { return true }

// noAnswerIn is the error of a time that is over.
func noAnswerIn(what string, d time.Duration) error {
	return &timeoutError{fmt.Sprintf("%v: no %s within %v", ErrUnavailable, what, d)}
}

// unansweredError is the error of a transport that got no answer from the back
// office. It reads as that error does, and wraps [ErrUnavailable] too.
type unansweredError struct{ error }

// unanswered makes errors of the network such ones: not those of a context that
// has ended, of a request that cannot be sent, or of its body.
func unanswered(ctx context.Context, err error) error {
	var network net.Error
	if ctx.Err() != nil || !errors.As(err, &network) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return &unansweredError{err}
}

// Unwrap gives its causes to [errors.Is] and [errors.As].
func (e *unansweredError) Unwrap() []error { return []error{e.error, ErrUnavailable} }

// Timeout implements [net.Error].
func (e *unansweredError) Timeout() bool {
	var network net.Error
	return errors.As(e.error, &network) && network.Timeout()
}

// Temporary implements [net.Error].
func (e *unansweredError) Temporary() bool { return e.Timeout() }

// statusError classifies an HTTP status of 300 and more.
func statusError(status int) (temporary bool, cause error) {
	switch {
	case status < 400:
		return false, ErrRedirected
	case status == http.StatusForbidden:
		return false, ErrForbidden
	case status == http.StatusNotFound:
		return false, ErrNotFound
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly,
		status == http.StatusTooManyRequests, status >= 500 && status != http.StatusNotImplemented && status != http.StatusHTTPVersionNotSupported:
		return true, ErrUnavailable
	case status == http.StatusMethodNotAllowed, status == http.StatusNotAcceptable, status == http.StatusUnsupportedMediaType,
		status == http.StatusMisdirectedRequest, status == http.StatusUpgradeRequired, status == http.StatusHTTPVersionNotSupported:
		// Nobody has looked at credentials: it is another kind of server, or another path.
		return false, ErrProtocol
	default:
		return false, ErrRefused
	}
}

// TokenGone says whether an error means that the token it is about lives no
// more: 401, 404 or 410, or a refusal over another protocol than HTTP. It is for
// implementations of [Revoker].
func TokenGone(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Status {
	case http.StatusUnauthorized, http.StatusNotFound, http.StatusGone:
		return true
	case 0:
		return errors.Is(err, ErrRefused)
	}
	return false
}

// isFinal says that asking again for the same thing does not help.
func isFinal(err error) bool {
	var e *Error
	return errors.As(err, &e) && !e.Temporary && !errors.Is(err, ErrPanic)
}

// outcomeUnknown says that the server may have done what was asked.
func outcomeUnknown(err error) bool {
	var e *Error
	return !errors.As(err, &e) || e.OutcomeUnknown
}

// cleanCode keeps a code only if it can be nothing but a code: a short word.
func cleanCode(code string) string {
	const most = 64
	if len(code) > most {
		return ""
	}
	for _, r := range code {
		word := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.'
		if !word {
			return ""
		}
	}
	return code
}
