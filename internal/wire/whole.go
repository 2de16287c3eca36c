package wire

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"time"
)

// Whole is a whole number in an answer: every member of every dialect that is a
// number is of this type. It reads any JSON number, however it is written (600,
// 600.0, 6e2), and the same as a string, because the JSON form of protocol
// buffers prints 64-bit integers as strings.
//
// null, "" and a missing member are 0. A fraction is cut off, so that a life
// never gets longer. A number that does not fit is the largest or the smallest
// that does. Anything else is an error. What 0 and a negative number mean is for
// the member to say.
type Whole int64

// number is a number as JSON writes it; in a string it may begin with zeros.
var number = regexp.MustCompile(`^(-?[0-9]+)(?:\.[0-9]+)?(?:[eE]([+-]?[0-9]+))?$`)

var errNoNumber = errors.New("neither a number nor a string that holds one")

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (w *Whole) UnmarshalJSON(data []byte) error {
	text := string(data)
	if len(text) >= 2 && text[0] == '"' {
		text = text[1 : len(text)-1]
	} else if text == "null" {
		text = ""
	}
	if text == "" {
		*w = 0
		return nil
	}
	parts := number.FindStringSubmatch(text)
	if parts == nil {
		return errNoNumber
	}
	if parts[2] == "" {
		n, _ := strconv.ParseInt(parts[1], 10, 64) // out of range it is the nearest
		*w = Whole(n)
		return nil
	}
	*w = fromFloat(text)
	return nil
}

// fromFloat reads a number with an exponent. Beyond 2^53 it is as exact as a
// float64.
func fromFloat(text string) Whole {
	const beyond = 1 << 63
	switch f, _ := strconv.ParseFloat(text, 64); { // out of range it is infinite
	case f >= beyond:
		return math.MaxInt64
	case f <= -beyond:
		return math.MinInt64
	default:
		return Whole(f)
	}
}

// Life is the number taken as a life in seconds, and 0 where it is none: null, 0,
// negative, or over [MaxLifetime].
func (w Whole) Life() time.Duration {
	if w <= 0 || w > Whole(MaxLifetime/time.Second) {
		return 0
	}
	return time.Duration(w) * time.Second
}
