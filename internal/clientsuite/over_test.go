package clientsuite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"
)

// TestAnAnswerCountsThoughTheRunIsOver: only what a hosted client has not done by the end
// of a run is untestable, not what it did just before.
func TestAnAnswerCountsThoughTheRunIsOver(t *testing.T) {
	t.Parallel()
	host := NewHost()
	host.End()
	w := &world{options: Options{Host: host, Timeout: time.Minute}}
	client, err := converse(t.Context(), Func(func(_ context.Context, _ Environment, in io.Reader, out, _ io.Writer) error {
		_, _ = fmt.Fprintln(out, wordReady)
		lines := newLines(in)
		lines.Scan()
		_, _ = fmt.Fprintln(out, Answer{"200": 1})
		lines.Scan()
		return errOver
	}), Environment{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.kill()
	if answer, err := w.tell(t.Context(), client, "call GET /things"); err != nil || answer["200"] != 1 {
		t.Errorf("a call that was made: %v, %v", answer, err)
	}
	var unproven *unprovenError
	if answer, err := w.tell(t.Context(), client, "call GET /things"); !errors.As(err, &unproven) {
		t.Errorf("a call that was not made: %v, %v", answer, err)
	}
}

// TestTimeoutGrowsWithTheCalls: ten thousand calls may take longer than one.
func TestTimeoutGrowsWithTheCalls(t *testing.T) {
	t.Parallel()
	o := Options{Timeout: time.Minute}
	for command, want := range map[string]time.Duration{
		"": time.Minute, "call GET /users": time.Minute, "parallel 50 GET /users": 61 * time.Second, "parallel 10000 GET /users": 260 * time.Second, "parallel": time.Minute,
	} {
		if got := o.timeout(command); got != want {
			t.Errorf("%q may take %s, want %s", command, got, want)
		}
	}
}
