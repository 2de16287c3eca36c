package steps

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// span is a moment of the subject's as the judge knows it: something happened
// at some moment of an exchange, so it lies between two.
type span struct{ earliest, latest time.Time }

// subjectTimes is when an answer was given by the subject's time: by the
// judge's knowledge of it, and by the answer's own Date, because the clock of
// a remote subject may be off by more than a row allows for. A Date that is far
// off is not of the clock that the judge moves.
func (a *Answer) subjectTimes() []span {
	const far = 5 * time.Minute
	times := []span{{a.Before, a.After}}
	if date, err := http.ParseTime(a.Header.Get("Date")); err == nil && date.Sub(a.After).Abs() < far {
		times = append(times, span{date.Add(-a.Took), date.Add(time.Second)})
	}
	return times
}

// endOf is the end of what an answer granted for a life.
func endOf(a *Answer, life time.Duration) span {
	return span{earliest: a.Before.Add(life), latest: a.After.Add(life)}
}

// promised is when an end that an answer names will come, by the time that the
// judge reckons with. Where the answer's Date shows that the subject's clock is
// off by a little, the end is off by as much. A Date that is far off is not of
// the clock that the judge moves.
func (a *Answer) promised(end time.Time) span {
	const little = 5 * time.Second
	date, err := http.ParseTime(a.Header.Get("Date"))
	agrees := !date.After(a.After) && !date.Add(time.Second).Before(a.Before)
	if err != nil || agrees || date.Sub(a.After).Abs() > little+a.Took {
		return span{end, end}
	}
	// When it wrote the date, it was between Before and After for the judge,
	// and between date and a second later for the subject.
	return span{earliest: end.Add(a.Before.Sub(date.Add(time.Second))), latest: end.Add(a.After.Sub(date))}
}

// Distances from an end at which a token is tried. A server may count in whole
// seconds and drop fractions, so a token may end up to a second before its
// end, and be refused up to a second after it. The clock moves in whole
// seconds, which adds up to one more before the end, and after it.
const (
	wholeSecond = time.Second
	minMargin   = 600 * time.Millisecond // for the exchange that is to arrive before the end
)

// justBefore moves the subject's time to where an exchange still arrives a
// second before an end: from the next whole second on, as little before it as
// the subject's answers are fast.
func (w *World) justBefore(ctx context.Context, end span) error {
	deadline := end.earliest.Add(-wholeSecond)
	if err := w.moveTo(ctx, deadline.Add(-max(minMargin, 2*time.Duration(w.slowest.Load()))-wholeSecond)); err != nil {
		return err
	}
	w.deadline = deadline
	return nil
}

// justAfter moves the subject's time to a second after an end.
func (w *World) justAfter(ctx context.Context, end span) error {
	w.deadline = time.Time{}
	return w.moveTo(ctx, end.latest.Add(wholeSecond))
}

// TooLateError says that an exchange was to be over before an end and was not,
// so that its answer says nothing. The scenario may be tried again.
type TooLateError struct{ By time.Duration }

func (e *TooLateError) Error() string {
	return fmt.Sprintf("the answer came %s too late to show what holds just before an end", humanize.Duration(e.By))
}

// took notes how long an exchange takes. Exchanges may run at once.
func (w *World) took(d time.Duration) {
	for {
		slowest := w.slowest.Load()
		if int64(d) <= slowest || w.slowest.CompareAndSwap(slowest, int64(d)) {
			return
		}
	}
}

// inTime checks an answer against the deadline that justBefore has set. A
// deadline is for the next exchange only.
func (w *World) inTime(a *Answer) error {
	deadline := w.deadline
	w.deadline = time.Time{}
	if by := a.After.Sub(deadline); !deadline.IsZero() && by > 0 {
		return &TooLateError{by}
	}
	return nil
}

// moveTo moves the subject's time forward to at least t.
func (w *World) moveTo(ctx context.Context, t time.Time) error {
	d := t.Sub(w.subject.Clock.Now())
	if d <= 0 {
		return nil
	}
	if err := w.advance(ctx, d); err != nil {
		return fmt.Errorf("move the subject's time by %s: %w", humanize.Duration(d), err)
	}
	return nil
}

// advance moves the subject's time and keeps that in the evidence, for what
// comes after cannot be understood without it.
func (w *World) advance(ctx context.Context, d time.Duration) error {
	began := time.Now()
	err := w.subject.Clock.Advance(ctx, d)
	if clock, ok := w.subject.Clock.(interface {
		Evidence(d time.Duration) evidence.Exchange
	}); ok && d > 0 {
		shown := clock.Evidence(d)
		shown.Took = time.Since(began)
		if err != nil {
			shown.Error = err.Error()
		}
		w.log.Add(shown)
	}
	return err
}
