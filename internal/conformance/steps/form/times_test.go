package form

import (
	"net/http"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// TestAnnounces holds validTo against what the judge knows of the subject's
// time, and against a Date only where that can be of the same clock.
func TestAnnounces(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const life = 30 * 24 * time.Hour
	for name, c := range map[string]struct {
		date, validTo time.Time
		want          bool
	}{
		"right":                               {now, now.Add(life), true},
		"a second less than a minute early":   {now, now.Add(life - 59*time.Second), true},
		"two minutes early":                   {now, now.Add(life - 2*time.Minute), false},
		"by a clock that is two minutes slow": {now.Add(-2 * time.Minute), now.Add(life - 2*time.Minute), true},
		"by a Date that was not moved":        {now.Add(-24 * time.Hour), now.Add(life - 24*time.Hour), false},
		"right beside such a Date":            {now.Add(-24 * time.Hour), now.Add(life), true},
	} {
		a := &exchange.Answer{Before: now, After: now, Header: http.Header{"Date": {c.date.Format(http.TimeFormat)}}}
		if got := announces(a, c.validTo, life); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
