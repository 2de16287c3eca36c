package exchange

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// maxThrottleWait bounds how long a scenario lets pass for a throttle that
// another scenario may have tripped.
const maxThrottleWait = 15 * time.Minute

// PastThrottle sends a login that is not about throttling. Where it meets a
// throttle, which wrong passwords of earlier scenarios may have tripped
// rightly, it lets the wait pass and tries again: a throttle says nothing about
// the row that is judged. Locked says whether an answer is the dialect's own for
// a locked account. While other scenarios run, the error is a *LockedOutError.
func (c *Client) PastThrottle(ctx context.Context, locked func(*Answer) bool, login func() (*Answer, error)) (*Answer, error) {
	throttled := func(a *Answer) bool { return a.Status == http.StatusTooManyRequests || locked(a) }
	answer, err := login()
	if err != nil || !throttled(answer) || c.Subject.hopeless.Load() {
		return answer, err
	}
	if c.Subject.Crowded.Load() {
		return nil, &LockedOutError{Answer: answer.Outcome()}
	}
	c.Subject.throttled.Lock() // one scenario waits for all
	defer c.Subject.throttled.Unlock()
	answer, err = login()
	if err != nil || !throttled(answer) {
		return answer, err
	}
	if err := c.Wait(ctx, c.throttleWait(answer)); err != nil {
		return nil, err
	}
	answer, err = login()
	if err == nil && throttled(answer) {
		c.Subject.hopeless.Store(true) // or every scenario would wait as long
	}
	return answer, err
}

// LockedOutError says that a login met a throttle of earlier scenarios while
// other scenarios ran. The scenario is to be tried again when it is alone.
type LockedOutError struct{ Answer string }

func (e *LockedOutError) Error() string {
	return "a login met a throttle that earlier wrong passwords have tripped: " + e.Answer
}

// throttleWait is how long a throttle lasts: as declared, or as it says itself
// if that is longer.
func (c *Client) throttleWait(a *Answer) time.Duration {
	wait := manifest.DefaultWait
	if declared := c.Subject.Manifest.Throttle(c.DialectName); declared != nil {
		wait = cmp.Or(declared.Wait, wait)
	}
	if seconds, err := strconv.Atoi(a.Header.Get("Retry-After")); err == nil {
		wait = max(wait, time.Duration(seconds)*time.Second)
	}
	return min(wait, maxThrottleWait) + time.Second
}
