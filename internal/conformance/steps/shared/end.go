package shared

import (
	"context"
	"fmt"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// Distances from an end at which a token is tried. A server may count in whole
// seconds and drop fractions, so a token may end up to a second before its
// end, and be refused up to a second after it. The clock moves in whole
// seconds, which adds up to one more before the end, and after it.
const (
	wholeSecond = time.Second
	minMargin   = 600 * time.Millisecond // for the exchange that is to arrive before the end
)

// JustBefore moves the subject's time to where an exchange still arrives a
// second before an end: from the next whole second on, as little before it as
// the subject's answers are fast.
func (w *World) JustBefore(ctx context.Context, end exchange.Span) error {
	deadline := end.Earliest.Add(-wholeSecond)
	margin := max(minMargin, 2*w.Slowest()) + wholeSecond + w.MoveTime() // time goes on while it is moved
	if err := w.MoveTo(ctx, deadline.Add(-margin)); err != nil {
		return err
	}
	w.deadline = deadline
	return nil
}

// JustAfter moves the subject's time to a second after an end.
func (w *World) JustAfter(ctx context.Context, end exchange.Span) error {
	w.deadline = time.Time{}
	return w.MoveTo(ctx, end.Latest.Add(wholeSecond))
}

// MoveTo moves the subject's time forward to at least t.
func (w *World) MoveTo(ctx context.Context, t time.Time) error {
	d := t.Sub(w.Subject.Clock.Now())
	if d <= 0 {
		return nil
	}
	if err := w.Advance(ctx, d); err != nil {
		return fmt.Errorf("move the subject's time by %s: %w", humanize.Duration(d), err)
	}
	return nil
}

// Pass lets less than some seconds go by: the subject's clock moves in whole ones.
func (w *World) Pass(ctx context.Context, d time.Duration) error {
	if clock, ok := w.Subject.Clock.(interface {
		Pass(ctx context.Context, d time.Duration) error
	}); ok {
		return clock.Pass(ctx, d)
	}
	return exchange.Sleep(ctx, d)
}

// Before sets by when the next exchange has to be over: a later answer says nothing.
func (w *World) Before(deadline time.Time) { w.deadline = deadline }

// MoveTime is how long the subject's clock took to be moved, at most.
func (w *World) MoveTime() time.Duration {
	if clock, ok := w.Subject.Clock.(interface{ MoveTime() time.Duration }); ok {
		return clock.MoveTime()
	}
	return 0
}
