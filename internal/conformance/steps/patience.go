package steps

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// maxPatience bounds how long a scenario lets pass for a throttle that another
// scenario may have tripped.
const maxPatience = 15 * time.Minute

// patiently sends a login that is not about throttling. Where it meets a
// throttle, which wrong passwords of earlier scenarios may have tripped
// rightly, it lets the wait pass and tries again: a lock that is still shut says
// nothing about the row that is judged.
func (w *World) patiently(ctx context.Context, login func() (*Answer, error)) (*Answer, error) {
	answer, err := login()
	if err != nil || !w.lockedOut(answer) || w.subject.hopeless.Load() {
		return answer, err
	}
	if w.subject.Crowded.Load() {
		return nil, &LockedOutError{Answer: answer.Outcome()}
	}
	w.subject.unlocking.Lock() // one scenario waits for all
	defer w.subject.unlocking.Unlock()
	answer, err = login()
	if err != nil || !w.lockedOut(answer) {
		return answer, err
	}
	if err := w.wait(ctx, w.lockedFor(answer)); err != nil {
		return nil, err
	}
	answer, err = login()
	if err == nil && w.lockedOut(answer) {
		w.subject.hopeless.Store(true) // or every scenario would wait as long
	}
	return answer, err
}

// LockedOutError says that a login met a throttle of earlier scenarios while
// other scenarios ran. The scenario is to be tried again when it is alone.
type LockedOutError struct{ Answer string }

func (e *LockedOutError) Error() string {
	return "a login met a throttle that earlier wrong passwords have tripped: " + e.Answer
}

func (w *World) lockedOut(a *Answer) bool {
	return a.Status == http.StatusTooManyRequests || w.speaker.locked(a)
}

// lockedFor is how long a throttle lasts: as declared, or as it says itself if
// that is longer.
func (w *World) lockedFor(a *Answer) time.Duration {
	wait := manifest.DefaultWait
	if declared := w.subject.Manifest.Throttle(w.dialect); declared != nil {
		wait = cmp.Or(declared.Wait, wait)
	}
	if seconds, err := strconv.Atoi(a.Header.Get("Retry-After")); err == nil {
		wait = max(wait, time.Duration(seconds)*time.Second)
	}
	return min(wait, maxPatience) + time.Second
}
