package scoped

import (
	"context"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// Ends are announced in milliseconds, so they are judged to a fraction of a second, by
// what the subject itself says the time is. A subject all of whose times are whole
// seconds counts in these.
const (
	nearEnd   = 200 * time.Millisecond
	nearWhole = time.Second
)

// slack is the time for a request that is to arrive before the end: little, and more
// where answers take long, or one has come too late already.
func (s *steps) slack() time.Duration {
	const least, most = 40 * time.Millisecond, 3 * time.Second
	return max(least, 2*s.Slowest(), min(4*s.Subject.Lateness(), most))
}

// registerEnds binds the steps about a token's end to a fraction of a second.
func (s *steps) registerEnds() {
	s.Step(`^it is 0\.2 seconds before the token's end by the subject's own time$`, s.shortlyBefore)
	s.Step(`^it is 0\.2 seconds after the token's end by the subject's own time$`, s.shortlyAfter)
}

// ownTime is how far the subject's own time is from the judge's knowledge of it: an
// answer told issuedAt at some moment of its exchange, so it lies in a span.
type ownTime struct {
	least, most time.Duration
	near        time.Duration // to what its ends are judged
}

// readOwnTime asks for a token, for its issuedAt. The end is one that the subject has
// announced.
func (s *steps) readOwnTime(ctx context.Context, end time.Time) (ownTime, error) {
	token, err := s.get(ctx, s.CredentialsRequest(s.Full(), dialect.Issue{}), dialect.Issue{})
	if err != nil {
		return ownTime{}, err
	}
	issued, err := timeIn(token.answer, "issuedAt")
	if err != nil {
		return ownTime{}, err
	}
	own := ownTime{
		least: issued.Sub(token.answer.After), most: issued.Sub(token.answer.Before) + time.Millisecond, near: nearEnd,
	}
	if issued.Nanosecond() == 0 && end.Nanosecond() == 0 {
		own.near = nearWhole
		own.most += time.Second // a fraction may have been dropped
	}
	return own, nil
}

// announcedEnd is the end that the token's answer promises.
func (s *steps) announcedEnd() (time.Time, error) {
	token, err := s.named("the token")
	if err != nil {
		return time.Time{}, err
	}
	return timeIn(token.answer, "expiresAt")
}

// timeIn reads a time in milliseconds. That it is none, or in seconds, is for other rows.
func timeIn(a *exchange.Answer, member string) (time.Time, error) {
	millis, err := a.WholeNumber(member)
	if err != nil || millis < leastMillis {
		return time.Time{}, &exchange.LackingError{What: member + " in milliseconds"}
	}
	return time.UnixMilli(millis), nil
}

// shortlyBefore moves the time to some seconds before the end, asks the subject what
// time it is, and waits for what is left. The next answer has to come before the end is
// near, whatever of the span is true.
func (s *steps) shortlyBefore(ctx context.Context) error {
	end, err := s.announcedEnd()
	if err != nil {
		return err
	}
	own, err := s.readOwnTime(ctx, end)
	if err != nil {
		return err
	}
	slack := s.slack()
	last := end.Add(-own.near - own.most) // by the judge's knowledge of the subject's time
	left := last.Sub(s.Subject.Clock.Now()) - 2*slack - s.MoveTime()
	if err := s.Advance(ctx, left.Truncate(time.Second)); err != nil {
		return err
	}
	if own, err = s.readOwnTime(ctx, end); err != nil { // the move took some time, too
		return err
	}
	last = end.Add(-own.near - own.most)
	if err := s.Pass(ctx, last.Add(-slack).Sub(s.Subject.Clock.Now())); err != nil {
		return err
	}
	s.Before(last)
	return nil
}

// shortlyAfter waits until the end has been passed, whatever of the span is true.
func (s *steps) shortlyAfter(ctx context.Context) error {
	end, err := s.announcedEnd()
	if err != nil {
		return err
	}
	own, err := s.readOwnTime(ctx, end)
	if err != nil {
		return err
	}
	return s.Pass(ctx, end.Add(own.near-own.least).Sub(s.Subject.Clock.Now()))
}
