package subject

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

func TestClockByCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clock := NewClock(&Running{}, &manifest.Clock{Command: []string{"sh", "-c", "echo {seconds} >>moves"}, Dir: dir})
	before := clock.Now()
	if err := clock.Advance(t.Context(), 90500*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	moves, err := os.ReadFile(filepath.Join(dir, "moves"))
	if err != nil || string(moves) != "91\n" {
		t.Errorf("the command got %q (%v)", moves, err)
	}
	if moved := clock.Now().Sub(before); moved < 91*time.Second || moved > 95*time.Second {
		t.Errorf("the clock moved by %v", moved)
	}
	shown := clock.Evidence(time.Minute) // is a line of the shell, which does the same from anywhere
	if out, err := exec.CommandContext(t.Context(), "sh", "-c", shown.URL).CombinedOutput(); shown.Method != "run" || err != nil {
		t.Errorf("the evidence is %+v; it says %s (%v)", shown, out, err)
	}
	if moves, err = os.ReadFile(filepath.Join(dir, "moves")); err != nil || string(moves) != "91\n60\n" {
		t.Errorf("after the line of the evidence the command got %q (%v)", moves, err)
	}
}

func TestClockByCommandThatFails(t *testing.T) {
	t.Parallel()
	clock := NewClock(&Running{}, &manifest.Clock{Command: []string{"sh", "-c", "echo no such clock {seconds}; exit 3"}})
	before := clock.Now()
	err := clock.Advance(t.Context(), time.Hour)
	var blamed *ClockError
	if !errors.As(err, &blamed) || !strings.Contains((*evidence.Secrets)(nil).HideIn(err.Error()), `exit status 3; it printed: "no such clock 3600"; check clock.command`) {
		t.Errorf("the error is %v", err)
	}
	if clock.Now().Sub(before) > time.Minute {
		t.Error("it moved anyway")
	}
}

// TestClockInsideTheSubject: a subject in a container has its commands run there.
func TestClockInsideTheSubject(t *testing.T) {
	t.Parallel()
	var got []string
	inside := func(_ context.Context, words []string) error { got = words; return nil }
	clock := NewClock(&Running{run: inside}, &manifest.Clock{Command: []string{"set-clock", "+{seconds}"}})
	if err := clock.Advance(t.Context(), time.Minute); err != nil || strings.Join(got, " ") != "set-clock +60" {
		t.Errorf("%q was run (%v)", got, err)
	}
}

// TestClockThatLags: a move ends when the subject's time has followed.
func TestClockThatLags(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clock := NewClock(&Running{run: func(context.Context, []string) error { return nil }, Ahead: time.Hour}, &manifest.Clock{Command: []string{"set-clock"}})
		clock.Lags(2 * time.Second)
		began := time.Now()
		if err := clock.Advance(t.Context(), time.Minute); err != nil || time.Since(began) != 2*time.Second || clock.MoveTime() != 2*time.Second {
			t.Errorf("it took %s, and says %s (%v)", time.Since(began), clock.MoveTime(), err)
		}
		clock.IgnoreDate()
		if ahead := time.Until(clock.Now()); ahead != time.Minute {
			t.Errorf("without Date it is %s ahead", ahead)
		}
		clock.Learn(time.Now().Add(24 * time.Hour))
		if ahead := time.Until(clock.Now()); ahead != 24*time.Hour {
			t.Errorf("it has learned to be %s ahead", ahead)
		}
	})
}

func TestClockByWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clock := NewClock(&Running{}, &manifest.Clock{Wait: 15 * time.Minute})
		began := time.Now()
		if err := clock.Advance(t.Context(), 10*time.Minute); err != nil || time.Since(began) != 10*time.Minute {
			t.Errorf("it waited %v (%v)", time.Since(began), err)
		}
		if ahead := time.Until(clock.Now()); ahead != 0 {
			t.Errorf("a clock that was not moved is %v ahead", ahead)
		}
		err := clock.Advance(t.Context(), 24*time.Hour)
		var budget *BudgetError
		if !errors.As(err, &budget) || !strings.Contains(err.Error(), "1 day of real waiting, and clock.wait allows 15 minutes") || time.Since(began) != 10*time.Minute {
			t.Errorf("beyond the budget: %v, after %v", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var blamed *ClockError
		if err := clock.Advance(ctx, 5*time.Minute); !errors.As(err, &blamed) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("interrupted: %v", err)
		}
	})
}
