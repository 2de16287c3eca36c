package sdk

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// livenessTTL is how long the answer about a token counts.
const livenessTTL = time.Minute

// liveness asks the server whether a token is still live after a response that
// leaves that open; see [Prober]. One check at a time serves all requests that
// ask about the same token.
type liveness struct {
	prober Prober // nil: no response leaves it open

	mu     sync.Mutex
	latest *livenessCheck
}

// livenessCheck is one question to the server, and its answer.
type livenessCheck struct {
	about *activeToken
	done  chan struct{} // closed when the fields below are set
	dead  bool
	until time.Time // when the answer is too old
}

// needed says whether a response leaves open whether its token is live.
func (l *liveness) needed(response *http.Response) bool {
	return l.prober != nil && l.prober.MaybeRejected(response)
}

// findsDead says whether the server confirms that h is not live. A check that
// fails confirms nothing.
func (l *liveness) findsDead(ctx context.Context, c *coordinator, h *activeToken) (dead bool) {
	q, mine := l.join(h, c.clock())
	if mine {
		l.ask(ctx, c, q)
	}
	select {
	case <-q.done:
		return q.dead
	case <-ctx.Done():
		return false
	}
}

// join returns the check about h that counts at now, and whether the caller has
// to make it.
func (l *liveness) join(h *activeToken, now time.Time) (q *livenessCheck, mine bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if q = l.latest; q != nil && q.about == h && !q.over(now) {
		return q, false
	}
	l.latest = &livenessCheck{about: h, done: make(chan struct{})}
	return l.latest, true
}

// over says whether the answer is too old to count.
func (q *livenessCheck) over(now time.Time) bool {
	select {
	case <-q.done:
		return !now.Before(q.until)
	default:
		return false
	}
}

// ask asks the server in the context of the first request. If that fails, the
// next request asks again.
func (l *liveness) ask(ctx context.Context, c *coordinator, q *livenessCheck) {
	defer close(q.done)
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	_, err := l.prober.Inspect(ctx, c.exchange, q.about.token)
	q.dead = errors.Is(err, ErrNotFound) || errors.Is(err, ErrRefused)
	if err == nil || q.dead {
		q.until = c.clock().Add(livenessTTL)
	}
}
