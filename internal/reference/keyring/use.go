package keyring

import (
	"slices"
	"time"
)

// Use is what a key does at a moment.
type Use int

// The uses.
const (
	Ended Use = iota // it signs no longer; it may still verify
	Now              // it signs
	Later            // it is going to sign, from Key.From on
)

// Uses returns what each key does at a time. The keys are those of one purpose, newest
// first, as [Ring.All] returns them.
func Uses(keys []Key, now time.Time) []Use {
	signs := slices.IndexFunc(keys, func(k Key) bool { return !now.Before(k.From) })
	uses := make([]Use, len(keys))
	for i, key := range keys {
		switch {
		case i == signs:
			uses[i] = Now
		case now.Before(key.From):
			uses[i] = Later
		}
	}
	return uses
}
