package exchange

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// maxThrottleWait bounds how long a scenario lets pass for a throttle that
// another scenario may have tripped.
const maxThrottleWait = 15 * time.Minute

// maxRealWait is what is really waited for at most, where moving the subject's
// time past a throttle did not help.
const maxRealWait = 90 * time.Second

// PastThrottle sends a login that is not about throttling. Where it meets a
// throttle, which wrong passwords of earlier scenarios may have tripped
// rightly, it lets the wait pass and tries again: a throttle says nothing about
// the row that is judged. Where the subject's time was moved and that did not
// help, it really waits as long as the answer asks. Locked says whether an answer
// is the dialect's own for a locked account. While other scenarios run, the error
// is a *LockedOutError.
func (c *Client) PastThrottle(ctx context.Context, locked func(*Answer) bool, login func() (*Answer, error)) (*Answer, error) {
	throttled := func(a *Answer) bool {
		_, asked := a.RetryAfter()
		return a.Status == http.StatusTooManyRequests || a.Status == http.StatusServiceUnavailable && asked || locked(a)
	}
	answer, err := login()
	if err == nil && answer.Accepted() {
		c.Subject.loggedIn(answer.Took)
	}
	if err != nil || !throttled(answer) || c.Subject.waitsUseless.Load() {
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
	wait, longer := c.throttleWait(answer)
	if longer {
		c.Subject.waitsUseless.Store(true)
		return answer, nil
	}
	if err := c.Wait(ctx, wait); err != nil {
		return nil, err
	}
	if answer, err = login(); err != nil || !throttled(answer) {
		return answer, err
	}
	if wait, asked := answer.RetryAfter(); asked && wait <= maxRealWait && c.Subject.Manifest.Clock != nil {
		c.Subject.waits(wait, "the subject's Retry-After")
		if err := Sleep(ctx, wait); err != nil {
			return nil, err
		}
		if answer, err = login(); err != nil || !throttled(answer) {
			return answer, err
		}
	}
	c.Subject.waitsUseless.Store(true) // or every scenario would wait as long
	return answer, nil
}

// LockedOutError says that a login met a throttle of earlier scenarios: it may succeed
// when no other scenario runs. Or it met a lock that does not end.
type LockedOutError struct {
	Answer  string
	Dialect string // of a lock that does not end; "" for a throttle
}

func (e *LockedOutError) Error() string {
	if e.Dialect != "" {
		return fmt.Sprintf("wrong passwords lock the account permanently: the right one, which obtained a token before, is now refused with %s; "+
			"declare dialects.%s.throttle in the manifest, with the wait after which the account is open again, or unlock it", e.Answer, e.Dialect)
	}
	return "a login met a throttle that earlier wrong passwords have tripped: " + e.Answer
}

// AfterWrongPasswords sends a right login by which a scenario closes that has
// sent wrong ones. Where it is refused again and again, and was not before, the
// account is locked, which the subject may do and nobody has declared: the error
// is a *LockedOutError. The error of a login that is refused once is its own.
func (c *Client) AfterWrongPasswords(login func() (*Answer, error)) error {
	answer, err := login()
	if err == nil || answer == nil {
		return err
	}
	if _, before := c.Subject.granted.Load(c.way(answer)); !before {
		return err
	}
	for range 2 {
		if again, failed := login(); failed == nil || again == nil {
			return err
		}
	}
	return &LockedOutError{Answer: answer.Outcome(), Dialect: c.DialectName}
}

// throttleWait is how long a throttle lasts: as declared, or as it says itself
// if that is longer. Where no clock can be moved, longer says that it asks for
// more than anybody has declared or would wait for.
func (c *Client) throttleWait(a *Answer) (wait time.Duration, longer bool) {
	wait = manifest.DefaultWait
	if declared := c.Subject.Manifest.Throttle(c.DialectName); declared != nil {
		wait = cmp.Or(declared.Wait, wait)
	}
	asked, _ := a.RetryAfter()
	longer = c.Subject.Manifest.Clock == nil && asked > max(wait, maxRealWait)
	return min(max(wait, asked), maxThrottleWait) + time.Second, longer
}
