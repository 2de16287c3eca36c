package grant

import (
	"cmp"
	"errors"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

// Lifetimes are how long sessions and tokens live: each between a second and 100
// years. Zero is the default that the field names.
type Lifetimes struct {
	// SessionAccess is the life of a session access token: 10 minutes.
	SessionAccess time.Duration
	// SessionIdle is the life of a refresh token, counted anew at every
	// refresh: 30 days.
	SessionIdle time.Duration
	// SessionTotal is the life of a session however often it is refreshed: 90
	// days.
	SessionTotal time.Duration
	// RefreshGrace is how long after a refresh the old refresh token is answered
	// with the same successor again, while that is unused: as long as the session
	// lives, because nobody knows how late a database does what it was told before a
	// freeze. Negative: never.
	RefreshGrace time.Duration
	// FormShort is the life of a form token: 24 hours.
	FormShort time.Duration
	// FormLong is its life with longtoken: 30 days.
	FormLong time.Duration
	// RPC is the life of an rpc token: 4 hours.
	RPC time.Duration
	// Scoped is the life of a scoped token without expiresIn: 24 hours.
	Scoped time.Duration
}

func (l Lifetimes) withDefaults() (Lifetimes, error) {
	for _, life := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&l.SessionAccess, wire.SessionAccessLife},
		{&l.SessionIdle, 30 * 24 * time.Hour},
		{&l.SessionTotal, 90 * 24 * time.Hour},
		{&l.FormShort, wire.FormShortLife},
		{&l.FormLong, wire.FormLongLife},
		{&l.RPC, 4 * time.Hour},
		{&l.Scoped, wire.ScopedDefaultLife},
	} {
		*life.field = cmp.Or(*life.field, life.value)
		if *life.field < time.Second || *life.field > wire.MaxLifetime {
			return Lifetimes{}, errors.New("lifetimes: each is between a second and 100 years")
		}
	}
	l.RefreshGrace = cmp.Or(l.RefreshGrace, l.SessionTotal)
	return l, nil
}
