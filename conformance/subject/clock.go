package subject

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// Clock is the subject's time: ours, plus what the subject was ahead at the
// start and what it was moved since. It is safe for concurrent use.
type Clock struct {
	root      string
	request   *manifest.Clock // nil: it cannot be moved
	transport http.RoundTripper
	now       func() time.Time

	moving sync.Mutex // one move at a time
	mu     sync.Mutex
	ahead  time.Duration
}

// NewClock is the clock of a running subject. Request is how to move it, or
// nil where there is no way.
func NewClock(r *Running, request *manifest.Clock) *Clock {
	return &Clock{root: r.HTTP, request: request, transport: r.Transport, now: time.Now, ahead: r.Ahead}
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

const clockPatience = 30 * time.Second

// Advance moves the subject's time forward by d, rounded up to whole seconds.
// Its error is a *ClockError.
func (c *Clock) Advance(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	c.moving.Lock()
	defer c.moving.Unlock()
	ctx, cancel := context.WithTimeout(ctx, clockPatience)
	defer cancel()
	seconds := (d + time.Second - 1) / time.Second
	if err := c.send(ctx, strconv.FormatInt(int64(seconds), 10)); err != nil {
		return &ClockError{err}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += seconds * time.Second
	return nil
}

func (c *Clock) send(ctx context.Context, seconds string) error {
	if c.request == nil {
		return fmt.Errorf("the manifest has no clock section")
	}
	fill := strings.NewReplacer("{seconds}", seconds)
	body := fill.Replace(c.request.Body)
	target := c.root + fill.Replace(c.request.Path)
	request, err := http.NewRequestWithContext(ctx, c.request.Method, target, strings.NewReader(body))
	if err != nil {
		return err
	}
	if strings.HasPrefix(strings.TrimSpace(body), "{") {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range c.request.Headers {
		request.Header.Set(name, value)
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)); err != nil {
		return fmt.Errorf("%s %s: %w", c.request.Method, target, err)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("%s %s answered %s; check clock in the manifest", c.request.Method, target, response.Status)
	}
	return nil
}
