package rpc

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/tokens"
)

// registerTokens binds the steps about what a token and its answer say.
func (r *steps) registerTokens() {
	r.Step(`^"([^"]*)" is true or false$`, r.memberIsBoolean)
	r.Step(`^"([^"]*)" is a list of strings$`, r.memberIsTexts)
	r.Step(`^"expires_at" is a time like "[^"]*"$`, r.expiresAtIsTime)
	r.Step(`^"expires_at" lies in the future$`, r.expiresAtIsAhead)
	r.Step(`^"expires_at" agrees in UTC with the life that is declared or answered$`, r.expiresAtAgrees)
	r.Step(`^"token_value" is a JWT whose "alg" is "([^"]*)"$`, r.tokenHasAlg)
	r.Step(`^the claim "([^"]*)" is the time in "expires_at"$`, r.claimIsExpiry)
	r.Step(`^the claim "([^"]*)" is the text in "([^"]*)"$`, r.claimIsText)
	r.Step(`^the claim "([^"]*)" is the list in "([^"]*)"$`, r.claimIsList)
	r.Step(`^the claim "([^"]*)" is the login$`, r.claimIsLogin)
	r.Step(`^the renewed token ends no earlier than the token$`, func() error { return r.renewedEnds("no earlier") })
	r.Step(`^the renewed token ends later than the token$`, func() error { return r.renewedEnds("later") })
	r.Step(`^it is just before the token's end$`, func(ctx context.Context) error { return r.moveToEnd(ctx, r.JustBefore) })
	r.Step(`^it is just after the token's end$`, func(ctx context.Context) error { return r.moveToEnd(ctx, r.JustAfter) })
}

// tokensFor are the tokens that a noun stands for.
func (r *steps) tokensFor(ctx context.Context, noun string) ([]*dialect.RPCToken, error) {
	known := map[string]*dialect.RPCToken{"the token": r.token, "the other token": r.other, "the renewed token": r.renewed}
	if token, isOne := known[noun]; isOne {
		if token == nil {
			return nil, fmt.Errorf("no step before this one got %s", noun)
		}
		return []*dialect.RPCToken{token}, nil
	}
	if r.token == nil {
		return nil, errors.New("no token was issued before this step")
	}
	way := noun
	if noun == "a garbled token" {
		way = ""
	}
	values, err := r.Forge(ctx, way, r.token.Value)
	if err != nil {
		return nil, err
	}
	wrong := make([]*dialect.RPCToken, len(values))
	for i, value := range values {
		wrong[i] = &dialect.RPCToken{Name: r.token.Name, Value: value}
	}
	return wrong, nil
}

func (r *steps) memberIsBoolean(path string) error {
	a, err := r.Answer()
	if err != nil {
		return err
	}
	value, _, err := a.Member(path)
	if err != nil {
		return err
	}
	if _, ok := value.(bool); !ok {
		return fmt.Errorf("expected member %q to be true or false, got %s", path, a.Brief())
	}
	return nil
}

func (r *steps) memberIsTexts(path string) error {
	a, err := r.Answer()
	if err != nil {
		return err
	}
	_, err = a.Texts(path)
	return err
}

var expiresAtShape = regexp.MustCompile(`^\d{8}T\d{6}([.,]\d+)?$`)

// expiresAt reads the end that an answer promises, as UTC.
func expiresAt(a *exchange.Answer) (time.Time, error) {
	text, err := a.Text("expires_at")
	if err != nil {
		return time.Time{}, err
	}
	return compactTime("expires_at", text)
}

// compactTime reads a time as the dialect writes it.
func compactTime(member, text string) (time.Time, error) {
	end, err := time.Parse("20060102T150405", text) // takes a fraction, too
	if err != nil || !expiresAtShape.MatchString(text) {
		return time.Time{}, fmt.Errorf("expected %s as YYYYMMDDTHHMMSS, got %s", member, exchange.Shown(text))
	}
	return end, nil
}

