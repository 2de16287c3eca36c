package account

import (
	"context"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/dated"
	"github.com/dragoman-auth/dragoman/internal/reference/listing"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Staleness is how long requests with a token may still see an account as it was
// before a change. Logins see the change at once, and the tokens that they obtain are
// good at once.
const Staleness = time.Second

// maxCached bounds the accounts that are cached for that time.
const maxCached = 10_000

// accountCache reads the accounts in the store and caches each for [Staleness],
// so that an authorised request does not cost a second look-up.
type accountCache struct {
	records records
	clock   clock.Clock

	mu      sync.RWMutex
	entries map[string]dated.Value[*entry]
	list    dated.Value[*listing.List[User]]
}

func newAccountCache(s store.Store, clk clock.Clock) *accountCache {
	return &accountCache{records: records{s}, clock: clk, entries: map[string]dated.Value[*entry]{}}
}

func newEntry(account stored) *entry {
	return &entry{
		user: account.user(), disabled: account.Disabled, stored: true, totp: account.TOTPSecret,
		hash: func() (string, error) { return account.Hash, nil },
	}
}

// byLogin returns an account. The error wraps [store.ErrNotFound] where there is
// none.
func (c *accountCache) byLogin(ctx context.Context, login string) (*entry, error) {
	now := c.clock.Now()
	c.mu.RLock()
	known, found := c.entries[login]
	c.mu.RUnlock()
	if found && known.Fresh(now, Staleness) {
		return known.Value, nil
	}
	return c.read(ctx, login)
}

// read reads an account anew, and caches it.
func (c *accountCache) read(ctx context.Context, login string) (*entry, error) {
	now := c.clock.Now()
	account, err := c.records.byLogin(ctx, login)
	if err != nil {
		return nil, err
	}
	e := newEntry(account)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxCached {
		clear(c.entries)
	}
	c.entries[login] = dated.Value[*entry]{Value: e, At: now}
	return e, nil
}

// users returns the users in front, then those in the store.
func (c *accountCache) users(ctx context.Context, front []User) (*listing.List[User], error) {
	now := c.clock.Now()
	c.mu.RLock()
	known := c.list
	c.mu.RUnlock()
	if known.Fresh(now, Staleness) {
		return known.Value, nil
	}
	accounts, err := c.records.all(ctx)
	if err != nil {
		return nil, err
	}
	users := append(make([]User, 0, len(front)+len(accounts)), front...)
	for _, account := range accounts {
		if !account.Disabled {
			users = append(users, account.user())
		}
	}
	list := listing.New(users)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = dated.Value[*listing.List[User]]{Value: list, At: now}
	return list, nil
}
