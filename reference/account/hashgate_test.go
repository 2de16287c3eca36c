package account_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/reference/account"
)

// taking is a hasher that takes a time.
type taking struct {
	account.FastHasher
	each time.Duration
}

func (h taking) Verify(hash, password string) (bool, error) {
	<-time.After(h.each) // of testing/synctest
	return h.FastHasher.Verify(hash, password)
}

// TestALoginIsSentAwayUntilThereIsRoom fills the queue and looks at when those who
// are sent away are told to come back, and when they are sent away.
func TestALoginIsSentAwayUntilThereIsRoom(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		each     time.Duration // that a password takes
		parallel int
		waiting  int
		timeout  time.Duration
		logins   int // at once
		served   int
		told     []time.Duration // the others, in their order
	}{
		"room for all":             {time.Second, 2, 4, time.Minute, 6, 6, nil},
		"after those who wait":     {time.Second, 1, 3, time.Minute, 6, 4, []time.Duration{5 * time.Second, 6 * time.Second}},
		"twice as fast":            {time.Second, 2, 6, time.Minute, 12, 8, []time.Duration{4 * time.Second, 5 * time.Second, 5 * time.Second, 6 * time.Second}},
		"fast":                     {time.Millisecond, 1, 3, time.Minute, 6, 4, []time.Duration{time.Second, time.Second}},
		"early":                    {time.Second, 1, 100, 8 * time.Second, 7, 5, []time.Duration{6 * time.Second, 7 * time.Second}},
		"no longer than a minute":  {50 * time.Second, 1, 1, time.Hour, 5, 2, []time.Duration{time.Minute, time.Minute, time.Minute}},
		"the first, in any length": {time.Minute, 1, 1, 15 * time.Minute, 1, 1, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDirectory(t, account.Config{
				Accounts: []account.Account{{Login: "root", Password: "root"}}, Hasher: taking{each: c.each},
				Parallel: c.parallel, Waiting: c.waiting, WaitTimeout: c.timeout,
			})
			if _, err := d.Verify(t.Context(), try("root"), "root"); err != nil { // so that it is known how long one takes
				t.Fatal(err)
			}
			var mu sync.Mutex
			var told []time.Duration
			served := 0
			var logins sync.WaitGroup
			for range c.logins {
				logins.Go(func() {
					_, err := d.Verify(context.Background(), try("root"), "root")
					mu.Lock()
					defer mu.Unlock()
					var away *account.OverloadedError
					if errors.As(err, &away) && errors.Is(err, account.ErrOverloaded) {
						told = append(told, away.RetryAfter)
					} else if err == nil {
						served++
					}
				})
				synctest.Wait()
			}
			logins.Wait()
			if served != c.served || len(told) != len(c.told) {
				t.Errorf("%s: %d served, want %d; told %v, want %v", name, served, c.served, told, c.told)
				return
			}
			for i := range told {
				if told[i] != c.told[i] {
					t.Errorf("%s: told %v, want %v", name, told, c.told)
					return
				}
			}
		})
	}
}
