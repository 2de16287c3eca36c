package audit_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

func all(audit.Event) bool { return true }

// TestRecent: the newest lines come first, each kind keeps its own, and what one kind
// has too many of displaces nothing of another.
func TestRecent(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	now := noon
	recent := audit.NewRecent(clock.Func(func() time.Time { return now }))
	recent.Record(t.Context(), audit.Event{Kind: audit.LoginFailed, Login: "ann"})
	for i := range 500 {
		now = now.Add(time.Second)
		recent.Record(t.Context(), audit.Event{Kind: audit.Renewed, Login: fmt.Sprint(i)})
	}
	lines := recent.Last(all)
	if len(lines) != 200 || lines[0].Login != "499" || lines[199].Login != "300" || !lines[0].At.Equal(now) {
		t.Errorf("%d lines from %+v to %+v", len(lines), lines[0], lines[len(lines)-1])
	}
	failed := recent.Last(func(e audit.Event) bool { return e.Kind == audit.LoginFailed })
	if len(failed) != 1 || failed[0].Login != "ann" || !failed[0].At.Equal(noon) {
		t.Errorf("the failed logins are %+v", failed)
	}
}

// TestRecentKeepsNoUnknownLogin: a name that no account has may be a password, and a
// part of a long text does not keep the whole.
func TestRecentKeepsNoUnknownLogin(t *testing.T) {
	t.Parallel()
	recent := audit.NewRecent(nil)
	recent.Record(t.Context(), audit.Event{Kind: audit.LoginFailed, Login: "hunter2 hunter2", Unknown: true, Address: "192.0.2.7"})
	if lines := recent.Last(all); len(lines) != 1 || strings.Contains(fmt.Sprint(lines), "hunter2") || lines[0].Address != "192.0.2.7" {
		t.Errorf("the lines are %+v", lines)
	}
	before := heap()
	for range 200 {
		recent.Record(t.Context(), audit.Event{Kind: audit.LoginFailed, Login: strings.Repeat("x", 1<<20)})
	}
	if grown := heap() - before; grown > 50<<20 {
		t.Errorf("200 lines keep %d bytes", grown)
	}
	if lines := recent.Last(all); len(lines[0].Login) != 256 {
		t.Errorf("a login has %d bytes", len(lines[0].Login))
	}
}

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
