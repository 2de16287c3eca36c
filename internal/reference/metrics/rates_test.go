package metrics_test

import (
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/metrics"
	"github.com/dragoman-auth/dragoman/internal/reference/observer"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

func sum(counts [metrics.Hour]int) (all int) {
	for _, n := range counts {
		all += n
	}
	return all
}

// TestLastHour: events are counted in their minute, move with it to the front, and go
// after an hour.
func TestLastHour(t *testing.T) {
	t.Parallel()
	c := clock.NewOffset(clock.Func(func() time.Time { return time.Date(2026, 1, 2, 12, 0, 30, 0, time.UTC) }))
	m := metrics.New(c)
	record := func(kinds ...audit.Kind) {
		for _, kind := range kinds {
			m.Record(t.Context(), audit.Event{Kind: kind, Dialect: "form"})
		}
	}
	record(audit.LoginSucceeded, audit.LoginSucceeded, audit.LoginFailed, audit.LoginThrottled, audit.Renewed, audit.Issued, audit.KeyUsed)
	for _, status := range []string{"200", "429", "500", "503", "OK", "Unavailable", "NotFound", "50"} {
		m.Request(observer.Request{Dialect: "form", Route: "other", Status: status})
	}
	c.Advance(time.Minute)
	record(audit.LoginFailed)
	for rate, want := range map[metrics.Rate][2]int{
		metrics.LoginsSucceeded: {2, 0}, metrics.LoginsFailed: {1, 1}, metrics.LoginsThrottled: {1, 0}, metrics.Renewals: {1, 0}, metrics.Errors: {3, 0},
	} {
		counts := m.LastHour(rate)
		if counts[58] != want[0] || counts[59] != want[1] || sum(counts) != want[0]+want[1] {
			t.Errorf("rate %d: %v, want %v at the end", rate, counts, want)
		}
	}
	c.Advance(58 * time.Minute)
	if counts := m.LastHour(metrics.LoginsFailed); counts[0] != 1 || counts[1] != 1 || sum(counts) != 2 {
		t.Errorf("after 59 minutes the failed logins are %v", counts)
	}
	c.Advance(time.Minute)
	if counts := m.LastHour(metrics.LoginsFailed); counts[0] != 1 || sum(counts) != 1 {
		t.Errorf("after an hour the failed logins are %v", counts)
	}
	c.Advance(-30 * time.Minute)
	record(audit.LoginFailed)
	if counts := m.LastHour(metrics.LoginsFailed); counts[59] != 1 || sum(counts) != 2 {
		t.Errorf("with a clock that was set back they are %v", counts)
	}
	c.Advance(30 * time.Minute)
	if counts := m.LastHour(metrics.LoginsFailed); counts[59] != 1 || sum(counts) != 2 {
		t.Errorf("when the clock has come there again they are %v", counts)
	}
	c.Advance(1000 * time.Hour)
	if counts := m.LastHour(metrics.LoginsFailed); sum(counts) != 0 {
		t.Errorf("long afterwards they are %v", counts)
	}
}
