package exchange

import (
	"context"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// Advance moves the subject's time and keeps that in the evidence, for what
// comes after cannot be understood without it.
func (c *Client) Advance(ctx context.Context, d time.Duration) error {
	began := time.Now()
	if clock := c.Subject.Manifest.Clock; clock != nil && clock.Wait >= d {
		c.Subject.waits(d, "the subject's time has to pass")
	}
	err := c.Subject.Clock.Advance(ctx, d)
	if clock, ok := c.Subject.Clock.(interface {
		Evidence(d time.Duration) evidence.Exchange
	}); ok && d > 0 {
		shown := clock.Evidence(d)
		shown.Took = time.Since(began)
		if err != nil {
			shown.Error = err.Error()
		}
		c.Log.Add(shown)
	}
	return err
}

// Wait lets time pass for the subject: by its clock where there is one, else by
// really waiting.
func (c *Client) Wait(ctx context.Context, d time.Duration) error {
	if c.Subject.Manifest.Clock != nil {
		return c.Advance(ctx, d)
	}
	c.Subject.waits(d, "a limit of the subject's has to end")
	return Sleep(ctx, d)
}

// longWait is a wait that people are told of.
const longWait = 5 * time.Second

func (s *Subject) waits(d time.Duration, why string) {
	if s.Waits != nil && d >= longWait {
		s.Waits(d, why)
	}
}
