package scoped

import (
	"context"
	"fmt"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// registerIssue binds the steps about tokens that credentials obtain, and about
// how long a token lives.
func (s *steps) registerIssue() {
	s.Step(`^the full account asks for a token$`, func(ctx context.Context) error { return s.askFor(ctx, dialect.Issue{}) })
	s.Step(`^the full account asks for a token for "([^"]*)"$`, s.askForLife)
	s.Step(`^the full account asks for a token for the scopes "([^"]*)"$`, s.askForScopes)
	s.Step(`^the body (.+) is sent to the login$`, s.sendToLogin)
	s.Step(`^a token$`, func(ctx context.Context) error { return s.have(ctx, &s.token, dialect.Issue{}) })
	s.Step(`^another token$`, func(ctx context.Context) error { return s.have(ctx, &s.other, dialect.Issue{}) })
	s.Step(`^a managing token$`, func(ctx context.Context) error { return s.have(ctx, &s.managing, dialect.Issue{}) })
	s.Step(`^a token for "([^"]*)"$`, s.haveForLife)
	s.Step(`^a token for the scopes "([^"]*)"$`, s.haveForScopes)
	s.Step(`^a token for "([^"]*)" and the scopes "([^"]*)"$`, s.haveForBoth)
	s.Step(`^a managing token for the scopes "([^"]*)"$`, s.haveManagingForScopes)
	s.Step(`^a token of the limited account$`, s.haveLimited)

	s.Step(`^"issuedAt" is a time of today in milliseconds$`, s.issuedToday)
	s.Step(`^it lives for (\d+) seconds$`, s.livesFor)
	s.Step(`^it lives for the declared default life, to the second$`, func() error { return s.lives(s.declared.DefaultLife) })
	s.Step(`^it lives for 5 years of 365 days or of the calendar$`, s.livesFiveYears)
	s.registerEnds()
	s.Step(`^it is just before the token's end$`, func(ctx context.Context) error { return s.moveToEnd(ctx, s.JustBefore) })
	s.Step(`^it is just after the token's end$`, func(ctx context.Context) error { return s.moveToEnd(ctx, s.JustAfter) })
}

// askFor sends the right credentials; what they obtain becomes the token.
func (s *steps) askFor(ctx context.Context, asked dialect.Issue) (err error) {
	s.token, err = s.ask(ctx, s.CredentialsRequest(s.Full(), asked), asked)
	return err
}

func (s *steps) askForLife(ctx context.Context, life string) error {
	return s.askFor(ctx, dialect.Issue{Life: life})
}

func (s *steps) askForScopes(ctx context.Context, scopes string) error {
	return s.askFor(ctx, dialect.Issue{Scopes: s.scopes(scopes)})
}

// sendToLogin posts a text as it stands, its names filled in.
func (s *steps) sendToLogin(ctx context.Context, body string) error {
	s.Subject.Secrets.Add("password", s.Full().Password)
	_, err := s.Send(ctx, exchange.NewRequest("POST", s.declared.Prefix+s.declared.Auth).WithBody("application/json", s.names.Replace(body)))
	return err
}

// have obtains a token that a scenario starts with.
func (s *steps) have(ctx context.Context, token **scopedToken, asked dialect.Issue) (err error) {
	*token, err = s.get(ctx, s.CredentialsRequest(s.Full(), asked), asked)
	return err
}

func (s *steps) haveForLife(ctx context.Context, life string) error {
	return s.have(ctx, &s.token, dialect.Issue{Life: life})
}

func (s *steps) haveForScopes(ctx context.Context, scopes string) error {
	return s.have(ctx, &s.token, dialect.Issue{Scopes: s.scopes(scopes)})
}

func (s *steps) haveForBoth(ctx context.Context, life, scopes string) error {
	return s.have(ctx, &s.token, dialect.Issue{Life: life, Scopes: s.scopes(scopes)})
}

func (s *steps) haveManagingForScopes(ctx context.Context, scopes string) error {
	return s.have(ctx, &s.managing, dialect.Issue{Scopes: s.scopes(scopes)})
}

func (s *steps) haveLimited(ctx context.Context) (err error) {
	limited := s.declared.Accounts.Limited
	if limited == nil {
		return fmt.Errorf("the manifest declares no limited account")
	}
	who := dialect.Credentials{Login: limited.Login, Password: limited.Password}
	s.token, err = s.get(ctx, s.LoginRequest(who), dialect.Issue{})
	return err
}

// issuedToday tells milliseconds from seconds and from microseconds.
func (s *steps) issuedToday() error {
	const aDay = 24 * time.Hour
	a, err := s.Answer()
	if err != nil {
		return err
	}
	issuedAt, err := a.WholeNumber("issuedAt")
	if err == nil {
		err = s.Subject.KnowsTime()
	}
	if err != nil {
		return err
	}
	if issued := time.UnixMilli(issuedAt); issued.Before(a.Before.Add(-aDay)) || issued.After(a.After.Add(aDay)) {
		return fmt.Errorf("expected issuedAt to be now in milliseconds since 1970, about %d, got %d", a.After.UnixMilli(), issuedAt)
	}
	return nil
}

func (s *steps) livesFor(seconds int) error {
	return s.lives(time.Duration(seconds) * time.Second)
}

// lives compares the life that the last answer grants, to the second: a whole
// second off is off.
func (s *steps) lives(expected time.Duration) error {
	issued, expires, err := s.lifetime()
	if err != nil {
		return err
	}
	if !reaches(issued, expires, func(t time.Time) time.Time { return t.Add(expected) }) {
		return fmt.Errorf("expected a life of %s, got %s (until expiresAt %d)",
			humanize.Duration(expected), humanize.Duration(expires.Sub(issued.Latest)), expires.UnixMilli())
	}
	return nil
}

func (s *steps) livesFiveYears() error {
	const years = 5
	issued, expires, err := s.lifetime()
	if err != nil {
		return err
	}
	byDays := func(t time.Time) time.Time { return t.AddDate(0, 0, years*365) }
	byCalendar := func(t time.Time) time.Time { return t.AddDate(years, 0, 0) }
	if !reaches(issued, expires, byDays) && !reaches(issued, expires, byCalendar) {
		return fmt.Errorf("expected five years, until %s or %s, got %s", byDays(issued.Latest).Format(time.RFC3339),
			byCalendar(issued.Latest).Format(time.RFC3339), expires.Format(time.RFC3339))
	}
	return nil
}

// reaches says whether a life from some moment of a exchange.Span leads to an end.
func reaches(from exchange.Span, end time.Time, life func(time.Time) time.Time) bool {
	return end.Sub(life(from.Latest)) < time.Second && life(from.Earliest).Sub(end) < time.Second
}

// leastMillis is in 1973; as seconds it is in 5138.
const leastMillis = 1e11

// lifetime reads from when until when the last answer's token lives. An answer
// that does not say from when, as POST /tokens may, was given just now, by a
// clock that the judge knows to a second.
func (s *steps) lifetime() (issued exchange.Span, expires time.Time, err error) {
	a, err := s.Answer()
	if err != nil {
		return issued, expires, err
	}
	if !a.Accepted() {
		return issued, expires, fmt.Errorf("expected a token, got %s", a.Brief())
	}
	expiresAt, err := a.WholeNumber("expiresAt")
	if err != nil {
		return issued, expires, err
	}
	if expiresAt > 0 && expiresAt < leastMillis {
		return issued, expires, fmt.Errorf("expected expiresAt in milliseconds since 1970, got %d, which are seconds", expiresAt)
	}
	expires = time.UnixMilli(expiresAt).UTC()
	if issuedAt, err := a.WholeNumber("issuedAt"); err == nil {
		at := time.UnixMilli(issuedAt).UTC()
		return exchange.Moment(at), expires, nil
	}
	return exchange.Span{Earliest: a.Before.Add(-time.Second).UTC(), Latest: a.After.Add(time.Second).UTC()}, expires, nil
}

// moveToEnd moves the clock to the end that the token's answer promises.
func (s *steps) moveToEnd(ctx context.Context, move func(context.Context, exchange.Span) error) error {
	token, err := s.named("the token")
	if err != nil {
		return err
	}
	expiresAt, err := token.answer.WholeNumber("expiresAt")
	if err != nil {
		return err
	}
	if err := s.Subject.KnowsTime(); err != nil {
		return err
	}
	return move(ctx, token.answer.EndAt(time.UnixMilli(expiresAt)))
}
