package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/jsonrecord"
	"github.com/dragoman-auth/dragoman/internal/reference/proxy"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// A network is known for so long after a login, and its record is written anew
// when it is older than a day.
const (
	knownFor  = 30 * 24 * time.Hour
	knownAnew = 24 * time.Hour
)

// home is whether an account has logged in from a network before.
type home struct {
	known bool
	key   string    // of the failures from there
	id    string    // of its record
	since time.Time // zero: not known
}

// login is the record of a home.
type login struct {
	At time.Time `json:"at"`
}

// home looks whether the account of an attempt has logged in from its network.
func (l *storeLimiter) home(ctx context.Context, a Attempt) (home, error) {
	where := proxy.Network(a.Address)
	h := home{key: digest("account", a.Account, where), id: digest("home", a.Account, where)}
	if l.settings.PerAccount < 0 {
		return h, nil
	}
	_, last, err := jsonrecord.Get[login](ctx, l.store, kindThrottle, h.id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return h, fmt.Errorf("read the networks of an account: %w", err)
	}
	h.since = last.At
	h.known = l.clock.Now().Sub(last.At) < knownFor
	return h, nil
}

// remember notes a login.
func (l *storeLimiter) remember(ctx context.Context, h home) error {
	now := l.clock.Now()
	if h.known && now.Sub(h.since) < knownAnew {
		return nil
	}
	err := jsonrecord.Change(ctx, l.store, kindThrottle, h.id, func(record *store.Record, last *login) error {
		last.At = now
		record.Expires = now.Add(knownFor)
		return nil
	})
	if err != nil {
		return fmt.Errorf("remember the network of a login: %w", err)
	}
	return nil
}
