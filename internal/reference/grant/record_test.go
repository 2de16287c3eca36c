package grant

import (
	"testing"
	"time"
)

// TestWhenASessionIsSwept: a long one at most an hour after its end, at the same moment
// after most of its refreshes; everything else at its end.
func TestWhenASessionIsSwept(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	session := func(now time.Time, life time.Duration) time.Time {
		made := now.UnixMilli()
		r := record{Issued: made, Refresh: &refreshState{Made: made, Ends: made + life.Milliseconds()}}
		return r.stored(kindSession, "id").Expires
	}
	const month = 30 * 24 * time.Hour
	for minute, want := range map[time.Duration]time.Duration{0: 0, 1: 60, 59: 60, 60: 60, 61: 120} {
		if got := session(noon.Add(minute*time.Minute), month); !got.Equal(noon.Add(month + want*time.Minute)) {
			t.Errorf("a session that was refreshed %d minutes after noon may be swept at %v", minute, got)
		}
	}
	if got := session(noon.Add(time.Minute), time.Hour); !got.Equal(noon.Add(61 * time.Minute)) {
		t.Errorf("a session of an hour may be swept at %v", got)
	}
	r := record{Tokens: appendToken(nil, liveToken{Ends: noon.Add(month + 1).UnixMilli()})}
	if got := r.stored(kindForm, "id").Expires; !got.Equal(r.ends()) {
		t.Errorf("a token may be swept at %v", got)
	}
}
