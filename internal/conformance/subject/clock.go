package subject

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// Clock is the subject's time: ours, plus what the subject was ahead at the
// start and what it was moved since. It is safe for concurrent use.
type Clock struct {
	root      string
	declared  *manifest.Clock // nil: it cannot be moved
	transport http.RoundTripper
	run       func(ctx context.Context, words []string) error // where the subject is
	inside    bool                                            // a container
	now       func() time.Time
	sleep     func(context.Context, time.Duration) error

	moving sync.Mutex // one move at a time
	mu     sync.Mutex
	ahead  time.Duration
	moved  time.Duration // of it, by the judge
	took   time.Duration // the slowest move
	lag    time.Duration // how long after a move the subject's time follows
}

// NewClock is the clock of a running subject. Declared is how to move it, or
// nil where there is no way.
func NewClock(r *Running, declared *manifest.Clock) *Clock {
	run, inside := r.run, r.run != nil
	if run == nil && declared != nil {
		run = func(ctx context.Context, words []string) error { return runHere(ctx, declared.Dir, words) }
	}
	sleep := r.sleep
	if sleep == nil {
		sleep = exchange.Sleep
	}
	return &Clock{sleep: sleep, root: r.HTTP, declared: declared, transport: r.Transport, run: run, inside: inside, now: Options{Now: r.now}.now(), ahead: r.Ahead}
}

// ClockError says that the subject's time could not be moved. It blames the
// environment, not the subject's dialects.
type ClockError struct{ Err error }

func (e *ClockError) Error() string { return "the subject's clock was not moved: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *ClockError) Unwrap() error { return e.Err }

// Now is the subject's present time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now().Add(c.ahead)
}

// Learn takes the subject's present time from what the subject says itself,
// where its Date does not tell.
func (c *Clock) Learn(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = now.Sub(c.now())
}

// IgnoreDate reckons with nothing but the judge's own moves: the Date that the
// subject's time was read from is not of the clock that moves.
func (c *Clock) IgnoreDate() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = c.moved
}

// Lags says how long after a move the subject's time follows. From then on a move
// ends only when it has.
func (c *Clock) Lags(lag time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lag = lag
}

// MoveTime is how long the slowest move took by now.
func (c *Clock) MoveTime() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.took
}

// BudgetError says that the manifest does not allow to wait as long as a
// scenario has to. It blames nobody.
type BudgetError struct{ Needed, Budget time.Duration }

func (e *BudgetError) Error() string {
	return fmt.Sprintf("it takes %s of real waiting, and clock.wait allows %s at a time; allow more, or declare how to move the subject's clock",
		humanize.Duration(e.Needed), humanize.Duration(e.Budget))
}

const clockTimeout = 30 * time.Second

// Advance moves the subject's time forward by d, rounded up to whole seconds, or
// lets as much time pass. Its error is a *ClockError or a *BudgetError.
func (c *Clock) Advance(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	c.moving.Lock()
	defer c.moving.Unlock()
	if c.declared != nil && c.declared.Wait > 0 {
		return c.wait(ctx, d)
	}
	ctx, cancel := context.WithTimeout(ctx, clockTimeout)
	defer cancel()
	seconds := (d + time.Second - 1) / time.Second
	began := time.Now()
	if err := c.move(ctx, strconv.FormatInt(int64(seconds), 10)); err != nil {
		return &ClockError{err}
	}
	if err := c.follow(ctx); err != nil {
		return &ClockError{err}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += seconds * time.Second
	c.moved += seconds * time.Second
	c.took = max(c.took, time.Since(began))
	return nil
}

// Pass lets time go on, ours and with it the subject's, for less than what the clock
// can be moved by.
func (c *Clock) Pass(ctx context.Context, d time.Duration) error { return c.sleep(ctx, d) }

// follow waits until the subject's time has followed a move.
func (c *Clock) follow(ctx context.Context) error {
	c.mu.Lock()
	lag := c.lag
	c.mu.Unlock()
	return exchange.Sleep(ctx, lag)
}

// wait really lets time pass.
func (c *Clock) wait(ctx context.Context, d time.Duration) error {
	if d > c.declared.Wait {
		return &BudgetError{Needed: d, Budget: c.declared.Wait}
	}
	if err := exchange.Sleep(ctx, d); err != nil {
		return &ClockError{err}
	}
	return nil
}

// Evidence shows how the time is moved by d, as an exchange of a scenario.
func (c *Clock) Evidence(d time.Duration) evidence.Exchange {
	shown := evidence.Exchange{Transport: "clock"}
	if c.declared == nil {
		return shown
	}
	fill := strings.NewReplacer("{seconds}", strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10))
	switch {
	case c.declared.Wait > 0:
		shown.Method, shown.URL = "wait", d.String()
	case len(c.declared.Command) > 0:
		shown.Method, shown.URL = "run", evidence.ShellLine(filled(fill, c.declared.Command)...)
		switch {
		case c.inside:
			shown.Method = "exec"
		case c.declared.Dir != "":
			shown.URL = "(cd " + evidence.ShellWord(c.declared.Dir) + " && " + shown.URL + ")"
		}
	default:
		shown.Method, shown.URL, shown.RequestBody = c.declared.Method, c.root+fill.Replace(c.declared.Path), fill.Replace(c.declared.Body)
		shown.RequestHeader = c.header(shown.RequestBody)
	}
	return shown
}

// header is that of the request with a body.
func (c *Clock) header(body string) http.Header {
	header := http.Header{}
	if strings.HasPrefix(strings.TrimSpace(body), "{") {
		header.Set("Content-Type", "application/json")
	}
	for name, value := range c.declared.Headers {
		header.Set(name, value)
	}
	return header
}

// move moves the time in the declared way.
func (c *Clock) move(ctx context.Context, seconds string) error {
	if c.declared == nil {
		return fmt.Errorf("the manifest has no clock section")
	}
	fill := strings.NewReplacer("{seconds}", seconds)
	if len(c.declared.Command) == 0 {
		return c.send(ctx, fill)
	}
	words := filled(fill, c.declared.Command)
	if err := c.run(ctx, words); err != nil {
		return fmt.Errorf("%s: %w; check clock.command in the manifest", words[0], err)
	}
	return nil
}

// filled is a command with the seconds in their place.
func filled(fill *strings.Replacer, command []string) []string {
	words := slices.Clone(command)
	for i, word := range words {
		words[i] = fill.Replace(word)
	}
	return words
}

func (c *Clock) send(ctx context.Context, fill *strings.Replacer) error {
	body := fill.Replace(c.declared.Body)
	target := c.root + fill.Replace(c.declared.Path)
	request, err := http.NewRequestWithContext(ctx, c.declared.Method, target, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header = c.header(body)
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("%s %s got no answer: %w; check clock in the manifest", c.declared.Method, evidence.Quote(target), err)
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)); err != nil {
		return fmt.Errorf("%s %s: %w", c.declared.Method, evidence.Quote(target), err)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("%s %s answered %s; check clock in the manifest", c.declared.Method, evidence.Quote(target), evidence.Quote(response.Status))
	}
	return nil
}
