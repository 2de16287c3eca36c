package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/jsonrecord"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// The kinds of records. The key of an account is its login in canonical form, that of
// an API key its digest. A name, login or e-mail address, has a record with the login
// of its account, so that no two accounts share one.
const (
	kindAccount store.Kind = "account"
	kindName    store.Kind = "account-email" // at first, of e-mail addresses alone
	kindAPIKey  store.Kind = "api-key"
)

// allAccounts owns every account, so that they can be listed.
const allAccounts = "accounts"

// stored is an account in the store.
type stored struct {
	Login        string   `json:"login"`
	Email        string   `json:"email,omitempty"`
	Name         string   `json:"name,omitempty"`
	Hash         string   `json:"hash"`
	Rights       Rights   `json:"rights,omitempty"`
	Roles        []string `json:"roles,omitempty"`
	Unrestricted bool     `json:"unrestricted,omitempty"`
	Disabled     bool     `json:"disabled,omitempty"`
	TOTPSecret   string   `json:"totp_secret,omitempty"`
	Supervisor   string   `json:"supervisor,omitempty"`
	// Epoch is that of [User].
	Epoch int64 `json:"epoch,omitempty"`
}

func (s stored) user() User {
	u := Account{
		Login: s.Login, Email: s.Email, Name: s.Name, Rights: s.Rights, Roles: s.Roles, Unrestricted: s.Unrestricted,
		TOTPSecret: s.TOTPSecret, Supervisor: s.Supervisor,
	}.user()
	u.Epoch = s.Epoch
	return u
}

// storedKey is an API key in the store. Its owner is the record's.
type storedKey struct {
	Name        string    `json:"name"`
	Permissions Rights    `json:"permissions"`
	ExpiresAt   time.Time `json:"expires_at,omitzero"`
}

// keyDigest is the key of an API key's record.
func keyDigest(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// records reads and writes accounts in a store. Errors wrap [store.ErrNotFound]
// where there is no such record, or [store.ErrUnavailable].
type records struct{ store store.Store }

func (r records) byLogin(ctx context.Context, login string) (stored, error) {
	_, account, err := jsonrecord.Get[stored](ctx, r.store, kindAccount, canonicalName(login))
	return account, err
}

// byName looks for a login, then for an e-mail address. It makes the same three
// look-ups whatever it finds, so that a refused login does not tell by its time
// which names there are.
func (r records) byName(ctx context.Context, name string) (stored, error) {
	account, loginErr := r.byLogin(ctx, name)
	if loginErr != nil && !errors.Is(loginErr, store.ErrNotFound) {
		return stored{}, loginErr
	}
	_, login, emailErr := jsonrecord.Get[string](ctx, r.store, kindName, canonicalName(name))
	if emailErr != nil && !errors.Is(emailErr, store.ErrNotFound) {
		return stored{}, emailErr
	}
	if emailErr != nil {
		login = name
	}
	owner, err := r.byLogin(ctx, login)
	switch {
	case loginErr == nil:
		return account, nil
	case err != nil:
		return stored{}, err
	case emailErr != nil || !SameName(owner.user().Email, name):
		return stored{}, store.ErrNotFound // also the account of this address that was never completed
	}
	return owner, nil
}

// byKey returns an API key and the login of its owner.
func (r records) byKey(ctx context.Context, key string) (login string, found storedKey, err error) {
	record, found, err := jsonrecord.Get[storedKey](ctx, r.store, kindAPIKey, keyDigest(key))
	return record.Owner, found, err
}

func (r records) all(ctx context.Context) ([]stored, error) {
	_, accounts, err := jsonrecord.List[stored](ctx, r.store, kindAccount, allAccounts)
	return accounts, err
}

// change edits an account. An edit that returns false ends the change without
// writing.
func (r records) change(ctx context.Context, login string, edit func(*stored) bool) error {
	return jsonrecord.Change(ctx, r.store, kindAccount, canonicalName(login), func(record *store.Record, account *stored) error {
		switch {
		case record.Version == 0:
			return store.ErrNotFound
		case !edit(account):
			return store.ErrUnchanged
		}
		return nil
	})
}
