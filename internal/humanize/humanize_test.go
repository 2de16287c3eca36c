package humanize_test

import (
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

func TestDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0:                                       "0 seconds",
		40 * time.Microsecond:                   "0 seconds",
		60 * time.Microsecond:                   "0.1 ms",
		time.Millisecond:                        "1 ms",
		9949 * time.Microsecond:                 "9.9 ms",
		9950 * time.Microsecond:                 "10 ms",
		250 * time.Millisecond:                  "250 ms",
		999499 * time.Microsecond:               "999 ms",
		999500 * time.Microsecond:               "1 second",
		1250 * time.Millisecond:                 "1.3 seconds",
		9949 * time.Millisecond:                 "9.9 seconds",
		9950 * time.Millisecond:                 "10 seconds",
		time.Minute:                             "1 minute",
		61 * time.Second:                        "1 minute 1 second",
		10*time.Minute - 230*time.Nanosecond:    "10 minutes",
		90 * time.Minute:                        "1 hour 30 minutes",
		24 * time.Hour:                          "1 day",
		720 * time.Hour:                         "30 days",
		720*time.Hour - 5*time.Second:           "29 days 23 hours 59 minutes 55 seconds",
		24*time.Hour + time.Second:              "1 day 1 second",
		-10 * time.Minute:                       "minus 10 minutes",
		59*time.Second + 499*time.Millisecond:   "59 seconds",
		59*time.Second + 500*time.Millisecond:   "1 minute",
		3599*time.Second + 501*time.Millisecond: "1 hour",
	} {
		if got := humanize.Duration(d); got != want {
			t.Errorf("%v is said as %q, not %q", d, got, want)
		}
	}
}
