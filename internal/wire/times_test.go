package wire_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

func TestParseCompactTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want string // RFC 3339, or "" for an error
	}{
		{"20201112T144147", "2020-11-12T14:41:47Z"},
		{"20201112T144147.5", "2020-11-12T14:41:47.5Z"},
		{"20201112T144147.123456789", "2020-11-12T14:41:47.123456789Z"},
		{"20200229T000000", "2020-02-29T00:00:00Z"},
		{"99991231T235959", "9999-12-31T23:59:59Z"},
		{"20210229T000000", ""}, // no leap year
		{"20201112T240000", ""},
		{"20201112T144160", ""},
		{"20201312T144147", ""},
		{"20201112T144147,5", ""},
		{"20201112T144147Z", ""},
		{"20201112T144147+0100", ""},
		{"2020-11-12T14:41:47", ""},
		{"20201112 144147", ""},
		{"20201112T14414", ""},
		{" 20201112T144147", ""},
		{"", ""},
	} {
		got, err := wire.ParseCompactTime(c.text)
		if (err == nil) != (c.want != "") {
			t.Errorf("%q: error %v", c.text, err)
			continue
		}
		if err == nil && (got.Format(time.RFC3339Nano) != c.want || got.Location() != time.UTC) {
			t.Errorf("%q: got %v, want %s", c.text, got, c.want)
		}
	}
}

func TestFormatCompactTime(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 2*60*60)
	if got := wire.FormatCompactTime(time.Date(2020, 11, 12, 16, 41, 47, 999_999_999, zone)); got != "20201112T144147" {
		t.Errorf("got %s, want UTC and the fraction cut off", got)
	}
}

func TestParseEpochMillis(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		millis wire.Whole
		want   string
	}{
		{0, "1970-01-01T00:00:00Z"},
		{1729958434022, "2024-10-26T16:00:34.022Z"},
		{253402300799999, "9999-12-31T23:59:59.999Z"},
		{253402300800000, ""},
		{-1, ""},
	} {
		got, err := wire.ParseEpochMillis(c.millis)
		if (err == nil) != (c.want != "") || err == nil && got.Format(time.RFC3339Nano) != c.want {
			t.Errorf("%d: got %v, %v; want %q", c.millis, got, err, c.want)
		}
	}
}

func TestParseValidTo(t *testing.T) {
	t.Parallel()
	rome := time.FixedZone("", 60*60)
	for _, c := range []struct {
		raw  string
		zone *time.Location
		want string
	}{
		{`"2020-11-12T14:41:47Z"`, rome, "2020-11-12T14:41:47Z"},
		{`"2020-11-12T14:41:47.25+02:00"`, nil, "2020-11-12T12:41:47.25Z"},
		{`"2020-11-12 14:41:47"`, nil, "2020-11-12T14:41:47Z"},
		{`"2020-11-12 14:41:47"`, rome, "2020-11-12T13:41:47Z"},
		{`"2020-11-12T14:41:47"`, rome, "2020-11-12T13:41:47Z"},
		{` "2020-11-12 14:41:47" `, nil, "2020-11-12T14:41:47Z"},
		{`0`, nil, "1970-01-01T00:00:00Z"},
		{`1605192107`, nil, "2020-11-12T14:41:47Z"},
		{`"1605192107"`, nil, "2020-11-12T14:41:47Z"},
		{`1605192107.5`, nil, "2020-11-12T14:41:47.5Z"},
		{`1605192107123`, nil, "2020-11-12T14:41:47.123Z"},
		{`99999999999`, nil, "5138-11-16T09:46:39Z"},  // the last that counts seconds
		{`100000000000`, nil, "1973-03-03T09:46:40Z"}, // the first that counts milliseconds
		{`253402300799999`, nil, "9999-12-31T23:59:59.999Z"},
		{`253402300800000`, nil, ""},
		{`-1`, nil, ""},
		{`null`, nil, ""},
		{`true`, nil, ""},
		{`""`, nil, ""},
		{``, nil, ""},
		{`"tomorrow"`, nil, ""},
		{`"NaN"`, nil, ""},
		{`"Inf"`, nil, ""},
		{`"0x10"`, nil, ""},
		{`"0x1p4"`, nil, ""},
		{`1.605192107e+09`, nil, "2020-11-12T14:41:47Z"}, // as some encoders write floats
		{`"2020-11-12`, nil, ""},
		{`{"date":"2020-11-12 14:41:47"}`, nil, ""},
	} {
		got, err := wire.ParseValidTo(json.RawMessage(c.raw), c.zone)
		if (err == nil) != (c.want != "") || err == nil && got.Format(time.RFC3339Nano) != c.want {
			t.Errorf("%s: got %v, %v; want %q", c.raw, got, err, c.want)
		}
	}
}

func FuzzParseCompactTime(f *testing.F) {
	f.Add("20201112T144147")
	f.Add("20201112T144147.5")
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := wire.ParseCompactTime(text)
		if err != nil {
			return
		}
		if got := wire.FormatCompactTime(parsed); got != text[:15] {
			t.Errorf("%q comes back as %q", text, got)
		}
	})
}

func FuzzParseValidTo(f *testing.F) {
	f.Add([]byte(`"2020-11-12 14:41:47"`))
	f.Add([]byte(`1605192107.25`))
	f.Add([]byte(`"2020-11-12T14:41:47+01:00"`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		parsed, err := wire.ParseValidTo(raw, nil)
		if err == nil && (parsed.Location() != time.UTC || parsed.Year() < -1 || parsed.Year() > 10000) {
			t.Errorf("%q: got %v", raw, parsed)
		}
	})
}
