package wire

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// MaxLifetime is the longest life that [ParseLifetime] accepts.
const MaxLifetime = 100 * 365 * 24 * time.Hour

// ErrLifetime is wrapped by every error of [ParseLifetime].
var ErrLifetime = errors.New(`not a life like "30 minutes", "12 hours", "8 days" or "5 years"`)

var (
	lifetimeForm = regexp.MustCompile(`^([1-9][0-9]{0,9}) (minute|hour|day|year)s?$`)
	lifetimeUnit = map[string]time.Duration{
		"minute": time.Minute,
		"hour":   time.Hour,
		"day":    24 * time.Hour,
		"year":   365 * 24 * time.Hour,
	}
)

// ParseLifetime reads a life in words, the expiresIn of the scoped dialect
// (SCP-03, SCP-04, SCP-25): a whole number from 1, one space, and minute(s),
// hour(s), day(s) or year(s). A year has 365 days. Lives over [MaxLifetime]
// are errors.
func ParseLifetime(words string) (time.Duration, error) {
	parts := lifetimeForm.FindStringSubmatch(words)
	if parts == nil {
		return 0, fmt.Errorf("parse lifetime %.40q: %w", words, ErrLifetime)
	}
	count, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("parse lifetime %.40q: %w", words, ErrLifetime)
	}
	unit := lifetimeUnit[parts[2]]
	if count > int64(MaxLifetime/unit) {
		return 0, fmt.Errorf("parse lifetime %.40q: longer than 100 years: %w", words, ErrLifetime)
	}
	return time.Duration(count) * unit, nil
}
