package steps

import (
	"context"
	"fmt"
	"time"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// registerIssue binds the words about tokens that credentials buy, and about
// how long a token lives.
func (s *scopedWords) registerIssue(sc *godog.ScenarioContext) {
	s.step(sc, `^the full account asks for a token$`, func(ctx context.Context) error { return s.askFor(ctx, issue{}) })
	s.step(sc, `^the full account asks for a token for "([^"]*)"$`, s.askForLife)
	s.step(sc, `^the full account asks for a token for the scopes "([^"]*)"$`, s.askForScopes)
	s.step(sc, `^the body (.+) is sent to the login$`, s.sendToLogin)
	s.step(sc, `^a token$`, func(ctx context.Context) error { return s.have(ctx, &s.token, issue{}) })
	s.step(sc, `^another token$`, func(ctx context.Context) error { return s.have(ctx, &s.other, issue{}) })
	s.step(sc, `^a managing token$`, func(ctx context.Context) error { return s.have(ctx, &s.managing, issue{}) })
	s.step(sc, `^a token for "([^"]*)"$`, s.haveForLife)
	s.step(sc, `^a token for the scopes "([^"]*)"$`, s.haveForScopes)
	s.step(sc, `^a token for "([^"]*)" and the scopes "([^"]*)"$`, s.haveForBoth)
	s.step(sc, `^a managing token for the scopes "([^"]*)"$`, s.haveManagingForScopes)
	s.step(sc, `^a token of the limited account$`, s.haveLimited)

	s.step(sc, `^"issuedAt" is a time of today in milliseconds$`, s.issuedToday)
	s.step(sc, `^it lives for (\d+) seconds$`, s.livesFor)
	s.step(sc, `^it lives for the declared default life, to the second$`, func() error { return s.lives(s.config.DefaultLife) })
	s.step(sc, `^it lives for 5 years of 365 days or of the calendar$`, s.livesFiveYears)
	s.step(sc, `^the clock stands just before the token's end$`, func(ctx context.Context) error { return s.moveToEnd(ctx, s.justBefore) })
	s.step(sc, `^the clock stands just after the token's end$`, func(ctx context.Context) error { return s.moveToEnd(ctx, s.justAfter) })
}

// askFor sends the right credentials; what they buy becomes the token.
func (s *scopedWords) askFor(ctx context.Context, asked issue) (err error) {
	s.token, err = s.ask(ctx, s.loginRequest(s.full(), asked), asked)
	return err
}

func (s *scopedWords) askForLife(ctx context.Context, life string) error {
	return s.askFor(ctx, issue{life: life})
}

func (s *scopedWords) askForScopes(ctx context.Context, scopes string) error {
	return s.askFor(ctx, issue{scopes: s.scopes(scopes)})
}

// sendToLogin posts a text as it stands, its names filled in.
func (s *scopedWords) sendToLogin(ctx context.Context, body string) error {
	s.subject.Secrets.Add("password", s.full().password)
	_, err := s.send(ctx, request("POST", s.config.Prefix+s.config.Auth).withBody("application/json", s.names.Replace(body)))
	return err
}

// have buys a token that a scenario starts with.
func (s *scopedWords) have(ctx context.Context, token **scopedToken, asked issue) (err error) {
	*token, err = s.get(ctx, s.loginRequest(s.full(), asked), asked)
	return err
}

func (s *scopedWords) haveForLife(ctx context.Context, life string) error {
	return s.have(ctx, &s.token, issue{life: life})
}

func (s *scopedWords) haveForScopes(ctx context.Context, scopes string) error {
	return s.have(ctx, &s.token, issue{scopes: s.scopes(scopes)})
}

func (s *scopedWords) haveForBoth(ctx context.Context, life, scopes string) error {
	return s.have(ctx, &s.token, issue{life: life, scopes: s.scopes(scopes)})
}

func (s *scopedWords) haveManagingForScopes(ctx context.Context, scopes string) error {
	return s.have(ctx, &s.managing, issue{scopes: s.scopes(scopes)})
}

func (s *scopedWords) haveLimited(ctx context.Context) (err error) {
	limited := s.config.Accounts.Limited
	if limited == nil {
		return fmt.Errorf("the manifest declares no limited account")
	}
	who := credentials{limited.Login, limited.Password}
	s.token, err = s.get(ctx, s.loginRequest(who, issue{}), issue{})
	return err
}

// issuedToday tells milliseconds from seconds and from microseconds.
func (s *scopedWords) issuedToday() error {
	const aDay = 24 * time.Hour
	a, err := s.answer()
	if err != nil {
		return err
	}
	issuedAt, err := a.wholeNumber("issuedAt")
	if err != nil {
		return err
	}
	if issued := time.UnixMilli(issuedAt); issued.Before(a.Before.Add(-aDay)) || issued.After(a.After.Add(aDay)) {
		return fmt.Errorf("expected issuedAt to be now in milliseconds since 1970, about %d, got %d", a.After.UnixMilli(), issuedAt)
	}
	return nil
}

func (s *scopedWords) livesFor(seconds int) error {
	return s.lives(time.Duration(seconds) * time.Second)
}

// lives compares the life that the last answer grants, to the second: a whole
// second off is off.
func (s *scopedWords) lives(expected time.Duration) error {
	issued, expires, err := s.lifetime()
	if err != nil {
		return err
	}
	if !reaches(issued, expires, func(t time.Time) time.Time { return t.Add(expected) }) {
		return fmt.Errorf("expected a life of %s, got %s (until expiresAt %d)",
			humanize.Duration(expected), humanize.Duration(expires.Sub(issued.latest)), expires.UnixMilli())
	}
	return nil
}

func (s *scopedWords) livesFiveYears() error {
	const years = 5
	issued, expires, err := s.lifetime()
	if err != nil {
		return err
	}
	byDays := func(t time.Time) time.Time { return t.AddDate(0, 0, years*365) }
	byCalendar := func(t time.Time) time.Time { return t.AddDate(years, 0, 0) }
	if !reaches(issued, expires, byDays) && !reaches(issued, expires, byCalendar) {
		return fmt.Errorf("expected five years, until %s or %s, got %s", byDays(issued.latest).Format(time.RFC3339),
			byCalendar(issued.latest).Format(time.RFC3339), expires.Format(time.RFC3339))
	}
	return nil
}

// reaches says whether a life from some moment of a span leads to an end.
func reaches(from span, end time.Time, life func(time.Time) time.Time) bool {
	return end.Sub(life(from.latest)) < time.Second && life(from.earliest).Sub(end) < time.Second
}

// lifetime reads from when until when the last answer's token lives. An answer
// that does not say from when, as POST /tokens may, was given just now, by a
// clock that the judge knows to a second.
func (s *scopedWords) lifetime() (issued span, expires time.Time, err error) {
	a, err := s.answer()
	if err != nil {
		return issued, expires, err
	}
	if !a.success() {
		return issued, expires, fmt.Errorf("expected a token, got %s", a.brief())
	}
	expiresAt, err := a.wholeNumber("expiresAt")
	if err != nil {
		return issued, expires, err
	}
	expires = time.UnixMilli(expiresAt).UTC()
	if issuedAt, err := a.wholeNumber("issuedAt"); err == nil {
		at := time.UnixMilli(issuedAt).UTC()
		return span{at, at}, expires, nil
	}
	return span{a.Before.Add(-time.Second).UTC(), a.After.Add(time.Second).UTC()}, expires, nil
}

// moveToEnd moves the clock to the end that the token's answer promises.
func (s *scopedWords) moveToEnd(ctx context.Context, move func(context.Context, span) error) error {
	token, err := s.named("the token")
	if err != nil {
		return err
	}
	expiresAt, err := token.answer.wholeNumber("expiresAt")
	if err != nil {
		return err
	}
	return move(ctx, token.answer.promised(time.UnixMilli(expiresAt)))
}
