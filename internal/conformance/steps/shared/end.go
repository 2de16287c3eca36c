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
	margin := max(minMargin, 2*w.Slowest()) + wholeSecond
	if clock, ok := w.Subject.Clock.(interface{ MoveTime() time.Duration }); ok {
		margin += clock.MoveTime() // time goes on while it is moved
	}
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
