package zoo

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// lockPoll is how often a client looks whether a store is free.
const lockPoll = 10 * time.Millisecond

func (c *client) storePath(name string) string { return filepath.Join(c.env.Store, name) }

// hasStore says whether tokens outlive the client.
func (c *client) hasStore() bool { return c.env.Store != "" && !c.habits.noStore }

// lock waits until the client is alone with the store.
func (c *client) lock(ctx context.Context) (unlock func(), err error) {
	if !c.hasStore() || c.habits.storeUnlocked || c.habits.storeAtStart {
		return func() {}, nil
	}
	if c.habits.keepsLock {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, exchangeTimeout)
		defer cancel()
	}
	for {
		file, err := os.OpenFile(c.storePath("lock"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			_ = file.Close()
			if c.habits.keepsLock {
				return func() {}, nil
			}
			return func() { _ = os.Remove(c.storePath("lock")) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		select {
		case <-time.After(lockPoll):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// stored is the token of the store; the zero token where there is none.
func (c *client) stored() (t token) {
	if !c.hasStore() {
		return t
	}
	text, err := os.ReadFile(c.storePath("token.json"))
	if err != nil || json.Unmarshal(text, &t) != nil {
		return token{}
	}
	return t
}

// keep writes a token into the store. One that cannot be kept costs a login.
func (c *client) keep(t token) {
	if !c.hasStore() {
		return
	}
	if text, err := json.Marshal(t); err == nil {
		_ = os.WriteFile(c.storePath("token.json"), text, 0o600)
	}
}
