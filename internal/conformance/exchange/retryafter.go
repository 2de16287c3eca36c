package exchange

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// What is really waited for, where a subject asks for to wait a little: each
// time, and how often in a row. Longer waits are for PastThrottle.
const (
	shortWait = 5 * time.Second
	maxAgain  = 10
)

// RetryAfter is how long an answer asks to wait before the request is sent
// again (RFC 9110 10.2.3, in both its forms); false where it asks for nothing.
// Any refusal may carry it, most do so with 429 or 503. Dates are compared with
// the answer's own.
func (a *Answer) RetryAfter() (time.Duration, bool) {
	text := a.Header.Get("Retry-After")
	if a.Status < http.StatusBadRequest || text == "" {
		return 0, false
	}
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(max(seconds, 0)) * time.Second, true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	now, err := http.ParseTime(a.Header.Get("Date"))
	if err != nil {
		now = a.After
	}
	return max(at.Sub(now), time.Second), true
}

type withoutWaitsKey struct{}

// WithoutWaits is a context in which no Retry-After is waited for: a step judges
// the very answers that ask for it.
func WithoutWaits(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutWaitsKey{}, true)
}

// Do does one exchange over HTTP. Where the subject asks to wait for a few
// seconds, it waits, and sends the request again; see [WithoutWaits]. It is an error
// when no answer comes at all.
func (c *Client) Do(ctx context.Context, r Request) (*Answer, error) {
	return afterWaits(ctx, func() (*Answer, error) { return c.doOnce(ctx, r) })
}

// afterWaits sends a request, and again after each short wait that the subject asks for.
// It really waits: these are the subject's pace and not its verdict, and no clock that
// the judge moves need be what they are measured by.
func afterWaits(ctx context.Context, send func() (*Answer, error)) (*Answer, error) {
	for tries := 1; ; tries++ {
		answer, err := send()
		if err != nil || ctx.Value(withoutWaitsKey{}) != nil || tries > maxAgain {
			return answer, err
		}
		wait, asked := answer.RetryAfter()
		if !asked || wait > shortWait {
			return answer, nil
		}
		if err := Sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}
