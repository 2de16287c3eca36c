package steps

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // so that a judge without zone files knows Europe/Warsaw too

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// registerTimes binds the words about validTo and the ends of tokens.
func (f *formWords) registerTimes(sc *godog.ScenarioContext) {
	f.step(sc, `^"validTo" is a time$`, func() error {
		_, err := f.validTo()
		return err
	})
	f.step(sc, `^"validTo" is (\d+) (hours|days) from now, to a minute$`, f.validToIs)
	f.step(sc, `^some time has passed$`, f.someTimeHasPassed)
	f.step(sc, `^it is just (before|after) the (?:(first|second) )?token's end, (\d+) (hours|days) after the login$`, f.itIsJust)
}

// life is a documented life, or what the manifest declares in its place.
func (f *formWords) life(count int, unit string) time.Duration {
	if unit == "days" {
		return cmp.Or(f.manifest.LongLife, time.Duration(count)*24*time.Hour)
	}
	return cmp.Or(f.manifest.ShortLife, time.Duration(count)*time.Hour)
}

func (f *formWords) validToIs(count int, unit string) error {
	validTo, err := f.validTo()
	if err != nil {
		return err
	}
	life := f.life(count, unit)
	if announces(f.last, validTo, life) {
		return nil
	}
	return fmt.Errorf(`expected "validTo" to be %s after %s (the subject's time), to a minute, got %s: %s`,
		humanize.Duration(life), f.last.After.UTC().Format(time.RFC3339), validTo.UTC().Format(time.RFC3339), f.last.brief())
}

func (f *formWords) itIsJust(ctx context.Context, side, ordinal string, count int, unit string) error {
	token, err := f.token(ordinal)
	if err != nil {
		return err
	}
	end := f.endOf(token.answer, f.life(count, unit))
	if side == "before" {
		return f.justBefore(ctx, end)
	}
	return f.justAfter(ctx, end)
}

// endOf is the end that validTo announces, where it may: within the minute that
// FRM-02 leaves to it. Any other validTo is for FRM-02 and its sisters to
// judge, and then the life counts; but a token whose end was announced for
// earlier is not asked to live on until then.
func (f *formWords) endOf(a *Answer, life time.Duration) span {
	validTo, err := f.validToOf(a)
	if err != nil {
		return endOf(a, life)
	}
	if !announces(a, validTo, life) {
		end := endOf(a, life)
		if announced := a.promised(validTo).earliest; announced.Before(end.earliest) && announced.After(a.After) {
			end.earliest = announced
		}
		return end
	}
	end := a.promised(validTo)
	if format := f.manifest.ValidTo; strings.Contains(format, "04") && !strings.Contains(format, "05") {
		end.latest = end.latest.Add(time.Minute) // it is announced to the minute
	}
	return end
}

// announces says whether validTo is a life from the answer on, to a minute.
func announces(a *Answer, validTo time.Time, life time.Duration) bool {
	return slices.ContainsFunc(a.subjectTimes(), func(now span) bool {
		return !validTo.Before(now.earliest.Add(life-time.Minute)) && !validTo.After(now.latest.Add(life+time.Minute))
	})
}

// someTimeHasPassed moves the subject's time to well within a token's life.
func (f *formWords) someTimeHasPassed(ctx context.Context) error {
	d := min(10*time.Minute, f.life(24, "hours")/4)
	return f.moveTo(ctx, f.subject.Clock.Now().Add(d))
}

// validTo reads the last answer's validTo in the declared format.
func (f *formWords) validTo() (time.Time, error) {
	a, err := f.answer()
	if err != nil {
		return time.Time{}, err
	}
	return f.validToOf(a)
}

// validToOf reads an answer's validTo in the declared format.
func (f *formWords) validToOf(a *Answer) (time.Time, error) {
	value, found, err := a.member("validTo")
	if err != nil {
		return time.Time{}, err
	}
	if !found {
		return time.Time{}, fmt.Errorf(`expected a member "validTo", got %s`, a.brief())
	}
	var text string
	switch value := value.(type) {
	case string:
		text = strings.TrimSpace(value)
	case json.Number:
		text = value.String()
	default:
		return time.Time{}, fmt.Errorf(`expected "validTo" to be a string or a number, got %s`, a.brief())
	}
	t, err := readValidTo(text, f.manifest.ValidTo, f.manifest.TimeZone)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: %s", err, a.brief())
	}
	return t, nil
}

// Formats of validTo that a manifest may name.
const (
	autoFormat    = "auto"
	rfc3339Format = "rfc3339"
	dateTime      = "datetime"
	epochSeconds  = "epoch_seconds"
	epochMillis   = "epoch_millis"
)

// epochIsMillis is the number from which an epoch value counts milliseconds:
// as seconds it would be the year 5138, as milliseconds it is 1973.
const epochIsMillis = 100_000_000_000

// readValidTo reads a time in one format, or in any of them for auto.
func readValidTo(text, format, zone string) (time.Time, error) {
	location, err := time.LoadLocation(cmp.Or(zone, "UTC"))
	if err != nil {
		return time.Time{}, fmt.Errorf("time zone of validTo: %w", err)
	}
	switch cmp.Or(format, autoFormat) {
	case autoFormat:
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime} {
			if t, err := time.ParseInLocation(layout, text, location); err == nil {
				return t, nil
			}
		}
		if n, err := readEpoch(text); err == nil {
			if n >= epochIsMillis {
				return time.UnixMilli(int64(n)), nil
			}
			return time.UnixMilli(int64(n * 1000)), nil
		}
		return time.Time{}, fmt.Errorf(`expected "validTo" in RFC 3339, as YYYY-MM-DD HH:MM:SS, or as epoch seconds or milliseconds, got %q`, text)
	case epochSeconds:
		n, err := readEpoch(text)
		return time.UnixMilli(int64(n * 1000)), err
	case epochMillis:
		n, err := readEpoch(text)
		return time.UnixMilli(int64(n)), err
	case rfc3339Format:
		format = time.RFC3339Nano
	case dateTime:
		format = time.DateTime
	}
	t, err := time.ParseInLocation(format, text, location)
	if err != nil {
		return time.Time{}, fmt.Errorf(`expected "validTo" in the declared format %s, got %q`, format, text)
	}
	return t, nil
}

// readEpoch reads a number of seconds or milliseconds since 1970.
func readEpoch(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || n < 0 || n > 1e15 {
		return 0, fmt.Errorf(`expected "validTo" as a number since 1970, got %q`, text)
	}
	return n, nil
}
