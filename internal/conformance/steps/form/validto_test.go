package form

import (
	"testing"
	"time"
)

func TestReadValidTo(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		text, format, zone string
		expected           time.Time
	}{
		{"2026-03-14T12:00:00Z", "", "", noon},
		{"2026-03-14T13:00:00.000+01:00", "auto", "", noon},
		{"2026-03-14T12:00:00", "auto", "", noon},
		{"2026-03-14 13:00:00", "auto", "Europe/Warsaw", noon},
		{"1773489600", "auto", "", noon},
		{"1773489600000", "auto", "", noon},
		{"1773489600.5", "auto", "", noon.Add(500 * time.Millisecond)},
		{"2026-03-14T12:00:00Z", "rfc3339", "", noon},
		{"2026-03-14 12:00:00", "datetime", "", noon},
		{"1773489600", "epoch_seconds", "", noon},
		{"1773489600000", "epoch_millis", "", noon},
		{"14.03.2026 17:30", "02.01.2006 15:04", "Asia/Kolkata", noon},
		{"1773489600", "rfc3339", "", time.Time{}},
		{"2026-03-14T12:00:00Z", "epoch_seconds", "", time.Time{}},
		{"tomorrow", "auto", "", time.Time{}},
		{"-1", "auto", "", time.Time{}},
		{"NaN", "auto", "", time.Time{}},
		{"2026-03-14 12:00:00", "datetime", "Nowhere/Land", time.Time{}},
	} {
		got, err := readValidTo(tt.text, tt.format, tt.zone)
		if tt.expected.IsZero() != (err != nil) || err == nil && !got.Equal(tt.expected) {
			t.Errorf("%q as %q in %q: expected %v, got %v, %v", tt.text, tt.format, tt.zone, tt.expected, got, err)
		}
	}
}

func FuzzReadValidTo(f *testing.F) {
	f.Add("2026-03-14T12:00:00Z", "auto")
	f.Add("1e15", "epoch_millis")
	f.Fuzz(func(t *testing.T, text, format string) {
		_, _ = readValidTo(text, format, "UTC")
	})
}
