package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// compactTime is the layout of expires_at in the rpc dialect (RPC-04): UTC
// without separators or zone, as in "20201112T144147".
const compactTime = "20060102T150405"

// ParseCompactTime reads a time such as 20260102T150405, with or without a fraction of a
// second. The result is in UTC.
func ParseCompactTime(text string) (time.Time, error) {
	// time.Parse accepts a fraction after the seconds by itself, with '.' or
	// ','; the document knows only '.'.
	if strings.Contains(text, ",") {
		return time.Time{}, fmt.Errorf("parse time %.40q: not of the form YYYYMMDDTHHMMSS", text)
	}
	t, err := time.ParseInLocation(compactTime, text, time.UTC)
	if err != nil {
		return time.Time{}, fmt.Errorf("parse time %.40q: not of the form YYYYMMDDTHHMMSS: %w", text, err)
	}
	return t, nil
}

// FormatCompactTime writes t in UTC to the second, the fraction cut off.
func FormatCompactTime(t time.Time) string { return t.UTC().Format(compactTime) }

// Epoch numbers outside these bounds (years 1970 to 9999) are not dates.
const (
	maxEpochSeconds = 253402300799
	maxEpochMillis  = maxEpochSeconds*1000 + 999
)

// ParseEpochMillis reads milliseconds since 1970, as the scoped dialect writes
// them. Values outside the years 1970 to 9999 are errors. The result is in UTC.
func ParseEpochMillis(millis Whole) (time.Time, error) {
	if millis < 0 || millis > maxEpochMillis {
		return time.Time{}, fmt.Errorf("parse epoch milliseconds %d: outside the years 1970 to 9999", millis)
	}
	return time.UnixMilli(int64(millis)).UTC(), nil
}

// validToLayouts are tried in this order; all but the first lack a zone.
var validToLayouts = []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02T15:04:05"}

// decimal is a number as JSON writes it, without a sign. ParseFloat takes more.
var decimal = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?([eE]\+?[0-9]+)?$`)

// epochIsMillis is the number from which an epoch value counts milliseconds: in
// seconds it is the year 5138, in milliseconds 1973.
const epochIsMillis = 100_000_000_000

// ParseValidTo reads the validTo member of the form dialect from its raw JSON.
// The source does not give its format, so it accepts RFC 3339, "YYYY-MM-DD
// HH:MM:SS" (read in loc, or in UTC when loc is nil) and epoch seconds or
// milliseconds, as a number or as a string. The result is in UTC.
func ParseValidTo(raw json.RawMessage, loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	text := string(bytes.TrimSpace(raw))
	if strings.HasPrefix(text, `"`) {
		if err := json.Unmarshal(raw, &text); err != nil {
			return time.Time{}, fmt.Errorf("parse validTo: %w", err)
		}
	}
	for _, layout := range validToLayouts {
		if t, err := time.ParseInLocation(layout, text, loc); err == nil {
			return t.UTC(), nil
		}
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || !decimal.MatchString(text) || number > maxEpochMillis {
		return time.Time{}, fmt.Errorf("parse validTo %.40q: neither RFC 3339, nor YYYY-MM-DD HH:MM:SS, nor epoch seconds or milliseconds", text)
	}
	if number >= epochIsMillis {
		return time.UnixMilli(int64(number)).UTC(), nil
	}
	return time.UnixMilli(int64(math.Round(number * 1000))).UTC(), nil
}
