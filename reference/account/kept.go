package account

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Staleness is how long a change of an account may stay unseen by requests that
// carry a token. Logins see it at once.
const Staleness = time.Second

// maxKept bounds the accounts that are remembered for that time.
const maxKept = 10_000

// keptOnes are the accounts in the store, each remembered for [Staleness]: an
// authorised request shall not cost a second look-up.
type keptOnes struct {
	records records
	clock   clock.Clock

	mu      sync.RWMutex
	entries map[string]remembered[*entry]
	list    remembered[[]User]
}

type remembered[T any] struct {
	value T
	at    time.Time
}

// fresh is false after a clock was set back, too.
func (r remembered[T]) fresh(now time.Time) bool {
	age := now.Sub(r.at)
	return !r.at.IsZero() && age >= 0 && age < Staleness
}

func newKept(s store.Store, c clock.Clock) *keptOnes {
	return &keptOnes{records: records{s}, clock: c, entries: map[string]remembered[*entry]{}}
}

func newEntry(account stored) *entry {
	return &entry{
		user: account.user(), disabled: account.Disabled, kept: true,
		hash: func() (string, error) { return account.Hash, nil },
	}
}

// byLogin returns an account, or nil where there is none.
func (k *keptOnes) byLogin(ctx context.Context, login string) (*entry, error) {
	now := k.clock.Now()
	k.mu.RLock()
	known, found := k.entries[login]
	k.mu.RUnlock()
	if found && known.fresh(now) {
		return known.value, nil
	}
	account, _, err := k.records.byLogin(ctx, login)
	if errors.Is(err, errNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	e := newEntry(account)
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.entries) >= maxKept {
		clear(k.entries)
	}
	k.entries[login] = remembered[*entry]{e, now}
	return e, nil
}

// byKey returns an API key and its owner's login, or errNone.
func (k *keptOnes) byKey(ctx context.Context, key string) (string, storedKey, error) {
	var found storedKey
	record, err := k.records.get(ctx, kindAPIKey, keyDigest(key), &found)
	return record.Owner, found, err
}

// users returns the users in front, then those in the store.
func (k *keptOnes) users(ctx context.Context, front []User) ([]User, error) {
	now := k.clock.Now()
	k.mu.RLock()
	known := k.list
	k.mu.RUnlock()
	if known.fresh(now) {
		return known.value, nil
	}
	accounts, err := k.records.all(ctx)
	if err != nil {
		return nil, err
	}
	users := append(make([]User, 0, len(front)+len(accounts)), front...)
	for _, account := range accounts {
		if !account.Disabled {
			users = append(users, account.user())
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.list = remembered[[]User]{users, now}
	return users, nil
}
