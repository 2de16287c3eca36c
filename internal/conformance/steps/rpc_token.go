package steps

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/cucumber/godog"
)

// rpcToken is a token and the answer that granted it.
type rpcToken struct {
	name   string // the metadata key that it travels under over gRPC
	value  string
	answer *Answer
}

// registerTokens binds the words about what a token and its answer say.
func (r *rpcWords) registerTokens(sc *godog.ScenarioContext) {
	r.step(sc, `^"([^"]*)" is true or false$`, r.memberIsBoolean)
	r.step(sc, `^"([^"]*)" is a list of strings$`, r.memberIsTexts)
	r.step(sc, `^"expires_at" is a time like "[^"]*"$`, r.expiresAtIsTime)
	r.step(sc, `^"expires_at" lies in the future$`, r.expiresAtIsAhead)
	r.step(sc, `^"expires_at" agrees in UTC with the life that is declared or answered$`, r.expiresAtAgrees)
	r.step(sc, `^"token_value" is a JWT whose "alg" is "([^"]*)"$`, r.tokenHasAlg)
	r.step(sc, `^the claim "([^"]*)" is the time in "expires_at"$`, r.claimIsExpiry)
	r.step(sc, `^the claim "([^"]*)" is the text in "([^"]*)"$`, r.claimIsText)
	r.step(sc, `^the claim "([^"]*)" is the list in "([^"]*)"$`, r.claimIsList)
	r.step(sc, `^the claim "([^"]*)" is the login$`, r.claimIsLogin)
	r.step(sc, `^the renewed token ends no earlier than the token$`, r.renewedEndsNoEarlier)
	r.step(sc, `^the clock stands just before the token's end$`, func(ctx context.Context) error { return r.moveToEnd(ctx, r.justBefore) })
	r.step(sc, `^the clock stands just after the token's end$`, func(ctx context.Context) error { return r.moveToEnd(ctx, r.justAfter) })
}

// tokensFor are the tokens that a noun stands for.
func (r *rpcWords) tokensFor(ctx context.Context, noun string) ([]*rpcToken, error) {
	known := map[string]*rpcToken{"the token": r.token, "the other token": r.other, "the renewed token": r.renewed}
	if token, isOne := known[noun]; isOne {
		if token == nil {
			return nil, fmt.Errorf("no step before this one got %s", noun)
		}
		return []*rpcToken{token}, nil
	}
	if r.token == nil {
		return nil, errors.New("no token was bought before this step")
	}
	values := garblings(r.token.value)
	if noun != "a garbled token" {
		var err error
		if values, err = r.forgeries(ctx, noun, r.token.value); err != nil {
			return nil, err
		}
	}
	wrong := make([]*rpcToken, len(values))
	for i, value := range values {
		wrong[i] = &rpcToken{name: r.token.name, value: r.forged(value)}
	}
	return wrong, nil
}

func (r *rpcWords) memberIsBoolean(path string) error {
	a, err := r.answer()
	if err != nil {
		return err
	}
	value, _, err := a.member(path)
	if err != nil {
		return err
	}
	if _, ok := value.(bool); !ok {
		return fmt.Errorf("expected member %q to be true or false, got %s", path, a.brief())
	}
	return nil
}

func (r *rpcWords) memberIsTexts(path string) error {
	a, err := r.answer()
	if err != nil {
		return err
	}
	_, err = a.texts(path)
	return err
}

// texts reads a member that has to be a list of strings; it may be empty.
func (a *Answer) texts(path string) ([]string, error) {
	value, found, err := a.member(path)
	if err != nil {
		return nil, err
	}
	texts, ok := textsIn(value)
	if !found || !ok {
		return nil, fmt.Errorf("expected a list of strings in member %q, got %s", path, a.brief())
	}
	return texts, nil
}

func textsIn(value any) ([]string, bool) {
	list, ok := value.([]any)
	if !ok {
		return nil, false
	}
	texts := make([]string, len(list))
	for i, element := range list {
		if texts[i], ok = element.(string); !ok {
			return nil, false
		}
	}
	return texts, true
}

var expiresAtShape = regexp.MustCompile(`^\d{8}T\d{6}([.,]\d+)?$`)

// expiresAt reads the end that an answer promises, as UTC.
func expiresAt(a *Answer) (time.Time, error) {
	text, err := a.text("expires_at")
	if err != nil {
		return time.Time{}, err
	}
	end, err := time.Parse("20060102T150405", text) // takes a fraction, too
	if err != nil || !expiresAtShape.MatchString(text) {
		return time.Time{}, fmt.Errorf("expected expires_at as YYYYMMDDTHHMMSS, got %q", text)
	}
	return end, nil
}

