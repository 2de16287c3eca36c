package account_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// stopped returns a clock that moves only by Advance.
func stopped() *clock.Offset { return clock.NewOffset(clock.Func(func() time.Time { return noon })) }

func newLimiter(t *testing.T, throttle account.Throttle, c clock.Clock) account.Limiter {
	t.Helper()
	limiter, err := account.NewLimiter(throttle, memory.New(), c)
	if err != nil {
		t.Fatal(err)
	}
	return limiter
}

func fail(t *testing.T, limiter account.Limiter, attempt account.Attempt, times int) {
	t.Helper()
	for range times {
		if err := limiter.Failed(t.Context(), attempt); err != nil {
			t.Fatal(err)
		}
	}
}

// wantWait fails unless the attempt has to wait exactly that long; zero: it need
// not wait.
func wantWait(t *testing.T, what string, limiter account.Limiter, attempt account.Attempt, want time.Duration) {
	t.Helper()
	err := limiter.Check(t.Context(), attempt)
	var throttled *account.ThrottledError
	switch {
	case err == nil && want == 0:
	case errors.As(err, &throttled) && throttled.RetryAfter == want:
	default:
		t.Errorf("%s: the error is %v, want a wait of %v", what, err, want)
	}
}

func TestLimiterBoundaries(t *testing.T) {
	t.Parallel()
	c := stopped()
	limiter := newLimiter(t, account.Throttle{PerAccount: 3}, c)
	root := account.Attempt{Dialect: "form", Account: "root", Address: "192.0.2.1"}
	fail(t, limiter, root, 2)
	wantWait(t, "one below the limit", limiter, root, 0)
	c.Advance(30 * time.Second)
	fail(t, limiter, root, 1)
	wantWait(t, "at the limit", limiter, root, time.Minute)
	c.Advance(time.Minute - 300*time.Millisecond)
	wantWait(t, "the wait is rounded up", limiter, root, time.Second)
	c.Advance(299 * time.Millisecond)
	wantWait(t, "a millisecond before the end", limiter, root, time.Second)
	c.Advance(time.Millisecond)
	wantWait(t, "at the end", limiter, root, 0)
	fail(t, limiter, root, 1)
	wantWait(t, "the count began anew", limiter, root, 0)
}

func TestLimiterResets(t *testing.T) {
	t.Parallel()
	c := stopped()
	limiter := newLimiter(t, account.Throttle{PerAccount: 2}, c)
	root := account.Attempt{Dialect: "form", Account: "root"}
	if err := limiter.Succeeded(t.Context(), root); err != nil {
		t.Errorf("a success before any failure: %v", err)
	}
	fail(t, limiter, root, 1)
	if err := limiter.Succeeded(t.Context(), root); err != nil {
		t.Error(err)
	}
	fail(t, limiter, root, 1)
	wantWait(t, "after a success between", limiter, root, 0)
	c.Advance(time.Minute)
	fail(t, limiter, root, 1)
	wantWait(t, "failures a window apart", limiter, root, 0)
}

func TestLimiterCountsApart(t *testing.T) {
	t.Parallel()
	limiter := newLimiter(t, account.Throttle{PerAccount: 2, PerAddress: 4}, stopped())
	root := account.Attempt{Dialect: "form", Account: "root", Address: "192.0.2.1"}
	fail(t, limiter, root, 2)
	wantWait(t, "the account", limiter, root, time.Minute)
	root.Address = "192.0.2.2"
	wantWait(t, "the account from elsewhere", limiter, root, time.Minute)
	wantWait(t, "the account in another dialect", limiter, account.Attempt{Dialect: "rpc", Account: "root"}, 0)
	clerk := account.Attempt{Dialect: "form", Account: "clerk", Address: "192.0.2.1"}
	wantWait(t, "another account", limiter, clerk, 0)
	fail(t, limiter, account.Attempt{Dialect: "form", Account: "x", Address: "192.0.2.1"}, 2)
	wantWait(t, "the address, whatever the account", limiter, clerk, time.Minute)
	clerk.Address = "192.0.2.2"
	wantWait(t, "another address", limiter, clerk, 0)
}

func TestLimiterWithoutLimits(t *testing.T) {
	t.Parallel()
	limiter := newLimiter(t, account.Throttle{PerAccount: -1, PerAddress: -1}, stopped())
	root := account.Attempt{Dialect: "form", Account: "root"}
	fail(t, limiter, root, 1000)
	wantWait(t, "a thousand failures", limiter, root, 0)
}

func TestLimiterLosesNoFailure(t *testing.T) {
	t.Parallel()
	limiter := newLimiter(t, account.Throttle{PerAccount: 20}, stopped())
	root := account.Attempt{Dialect: "form", Account: "root"}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := limiter.Failed(t.Context(), root); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	wantWait(t, "20 failures at once", limiter, root, time.Minute)
}

func TestNewLimiterSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	if _, err := account.NewLimiter(account.Throttle{}, nil, stopped()); err == nil {
		t.Error("no store: no error")
	}
	if _, err := account.NewLimiter(account.Throttle{}, memory.New(), nil); err == nil {
		t.Error("no clock: no error")
	}
}
