package exchange

import (
	"fmt"
	"net/http"
	"time"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// Span is a moment of the subject's as the judge knows it: something happened
// at some moment of an exchange, so it lies between two.
type Span struct{ Earliest, Latest time.Time }

// Moment is a Span of no length.
func Moment(t time.Time) Span { return Span{t, t} }

// Times are when an answer was given by the subject's time: by the judge's
// knowledge of it, and by the answer's own Date, because the clock of a remote
// subject may be off by more than a row allows for. A Date that is far off is
// not of the clock that the judge moves.
func (a *Answer) Times() []Span {
	const far = 5 * time.Minute
	times := []Span{{a.Before, a.After}}
	if a.Undated {
		return times
	}
	if date, err := http.ParseTime(a.Header.Get("Date")); err == nil && date.Sub(a.After).Abs() < far {
		times = append(times, Span{date.Add(-a.Took), date.Add(time.Second)})
	}
	return times
}

// EndAfter is the end of what an answer granted for a life.
func (a *Answer) EndAfter(life time.Duration) Span {
	return Span{Earliest: a.Before.Add(life), Latest: a.After.Add(life)}
}

// EndAt is when an end that an answer names will come, by the time that the
// judge reckons with. Where the answer's Date shows that the subject's clock is
// off by a little, the end is off by as much. A Date that is far off is not of
// the clock that the judge moves.
func (a *Answer) EndAt(end time.Time) Span {
	const little = 5 * time.Second
	date, err := http.ParseTime(a.Header.Get("Date"))
	agrees := !date.After(a.After) && !date.Add(time.Second).Before(a.Before)
	if err != nil || a.Undated || agrees || date.Sub(a.After).Abs() > little+a.Took {
		return Moment(end)
	}
	// When it wrote the date, it was between Before and After for the judge,
	// and between date and a second later for the subject.
	return Span{Earliest: end.Add(a.Before.Sub(date.Add(time.Second))), Latest: end.Add(a.After.Sub(date))}
}

// UnknownTimeError says that a row is about the subject's present time, and
// nobody knows it: its Date does not follow the clock that the judge moves, and
// no answer of its own tells. It blames nobody.
type UnknownTimeError struct{}

func (*UnknownTimeError) Error() string {
	return "the subject's present time is not known: its Date does not follow its clock, which an earlier run may have moved; start it afresh, or let Date follow"
}

// UntriedError says that a row could not be tried, and why. It blames nobody.
type UntriedError struct{ Why string }

func (e *UntriedError) Error() string { return e.Why }

// LackingError says that a step could not be done, because an answer that the set-up of
// the scenario got lacks what it needs. Rows that the set-up relies on are to blame.
type LackingError struct{ What string }

func (e *LackingError) Error() string { return "this step needs " + e.What + ", and no answer had one" }

// InTime checks that an answer came before a deadline; the zero deadline is
// never over. The error is a *TooLateError.
func (a *Answer) InTime(deadline time.Time) error {
	if by := a.After.Sub(deadline); !deadline.IsZero() && by > 0 {
		return &TooLateError{by}
	}
	return nil
}

// TooLateError says that an exchange was to be over before an end and was not,
// so that its answer says nothing. The scenario may be tried again.
type TooLateError struct{ By time.Duration }

func (e *TooLateError) Error() string {
	return fmt.Sprintf("the answer came %s too late to show what holds just before an end", humanize.Duration(e.By))
}
