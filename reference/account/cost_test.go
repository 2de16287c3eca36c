package account_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/reference/account"
)

// tally counts the hashes that are computed, at once and in all.
type tally struct {
	account.Hasher
	now, most, all atomic.Int32
}

func (c *tally) Verify(hash, password string) (bool, error) {
	running := c.now.Add(1)
	defer c.now.Add(-1)
	c.all.Add(1)
	for most := c.most.Load(); running > most && !c.most.CompareAndSwap(most, running); most = c.most.Load() {
		continue
	}
	return c.Hasher.Verify(hash, password)
}

// TestManyLoginsAtOnce sends 200 logins at real cost: no more are hashed at once
// than may be, the memory stays within their bound, and those who would wait too
// long are turned away in time.
func TestManyLoginsAtOnce(t *testing.T) {
	t.Parallel()
	const parallel, patience = 2, 300 * time.Millisecond
	hasher := &tally{Hasher: account.Argon2id{}}
	d := newDirectory(t, account.Config{
		Accounts: []account.Account{{Login: "ann", Password: "right"}}, Hasher: hasher, Parallel: parallel, Patience: patience,
	})
	if _, err := d.Verify(t.Context(), try("ann"), "right"); err != nil { // makes the hash
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var in, overloaded atomic.Int32
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			switch _, err := d.Verify(context.Background(), try("ann"), "right"); {
			case err == nil:
				in.Add(1)
			case errors.Is(err, account.ErrOverloaded):
				overloaded.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	runtime.ReadMemStats(&after)
	if most := hasher.most.Load(); most > parallel || in.Load() == 0 || in.Load()+overloaded.Load() != 200 {
		t.Errorf("%d were in, %d overloaded, %d hashed at once; at most %d may be", in.Load(), overloaded.Load(), most, parallel)
	}
	// The collector lets the heap grow to twice what lives.
	const bound = 19 << 20 * (2*parallel + 2)
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > bound {
		t.Errorf("the heap grew by %d MiB, more than %d", grown>>20, bound>>20)
	}
}

// TestRefusalsCostTheSame counts the work rather than the time: an unknown
// account, a disabled one and a wrong password take one hash each. See
// BenchmarkRefusals for the time.
func TestRefusalsCostTheSame(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.must(t, s.Add(t.Context(), account.Account{Login: "off", Password: "right"}))
	s.must(t, s.Disable(t.Context(), "off"))
	hasher := &tally{Hasher: account.Fast{}}
	d := newDirectory(t, account.Config{Store: s.store, Clock: s.clock, Hasher: hasher})
	for _, c := range []struct{ name, password string }{
		{"ann", "wrong"}, {"nobody", "wrong"}, {"nobody@example.com", "right"}, {"off", "right"}, {"off", "wrong"},
	} {
		before := hasher.all.Load()
		if _, err := d.Verify(t.Context(), try(c.name), c.password); !errors.Is(err, account.ErrWrongCredentials) {
			t.Errorf("%s with %q: %v", c.name, c.password, err)
		}
		if cost := hasher.all.Load() - before; cost != 1 {
			t.Errorf("%s with %q took %d hashes, want 1", c.name, c.password, cost)
		}
	}
}

// BenchmarkRefusals tells the median times of a wrong password and of an unknown
// account, by turns, and how much they differ.
func BenchmarkRefusals(b *testing.B) {
	limiter := unlimited{}
	d, err := account.NewDirectory(account.Config{Accounts: []account.Account{{Login: "ann", Password: "right"}}, Limiter: limiter})
	if err != nil {
		b.Fatal(err)
	}
	median := map[string]float64{}
	times := map[string][]time.Duration{}
	for b.Loop() {
		for _, name := range []string{"ann", "nobody"} {
			began := time.Now()
			if _, err := d.Verify(context.Background(), try(name), "wrong"); !errors.Is(err, account.ErrWrongCredentials) {
				b.Fatal(err)
			}
			times[name] = append(times[name], time.Since(began))
		}
	}
	for name, list := range times {
		slices.Sort(list)
		median[name] = float64(list[len(list)/2].Microseconds())
	}
	b.ReportMetric(median["ann"]/1000, "wrong-ms")
	b.ReportMetric(median["nobody"]/1000, "unknown-ms")
	b.ReportMetric(100*(median["nobody"]/median["ann"]-1), "%apart")
}

// unlimited never throttles.
type unlimited struct{}

func (unlimited) Check(context.Context, account.Attempt) error     { return nil }
func (unlimited) Failed(context.Context, account.Attempt) error    { return nil }
func (unlimited) Succeeded(context.Context, account.Attempt) error { return nil }
