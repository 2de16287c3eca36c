package sdk

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// certainty is how long a token that was found alive is not doubted again.
const certainty = time.Minute

// inquiries asks the server whether a token lives after an answer that leaves
// that open; see [Doubter]. There is one inquiry at a time for all who doubt the
// same token.
type inquiries struct {
	doubter Doubter // nil: nothing is ever in doubt

	mu     sync.Mutex
	latest *inquiry
}

// inquiry is one question, and its answer.
type inquiry struct {
	about *held
	done  chan struct{} // closed when the fields below are set
	dead  bool
	until time.Time // when the answer is too old
}

// doubts says whether a response leaves open whether its token lives.
func (i *inquiries) doubts(response *http.Response) bool {
	return i.doubter != nil && i.doubter.Doubtful(response)
}

// finds says whether h is dead for sure. An inquiry that fails leaves it alive.
func (i *inquiries) finds(ctx context.Context, c *coordinator, h *held) (dead bool) {
	i.mu.Lock()
	q := i.latest
	mine := q == nil || q.about != h || q.over(c.clock())
	if mine {
		q = &inquiry{about: h, done: make(chan struct{})}
		i.latest = q
	}
	i.mu.Unlock()
	if mine {
		i.ask(ctx, c, q)
	}
	select {
	case <-q.done:
		return q.dead
	case <-ctx.Done():
		return false
	}
}

// over says whether the inquiry was answered, too long ago.
func (q *inquiry) over(now time.Time) bool {
	select {
	case <-q.done:
		return !now.Before(q.until)
	default:
		return false
	}
}

// ask asks the server, on behalf of the one who doubted first. If that fails,
// because the server or his context does, the next who doubts asks again.
func (i *inquiries) ask(ctx context.Context, c *coordinator, q *inquiry) {
	defer close(q.done)
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	_, err := i.doubter.Inspect(ctx, c.exchange, q.about.token)
	q.dead = errors.Is(err, ErrNotFound) || errors.Is(err, ErrRefused)
	if err == nil || q.dead {
		q.until = c.clock().Add(certainty)
	}
}
