package form

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"time"
	_ "time/tzdata" // so that a judge without zone files knows Europe/Warsaw too

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

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
		return time.Time{}, fmt.Errorf(`expected "validTo" in RFC 3339, as YYYY-MM-DD HH:MM:SS, or as epoch seconds or milliseconds, got %s`, exchange.Shown(text))
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
		return time.Time{}, fmt.Errorf(`expected "validTo" in the declared format %s, got %s`, format, exchange.Shown(text))
	}
	return t, nil
}

// readEpoch reads a number of seconds or milliseconds since 1970.
func readEpoch(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || n < 0 || n > 1e15 {
		return 0, fmt.Errorf(`expected "validTo" as a number since 1970, got %s`, exchange.Shown(text))
	}
	return n, nil
}
