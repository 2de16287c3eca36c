// Package humanize writes durations, counts and lists as people do: "30 days", "1
// requirement", "session, form or rpc". It also finds the known word that a mistyped
// one most likely stands for. All texts for people use it, so that the same thing has
// the same form everywhere.
package humanize

import (
	"strconv"
	"strings"
	"time"
)

// Duration says how long something is: "30 days", "1 hour 30 minutes", "1.5
// seconds", "250 ms". It is rounded to whole seconds, below ten of them to
// tenths, below one to milliseconds, and below ten of those to tenths again. A
// negative one is "minus 10 minutes".
func Duration(d time.Duration) string {
	if d < 0 {
		return "minus " + Duration(d.Abs())
	}
	switch d = d.Round(step(d)); {
	case d == 0:
		return "0 seconds"
	case d < time.Second:
		return number(d, time.Millisecond) + " ms"
	case d < 10*time.Second:
		return seconds(d)
	}
	var said []string
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := d / unit.length; n > 0 {
			said = append(said, Count(int(n), unit.name))
			d -= n * unit.length
		}
	}
	if d > 0 {
		said = append(said, seconds(d))
	}
	return strings.Join(said, " ")
}

// step is what a duration is rounded to.
func step(d time.Duration) time.Duration {
	switch {
	case d < 10*time.Millisecond:
		return 100 * time.Microsecond
	case d < time.Second:
		return time.Millisecond
	case d < 10*time.Second:
		return 100 * time.Millisecond
	}
	return time.Second
}

func seconds(d time.Duration) string {
	if d == time.Second {
		return "1 second"
	}
	return number(d, time.Second) + " seconds"
}

// number is a duration in a unit, with as many decimals as it has.
func number(d, unit time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(unit), 'f', -1, 64)
}

// Count says how many of something there are: "1 requirement", "0
// requirements". The noun is the singular, and its plural ends in s.
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}
