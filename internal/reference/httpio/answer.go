package httpio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/backoffice"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// WriteJSON answers with a status and a JSON body.
func WriteJSON(w http.ResponseWriter, status int, value any) {
	WriteBody(w, status, Encode(value))
}

// Encode returns a value as [WriteJSON] writes it.
func Encode(value any) []byte {
	body, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("write an answer: %v", err)) // our own types always marshal
	}
	return append(body, '\n')
}

// contentTypeJSON is shared by all answers and never changed.
var contentTypeJSON = []string{"application/json"}

// WriteBody answers with a status and a body that is JSON already.
func WriteBody(w http.ResponseWriter, status int, body []byte) {
	header := w.Header()
	header["Content-Type"] = contentTypeJSON
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has closed the connection
}

// The errors that a handler may return besides those of account and grant.
var (
	// ErrUnauthorized says that the request carries no credentials.
	ErrUnauthorized = errors.New("authorization is required")
	// ErrForbidden says that the credentials are valid but do not allow the
	// request.
	ErrForbidden = errors.New("insufficient rights")
	// ErrNotFound says that no route has this path.
	ErrNotFound = errors.New("no such route")
)

// Problem is an error as a client may see it.
type Problem struct {
	Status int
	// Reason is one sentence without secrets.
	Reason string
	// RetryAfter is how long to wait; zero: waiting does not help.
	RetryAfter time.Duration
	// Unexpected is true for failures of the server, which belong in the log.
	Unexpected bool
}

// Classify returns the status and the text that a client sees for an error. It is
// the only place that decides them.
func Classify(err error) Problem {
	var bad *BadRequestError
	var throttled *account.ThrottledError
	var overloaded *account.OverloadedError
	switch {
	case errors.As(err, &bad):
		return Problem{Status: bad.Status, Reason: bad.Reason}
	case errors.As(err, &throttled):
		return Problem{Status: http.StatusTooManyRequests, Reason: throttled.Error(), RetryAfter: throttled.RetryAfter}
	case errors.Is(err, account.ErrWrongCredentials), errors.Is(err, account.ErrUnknownKey), errors.Is(err, account.ErrUnknownUser),
		errors.Is(err, account.ErrSecondFactor),
		errors.Is(err, grant.ErrInvalid), errors.Is(err, ErrUnauthorized):
		return Problem{Status: http.StatusUnauthorized, Reason: err.Error()}
	case errors.Is(err, grant.ErrWider), errors.Is(err, ErrForbidden):
		return Problem{Status: http.StatusForbidden, Reason: err.Error()}
	case errors.Is(err, grant.ErrNotFound), errors.Is(err, ErrNotFound), errors.Is(err, backoffice.ErrNotFound):
		return Problem{Status: http.StatusNotFound, Reason: err.Error()}
	case errors.Is(err, backoffice.ErrName):
		return Problem{Status: http.StatusBadRequest, Reason: err.Error()}
	case errors.Is(err, backoffice.ErrFull):
		return Problem{Status: http.StatusConflict, Reason: err.Error()}
	case errors.As(err, &overloaded):
		return Problem{Status: http.StatusServiceUnavailable, Reason: overloaded.Error(), RetryAfter: overloaded.RetryAfter}
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, context.DeadlineExceeded): // what has a deadline waits for the store
		return Problem{
			Status: http.StatusServiceUnavailable, Reason: store.ErrUnavailable.Error(),
			RetryAfter: time.Second, Unexpected: true,
		}
	default:
		return Problem{Status: http.StatusInternalServerError, Reason: "internal error", Unexpected: true}
	}
}

// WriteHeaders sets Retry-After, and on a 401 WWW-Authenticate with the given
// challenges (RFC 9110 section 11.6.1).
func (p Problem) WriteHeaders(w http.ResponseWriter, challenges ...string) {
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(p.RetryAfter/time.Second)))
	}
	if p.Status == http.StatusUnauthorized {
		for _, challenge := range challenges {
			w.Header().Add("WWW-Authenticate", challenge)
		}
	}
}
