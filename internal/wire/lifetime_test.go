package wire_test

import (
	"errors"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

const day = 24 * time.Hour

func TestParseLifetime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words string
		want  time.Duration // 0: an error
	}{
		{"30 minutes", 30 * time.Minute},
		{"12 hours", 12 * time.Hour},
		{"8 days", 8 * day},
		{"90 days", 90 * day},
		{"5 years", 5 * 365 * day},
		{"1 minute", time.Minute},
		{"1 minutes", time.Minute},
		{"2 hour", 2 * time.Hour},
		{"100 years", wire.MaxLifetime},
		{"36500 days", wire.MaxLifetime},
		{"36501 days", 0},
		{"101 years", 0},
		{"9999999999 minutes", 0},
		{"99999999999 years", 0},
		{"0 days", 0},
		{"-1 days", 0},
		{"+1 days", 0},
		{"01 days", 0},
		{"1.5 hours", 0},
		{"1  day", 0},
		{"1day", 0},
		{" 1 day", 0},
		{"1 day ", 0},
		{"1 day\n", 0},
		{"1 Day", 0},
		{"1 week", 0},
		{"1 month", 0},
		{"60 seconds", 0},
		{"soon", 0},
		{"", 0},
		{"١ day", 0}, // an Arabic digit: only 0 to 9 are accepted
	} {
		got, err := wire.ParseLifetime(c.words)
		if got != c.want || (err == nil) != (c.want != 0) || err != nil && !errors.Is(err, wire.ErrLifetime) {
			t.Errorf("%q: got %v, %v; want %v", c.words, got, err, c.want)
		}
	}
}

func FuzzParseLifetime(f *testing.F) {
	f.Add("30 minutes")
	f.Add("5 years")
	f.Fuzz(func(t *testing.T, words string) {
		life, err := wire.ParseLifetime(words)
		if (err == nil) != (life != 0) || life < 0 || life > wire.MaxLifetime || life%time.Minute != 0 {
			t.Errorf("%q: got %v, %v; want an error, or whole minutes up to %v", words, life, err, wire.MaxLifetime)
		}
	})
}
