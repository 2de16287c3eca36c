// Package dated holds values together with the time at which they were read, for
// caches that trust a value for a fixed time by an injected clock.
package dated

import "time"

// Value is a value that was read at a time. The zero Value is never fresh.
type Value[T any] struct {
	Value T
	At    time.Time
}

// Fresh says whether the value is younger than life. It is false also when the
// clock was set back to before At.
func (v Value[T]) Fresh(now time.Time, life time.Duration) bool {
	age := now.Sub(v.At)
	return !v.At.IsZero() && age >= 0 && age < life
}
