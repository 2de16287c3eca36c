package form

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// registerTimes binds the steps about validTo and the ends of tokens.
func (f *steps) registerTimes() {
	f.Step(`^"validTo" is a time$`, func() error {
		_, err := f.validTo()
		return err
	})
	f.Step(`^"validTo" is (\d+) (hours|days) from now, to a minute$`, f.validToIs)
	f.Step(`^some time has passed$`, f.someTimeHasPassed)
	f.Step(`^it is just (before|after) the (?:(first|second) )?token's end, (\d+) (hours|days) after the login$`, f.itIsJust)
}

// life is a documented life, or what the manifest declares in its place.
func (f *steps) life(count int, unit string) time.Duration {
	if unit == "days" {
		return cmp.Or(f.declared.LongLife, time.Duration(count)*24*time.Hour)
	}
	return cmp.Or(f.declared.ShortLife, time.Duration(count)*time.Hour)
}

func (f *steps) validToIs(count int, unit string) error {
	if err := f.Subject.KnowsTime(); err != nil {
		return err
	}
	validTo, err := f.validTo()
	if err != nil {
		return err
	}
	life := f.life(count, unit)
	if announces(f.Last, validTo, life) {
		return nil
	}
	return fmt.Errorf(`expected "validTo" to be %s after %s (the subject's time), to a minute, got %s: %s`,
		humanize.Duration(life), f.Last.After.UTC().Format(time.RFC3339), validTo.UTC().Format(time.RFC3339), f.Last.Brief())
}

func (f *steps) itIsJust(ctx context.Context, side, ordinal string, count int, unit string) error {
	token, err := f.token(ordinal)
	if err != nil {
		return err
	}
	end := f.endOf(token.answer, f.life(count, unit))
	if side == "before" {
		return f.JustBefore(ctx, end)
	}
	return f.JustAfter(ctx, end)
}

// endOf is the end that validTo announces, where it may: within the minute that
// FRM-02 leaves to it. Any other validTo is for FRM-02 and its sisters to
// judge, and then the life counts; but a token whose end was announced for
// earlier is not asked to live on until then.
func (f *steps) endOf(a *exchange.Answer, life time.Duration) exchange.Span {
	validTo, err := f.validToOf(a)
	if err != nil {
		return a.EndAfter(life)
	}
	if !announces(a, validTo, life) {
		end := a.EndAfter(life)
		if announced := a.EndAt(validTo).Earliest; announced.Before(end.Earliest) && announced.After(a.After) {
			end.Earliest = announced
		}
		return end
	}
	end := a.EndAt(validTo)
	if format := f.declared.ValidTo; strings.Contains(format, "04") && !strings.Contains(format, "05") {
		end.Latest = end.Latest.Add(time.Minute) // it is announced to the minute
	}
	return end
}

// announces says whether validTo is a life from the answer on, to a minute.
func announces(a *exchange.Answer, validTo time.Time, life time.Duration) bool {
	return slices.ContainsFunc(a.Times(), func(now exchange.Span) bool {
		return !validTo.Before(now.Earliest.Add(life-time.Minute)) && !validTo.After(now.Latest.Add(life+time.Minute))
	})
}

// someTimeHasPassed moves the subject's time to well within a token's life.
func (f *steps) someTimeHasPassed(ctx context.Context) error {
	d := min(10*time.Minute, f.life(24, "hours")/4)
	return f.MoveTo(ctx, f.Subject.Clock.Now().Add(d))
}

// validTo reads the last answer's validTo in the declared format.
func (f *steps) validTo() (time.Time, error) {
	a, err := f.Answer()
	if err != nil {
		return time.Time{}, err
	}
	return f.validToOf(a)
}

// validToOf reads an answer's validTo in the declared format.
func (f *steps) validToOf(a *exchange.Answer) (time.Time, error) {
	value, found, err := a.Member("validTo")
	if err != nil {
		return time.Time{}, err
	}
	if !found {
		return time.Time{}, fmt.Errorf(`expected a member "validTo", got %s`, a.Brief())
	}
	var text string
	switch value := value.(type) {
	case string:
		text = strings.TrimSpace(value)
	case json.Number:
		text = value.String()
	default:
		return time.Time{}, fmt.Errorf(`expected "validTo" to be a string or a number, got %s`, a.Brief())
	}
	t, err := readValidTo(text, f.declared.ValidTo, f.declared.TimeZone)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: %s", err, a.Brief())
	}
	return t, nil
}
