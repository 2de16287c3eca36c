package sdk

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
)

// WithRetry sends a request of the program's again, up to attempts times in all,
// when the server cannot answer it now: 429, 502, 503, 504, or no answer. That
// goes for GET, HEAD, OPTIONS, TRACE, PUT and DELETE, for others that have an
// Idempotency-Key, and where the body can be sent again; see [WithReplayBuffer].
//
// Between attempts the client waits as long as the server asks for, and a random
// time more, or else from 250 ms, doubled each time, to 30 s, jittered. It gives
// up, and returns the last answer, when the wait does not fit into the request's
// time, and when more than a tenth of its requests are repetitions, after five.
// The default is 1: the program's requests are not sent again for that.
func WithRetry(attempts int) Option { return func(s *settings) { s.attempts = attempts } }

// budget bounds how much of a client's traffic is repetitions: a tenth of what
// the server has answered, and a handful to begin with. In an outage it is soon
// used up, so that a fleet of clients does not prolong it. The zero value is
// full.
type budget struct{ spent atomic.Int64 }

// The budget in thousandths of a repetition.
const (
	budgetSize    = 5_000
	budgetOfRetry = 1_000
	budgetEarned  = 100 // by an answer
)

// earn notes an answer.
func (b *budget) earn() {
	if spent := b.spent.Load(); spent > 0 {
		b.spent.CompareAndSwap(spent, max(spent-budgetEarned, 0)) // to lose one to another goroutine does not matter
	}
}

// take says whether there may be another repetition, and counts it.
func (b *budget) take() bool {
	for {
		spent := b.spent.Load()
		if spent+budgetOfRetry > budgetSize {
			return false
		}
		if b.spent.CompareAndSwap(spent, spent+budgetOfRetry) {
			return true
		}
	}
}

// afterAsked is how long to wait when a server asks to wait: that is the
// earliest moment, and a random part is added, because all the other clients
// were told the same. random is in [0,1).
func afterAsked(asked time.Duration, random float64) time.Duration {
	const least = time.Second
	return asked + time.Duration(float64(max(asked/2, least))*random)
}

// retries are the rules of [WithRetry].
type retries struct {
	attempts int
	budget   *budget
	random   func() float64
	clock    func() time.Time
}

// worthwhile says whether a request may be sent again after n attempts.
func (r *retries) worthwhile(ctx context.Context, request *http.Request, n int) bool {
	return n < r.attempts && repeatable(request) && ctx.Err() == nil
}

// wait waits for the moment of the next attempt, and says whether there is one.
// response is nil where there was no answer.
func (r *retries) wait(ctx context.Context, response *http.Response, n int) bool {
	wait := pause(firstPause, longestPause, n, r.random())
	if response != nil {
		if asked := retryAfter(response, r.clock()); asked > 0 {
			wait = afterAsked(asked, r.random())
		}
	}
	return fits(ctx, wait) && r.budget.take() && sleep(ctx, wait)
}

// unavailable says whether a status means that the same request may be answered
// later.
func unavailable(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// repeatable says whether a request may be executed twice (RFC 9110 section
// 9.2.2).
func repeatable(request *http.Request) bool {
	switch request.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	_, named := request.Header["Idempotency-Key"]
	return named
}

// fits says whether a wait ends before ctx does.
func fits(ctx context.Context, wait time.Duration) bool {
	deadline, limited := ctx.Deadline()
	return !limited || time.Until(deadline) > wait
}

// sleep waits, and says whether it did so to the end.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
