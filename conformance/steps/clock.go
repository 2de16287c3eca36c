package steps

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// span is a moment of the subject's as the judge knows it: something happened
// at some moment of an exchange, so it lies between two.
type span struct{ earliest, latest time.Time }

// subjectTimes is when an answer was given by the subject's time: by the
// judge's knowledge of it, and by the answer's own Date, because the clock of
// a remote subject may be off by more than a row allows for.
func (a *Answer) subjectTimes() []span {
	times := []span{{a.Before, a.After}}
	if date, err := http.ParseTime(a.Header.Get("Date")); err == nil {
		times = append(times, span{date.Add(-a.Took), date.Add(time.Second)})
	}
	return times
}

// endOf is the end of what an answer granted for a life.
func endOf(a *Answer, life time.Duration) span {
	return span{earliest: a.Before.Add(life), latest: a.After.Add(life)}
}

// Distances from an end at which a token is tried. A server may count in whole
// seconds, the clock moves in whole seconds, and the exchange takes its time.
const (
	beforeEnd = 5 * time.Second
	afterEnd  = 2 * time.Second
)

// justBefore moves the subject's time to a few seconds before an end.
func (w *World) justBefore(ctx context.Context, end span) error {
	return w.moveTo(ctx, end.earliest.Add(-beforeEnd))
}

// justAfter moves the subject's time to a few seconds after an end.
func (w *World) justAfter(ctx context.Context, end span) error {
	return w.moveTo(ctx, end.latest.Add(afterEnd))
}

// moveTo moves the subject's time forward to at least t.
func (w *World) moveTo(ctx context.Context, t time.Time) error {
	d := t.Sub(w.subject.Clock.Now())
	if d <= 0 {
		return nil
	}
	if err := w.subject.Clock.Advance(ctx, d); err != nil {
		return fmt.Errorf("move the subject's time by %v: %w", d, err)
	}
	return nil
}
