package account_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/reference/account"
)

// tally counts the hashes that are computed.
type tally struct {
	account.Hasher
	all atomic.Int32
}

func (c *tally) Verify(hash, password string) (bool, error) {
	c.all.Add(1)
	return c.Hasher.Verify(hash, password)
}

// TestRefusalsCostTheSame counts the work rather than the time: an unknown
// account, a disabled one and a wrong password take one hash each. For the time see
// BenchmarkRefusals, and TestRefusalsDoTheSameWork in package reference.
func TestRefusalsCostTheSame(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.must(t, s.Add(t.Context(), account.Account{Login: "off", Password: "right"}))
	s.must(t, s.Disable(t.Context(), "off"))
	hasher := &tally{Hasher: account.FastHasher{}}
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

func (unlimited) Start(context.Context, account.Attempt) (func(context.Context, account.Outcome) error, error) {
	return func(context.Context, account.Outcome) error { return nil }, nil
}
