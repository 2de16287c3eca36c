package conformance

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
)

// TestProgress: people hear every ten seconds how far a run is, and of each wait.
func TestProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := &testCase{row: &row{Requirement: &catalogue.Requirement{ID: "FRM-01"}}, scenario: &catalogue.Scenario{Name: "one"}}
		second := &testCase{row: first.row, scenario: &catalogue.Scenario{Name: "two"}}
		left := &testCase{row: first.row, result: report.Scenario{Outcome: report.Unproven}}
		var mu sync.Mutex
		var told []string
		p := newProgress(func(line string) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, line)
		}, &plan{rows: []*row{{cases: []*testCase{first, second, left}}}})
		stop := p.start()
		ended := p.runs(first)
		<-time.After(progressEvery + time.Second)
		ended()
		ended = p.runs(second)
		again := p.runs(first) // it is tried once more, alone
		<-time.After(progressEvery)
		ended()
		again()
		p.waits(15*time.Minute, "the subject's time has to pass")
		stop()
		<-time.After(time.Hour)
		want := []string{
			"0 of 2 scenarios are done; FRM-01 runs: one",
			"1 of 2 scenarios are done; FRM-01 runs: two",
			"waiting for 15 minutes, until " + time.Date(2000, 1, 1, 0, 15, 21, 0, time.UTC).In(time.Local).Format(time.TimeOnly) + ": the subject's time has to pass",
		}
		if !slices.Equal(told, want) {
			t.Errorf("got  %q\nwant %q", told, want)
		}
		if line := p.line(); line != "2 of 2 scenarios are done" {
			t.Errorf("at the end: %s", line)
		}
	})
	(&progress{say: func(string) { panic("at the line") }}).tell()
	nobody := newProgress(nil, &plan{})
	nobody.runs(&testCase{})()
	nobody.waits(time.Hour, "")
	nobody.start()()
}