// promisedEnd is the end that an answer promises, for scenarios that are not
// about how it is written: another common format will do, and the exp of a JWT.
func promisedEnd(a *Answer) (time.Time, error) {
	end, err := expiresAt(a)
	if err == nil {
		return end, nil
	}
	if text, textErr := a.text("expires_at"); textErr == nil {
		if end, parseErr := time.Parse(time.RFC3339, text); parseErr == nil {
			return end.UTC(), nil
		}
	}
	if exp, ok := claimedEnd(a); ok {
		return exp, nil
	}
	return time.Time{}, err
}

// claimedEnd is the exp of the JWT that an answer grants, if it has one.
func claimedEnd(a *Answer) (time.Time, bool) {
	claims, err := claimsIn(a)
	if err != nil {
		return time.Time{}, false
	}
	exp, err := claimTime(claims["exp"])
	return exp, err == nil
}

func (r *rpcWords) expiresAtIsTime() error {
	a, err := r.answer()
	if err != nil {
		return err
	}
	_, err = expiresAt(a)
	return err
}

func (r *rpcWords) expiresAtIsAhead() error {
	a, err := r.answer()
	if err != nil {
		return err
	}
	end, err := promisedEnd(a)
	if err != nil {
		return err
	}
	if !end.After(a.After) {
		return fmt.Errorf("expected expires_at to lie after the subject's present time %s, got %s",
			a.After.UTC().Format(time.RFC3339), end.Format(time.RFC3339))
	}
	return nil
}

// expiresAtAgrees shows that expires_at is UTC: it lies one life from now. The
// life is the declared one, else that of expires_in; where there is neither,
// the token's own exp says when the end is.
func (r *rpcWords) expiresAtAgrees() error {
	const tolerance = time.Minute
	a, err := r.answer()
	if err != nil {
		return err
	}
	end, err := promisedEnd(a)
	if err != nil {
		return err
	}
	expected, source := r.otherEnd(a, end)
	if source == "" {
		return nil // nothing else says when the end is
	}
	if end.Before(expected.earliest.Add(-tolerance)) || end.After(expected.latest.Add(tolerance)) {
		return fmt.Errorf("expected expires_at to be %s UTC by %s, got %s",
			expected.latest.UTC().Format("20060102T150405"), source, end.Format("20060102T150405"))
	}
	return nil
}

// otherEnd is the end of a token by anything but expires_at, and what says so.
// An exp further from expires_at than any time zone is from another is wrong in
// its own way, and not for this to judge.
func (r *rpcWords) otherEnd(a *Answer, end time.Time) (other span, source string) {
	const zones = 15 * time.Hour
	if r.config.TokenLife > 0 {
		return endOf(a, r.config.TokenLife), "the declared life"
	}
	if value, found, err := a.member("expires_in"); err == nil && found {
		if seconds, err := strconv.ParseInt(fmt.Sprint(value), 10, 64); err == nil && seconds > 0 {
			return endOf(a, time.Duration(seconds)*time.Second), "expires_in"
		}
	}
	if exp, ok := claimedEnd(a); ok && exp.Sub(end).Abs() < zones {
		return span{exp, exp}, "the token's exp"
	}
	return span{}, ""
}

func (r *rpcWords) renewedEndsNoEarlier() error {
	if r.token == nil || r.renewed == nil {
		a, err := r.answer()
		if err != nil {
			return err
		}
		return fmt.Errorf("expected a renewed token, got %s", a.brief())
	}
	first, err := promisedEnd(r.token.answer)
	if err != nil {
		return err
	}
	second, err := promisedEnd(r.renewed.answer)
	if err != nil {
		return err
	}
	if second.Before(first.Truncate(time.Second)) {
		return fmt.Errorf("expected the renewed token to end no earlier than the first, %s, got %s",
			first.Format(time.RFC3339), second.Format(time.RFC3339))
	}
	return nil
}

// moveToEnd moves the clock to the end of the token's life: the declared one,
// or the one that expires_at promises.
func (r *rpcWords) moveToEnd(ctx context.Context, move func(context.Context, span) error) error {
	if r.token == nil {
		return errors.New("no token was bought before this step")
	}
	if r.config.TokenLife > 0 {
		return move(ctx, endOf(r.token.answer, r.config.TokenLife))
	}
	end, err := promisedEnd(r.token.answer)
	if err != nil {
		return err
	}
	// A fraction that expires_at leaves out is within the second that move
	// allows for.
	return move(ctx, r.token.answer.promised(end))
}
