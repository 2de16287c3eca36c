package exchange

import (
	"net/http"
	"testing"
	"time"
)

// TestDateCounts: a Date that is a little off corrects the judge's time, one
// that is far off does not, and one that is not of the moved clock never.
func TestDateCounts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	end := now.Add(time.Hour)
	for name, tt := range map[string]struct {
		date    time.Duration
		undated bool
		times   int
		off     time.Duration // of the end's earliest moment
	}{
		"agrees":              {0, false, 2, 0},
		"a little behind":     {-3 * time.Second, false, 2, 2 * time.Second},
		"far behind":          {-time.Hour, false, 1, 0},
		"of another clock":    {-3 * time.Second, true, 1, 0},
		"agrees, by accident": {0, true, 1, 0},
	} {
		a := &Answer{Before: now, After: now, Undated: tt.undated, Header: http.Header{"Date": {now.Add(tt.date).Format(http.TimeFormat)}}}
		if got := len(a.Times()); got != tt.times {
			t.Errorf("%s: %d times", name, got)
		}
		if off := a.EndAt(end).Earliest.Sub(end); off != tt.off {
			t.Errorf("%s: the end is off by %s", name, off)
		}
	}
}
