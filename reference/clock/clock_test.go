package clock_test

import (
	"sync"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/reference/clock"
)

var noon = clock.Func(func() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) })

func TestOffsetSet(t *testing.T) {
	t.Parallel()
	c := clock.NewOffset(noon)
	c.Advance(time.Hour)
	want := time.Date(2030, 5, 6, 7, 8, 9, 0, time.UTC)
	c.Set(want)
	if got := c.Now(); !got.Equal(want) {
		t.Errorf("after Set, Now is %v, want %v", got, want)
	}
}

func TestOffsetAdvancesAddUp(t *testing.T) {
	t.Parallel()
	c := clock.NewOffset(noon)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { c.Advance(time.Second); c.Now() })
	}
	wg.Wait()
	if got, want := c.Now(), noon().Add(50*time.Second); !got.Equal(want) {
		t.Errorf("Now is %v, want %v", got, want)
	}
}

func TestNewOffsetOfNilIsTheSystem(t *testing.T) {
	t.Parallel()
	if d := time.Since(clock.NewOffset(nil).Now()); d < -time.Minute || d > time.Minute {
		t.Errorf("the clock is %v away from the system's", d)
	}
}