// promisedEnd is the end that an answer promises, for scenarios that are not
// about how it is written: another common format will do, and the exp of a JWT.
func promisedEnd(a *exchange.Answer) (time.Time, error) {
	end, err := expiresAt(a)
	if err == nil {
		return end, nil
	}
	if text, textErr := a.Text("expires_at"); textErr == nil {
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
func claimedEnd(a *exchange.Answer) (time.Time, bool) {
	claims, err := claimsIn(a)
	if err != nil {
		return time.Time{}, false
	}
	exp, err := tokens.ClaimTime(claims["exp"])
	return exp, err == nil
}

func (r *steps) expiresAtIsTime() error {
	a, err := r.Answer()
	if err != nil {
		return err
	}
	_, err = expiresAt(a)
	return err
}

func (r *steps) expiresAtIsAhead() error {
	if err := r.Subject.KnowsTime(); err != nil {
		return err
	}
	a, err := r.Answer()
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
func (r *steps) expiresAtAgrees() error {
	const tolerance = time.Minute
	a, err := r.Answer()
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
	if end.Before(expected.Earliest.Add(-tolerance)) || end.After(expected.Latest.Add(tolerance)) {
		return fmt.Errorf("expected expires_at to be %s UTC by %s, got %s",
			expected.Latest.UTC().Format("20060102T150405"), source, end.Format("20060102T150405"))
	}
	return nil
}

// otherEnd is the end of a token by anything but expires_at, and what says so.
// An exp further from expires_at than any time zone is from another is wrong in
// its own way, and not for this to judge.
func (r *steps) otherEnd(a *exchange.Answer, end time.Time) (other exchange.Span, source string) {
	const zones = 15 * time.Hour
	if r.declared.TokenLife > 0 && r.Subject.KnowsTime() == nil {
		return a.EndAfter(r.declared.TokenLife), "the declared life"
	}
	if value, found, err := a.Member("expires_in"); err == nil && found {
		if seconds, err := strconv.ParseInt(fmt.Sprint(value), 10, 64); err == nil && seconds > 0 {
			return a.EndAfter(time.Duration(seconds) * time.Second), "expires_in"
		}
	}
	if exp, ok := claimedEnd(a); ok && exp.Sub(end).Abs() < zones {
		return exchange.Moment(exp), "the token's exp"
	}
	return exchange.Span{}, ""
}

// renewedEnds compares the ends that a renewal and the login before it have promised:
// when is "no earlier", to the second, or "later".
func (r *steps) renewedEnds(when string) error {
	if r.token == nil || r.renewed == nil {
		a, err := r.Answer()
		if err != nil {
			return err
		}
		return fmt.Errorf("expected a renewed token, got %s", a.Brief())
	}
	first, err := promisedEnd(r.token.Answer)
	if err != nil {
		return err
	}
	second, err := promisedEnd(r.renewed.Answer)
	if err != nil {
		return err
	}
	if second.Before(first.Truncate(time.Second)) || when == "later" && !second.After(first) {
		return fmt.Errorf("expected the renewed token to end %s than the first, %s, got %s",
			when, first.Format(time.RFC3339), second.Format(time.RFC3339))
	}
	return nil
}

// moveToEnd moves the clock to the end of the token's life: the declared one,
// or the one that expires_at promises.
func (r *steps) moveToEnd(ctx context.Context, move func(context.Context, exchange.Span) error) error {
	if r.token == nil {
		return errors.New("no token was issued before this step")
	}
	if r.declared.TokenLife > 0 {
		return move(ctx, r.token.Answer.EndAfter(r.declared.TokenLife))
	}
	end, err := promisedEnd(r.token.Answer)
	if err != nil {
		return err
	}
	// A fraction that expires_at leaves out is within the second that move
	// allows for.
	if err := r.Subject.KnowsTime(); err != nil {
		return err
	}
	return move(ctx, r.token.Answer.EndAt(end))
}
