package account_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
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
		judge(t, limiter, attempt, account.Wrong)
	}
}

// judge lets an attempt begin, and ends it.
func judge(t *testing.T, limiter account.Limiter, attempt account.Attempt, outcome account.Outcome) {
	t.Helper()
	end, err := limiter.Start(t.Context(), attempt)
	if err == nil {
		err = end(t.Context(), outcome)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// wantWait fails unless the attempt has to wait exactly that long; zero: it need
// not wait.
func wantWait(t *testing.T, what string, limiter account.Limiter, attempt account.Attempt, want time.Duration) {
	t.Helper()
	end, err := limiter.Start(t.Context(), attempt)
	if err == nil {
		err = end(t.Context(), account.Unjudged)
	}
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
	judge(t, limiter, root, account.Right) // before any failure
	fail(t, limiter, root, 1)
	judge(t, limiter, root, account.Right)
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
	wantWait(t, "the account in another dialect", limiter, account.Attempt{Dialect: "rpc", Account: "root"}, time.Minute)
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
			end, err := limiter.Start(t.Context(), root)
			if err == nil {
				err = end(t.Context(), account.Wrong)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	wantWait(t, "20 failures at once", limiter, root, time.Minute)
}

// TestLimitHoldsAtOnce: of many attempts that begin at the same moment only as
// many are judged as may be wrong.
func TestLimitHoldsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := newLimiter(t, account.Throttle{PerAccount: 10}, clock.System{})
		var judged, throttled, most, now atomic.Int64
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				end, err := limiter.Start(t.Context(), account.Attempt{Account: "root", Address: fmt.Sprintf("192.0.2.%d", i)})
				var wait *account.ThrottledError
				if errors.As(err, &wait) {
					throttled.Add(1)
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				judged.Add(1)
				most.Store(max(most.Load(), now.Add(1)))
				<-time.After(time.Millisecond) // the password is hashed
				now.Add(-1)
				if err := end(t.Context(), account.Wrong); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if judged.Load() != 10 || throttled.Load() != 190 || most.Load() < 2 {
			t.Errorf("%d attempts were judged, %d at once, and %d throttled", judged.Load(), most.Load(), throttled.Load())
		}
	})
}

// TestManyRightLoginsAtOnce: who waits for others is judged in the end.
func TestManyRightLoginsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := newLimiter(t, account.Throttle{PerAccount: 3}, clock.System{})
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				end, err := limiter.Start(t.Context(), account.Attempt{Account: "root", Address: "192.0.2.1"})
				if err != nil {
					t.Error(err)
					return
				}
				<-time.After(time.Millisecond)
				if err := end(t.Context(), account.Right); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

// TestWaitingEndsWithItsContext: who waits for others goes when it may not wait
// any longer, and leaves nothing behind.
func TestWaitingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := newLimiter(t, account.Throttle{PerAccount: 1}, clock.System{})
		root := account.Attempt{Account: "root"}
		end, err := limiter.Start(t.Context(), root)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := limiter.Start(ctx, root); !errors.Is(err, context.Canceled) {
					t.Errorf("the error is %v", err)
				}
			})
		}
		synctest.Wait()
		cancel()
		wg.Wait()
		if err := end(t.Context(), account.Right); err != nil {
			t.Error(err)
		}
		judge(t, limiter, root, account.Right)
	})
}

// TestKnownNetwork: wrong passwords from elsewhere do not keep a user out of an
// account that has logged in from here; what is wrong here does.
func TestKnownNetwork(t *testing.T) {
	t.Parallel()
	c := stopped()
	limiter := newLimiter(t, account.Throttle{PerAccount: 2, PerAddress: -1}, c)
	here, elsewhere := account.Attempt{Account: "root", Address: "2001:db8::1"}, account.Attempt{Account: "root", Address: "192.0.2.9"}
	judge(t, limiter, here, account.Right)
	fail(t, limiter, elsewhere, 2)
	wantWait(t, "elsewhere", limiter, elsewhere, time.Minute)
	wantWait(t, "here", limiter, here, 0)
	here.Address = "2001:db8::ffff:2"
	wantWait(t, "another address of the same network", limiter, here, 0)
	fail(t, limiter, here, 2)
	wantWait(t, "wrong here", limiter, here, time.Minute)
	c.Advance(31 * 24 * time.Hour)
	fail(t, limiter, elsewhere, 2)
	wantWait(t, "here after a month away", limiter, here, time.Minute)
}

// TestAddressesOfANetwork: what a client moves within counts once.
func TestAddressesOfANetwork(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		one, other string
		same       bool
	}{
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
		{"2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true},
		{"2001:db8:0:1::1", "2001:db8:0:2::1", false},
		{"fe80::1%eth0", "fe80::2%eth1", true},
		{"no address", "no address", true},
		{"no address", "another", false},
	} {
		limiter := newLimiter(t, account.Throttle{PerAccount: -1, PerAddress: 1}, stopped())
		fail(t, limiter, account.Attempt{Address: test.one}, 1)
		want := time.Duration(0)
		if test.same {
			want = time.Minute
		}
		wantWait(t, test.one+" and "+test.other, limiter, account.Attempt{Address: test.other}, want)
	}
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
