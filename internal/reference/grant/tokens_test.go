package grant

import (
	"fmt"
	"testing"
	"time"
)

// TestLiveTokens: each is found by its own text alone, those that have ended leave with
// the next, and of too many the oldest.
func TestLiveTokens(t *testing.T) {
	t.Parallel()
	var l liveTokens
	now := time.UnixMilli(1_000_000)
	name := func(i int) string { return fmt.Sprint("token ", i) }
	add := func(i int, ends int64) { l = l.with(now, liveToken{digest(name(i)), ends}) }
	for i := range 3 {
		add(i, 1_000_000+int64(i)) // the first has ended when the second comes
	}
	if l.count() != 2 || l.ends() != 1_000_002 {
		t.Errorf("there are %d tokens, the last ends at %d; want 2 and 1000002", l.count(), l.ends())
	}
	before := l
	before.with(time.UnixMilli(1_000_001), liveToken{}) // the first of them has ended
	if _, there := before.find(name(1)); !there || before.count() != 2 {
		t.Error("tokens that were given are changed")
	}
	for i := 3; i < 3+maxLiveTokens; i++ {
		add(i, 2_000_000)
	}
	if l.count() != maxLiveTokens {
		t.Errorf("there are %d tokens, want %d", l.count(), maxLiveTokens)
	}
	for i := range 4 + maxLiveTokens {
		found, there := l.find(name(i))
		if want := i >= 3 && i < 3+maxLiveTokens; there != want || there && (found.Ends != 2_000_000 || found.Digest != digest(name(i))) {
			t.Errorf("token %d is found: %v, %+v", i, there, found)
		}
	}
}

// TestDifference: of any byte.
func TestDifference(t *testing.T) {
	t.Parallel()
	one := digest("a")
	for i := range one {
		other := one
		if difference(&one, &other) != 0 {
			t.Fatal("the same digests differ")
		}
		other[i] ^= 0x10
		if difference(&one, &other) == 0 {
			t.Errorf("digests that differ at %d are the same", i)
		}
	}
}
