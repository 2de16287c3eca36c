package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// The kinds of records. The key of an account is its login, that of an e-mail
// address the address in lower case, that of an API key its digest.
const (
	kindAccount store.Kind = "account"
	kindEmail   store.Kind = "account-email"
	kindAPIKey  store.Kind = "api-key"
)

// allAccounts owns every account, so that they can be listed.
const allAccounts = "accounts"

// stored is an account in the store.
type stored struct {
	Login        string       `json:"login"`
	Email        string       `json:"email,omitempty"`
	Name         string       `json:"name,omitempty"`
	Hash         string       `json:"hash"`
	Rights       scope.Rights `json:"rights,omitempty"`
	Roles        []string     `json:"roles,omitempty"`
	Unrestricted bool         `json:"unrestricted,omitempty"`
	Disabled     bool         `json:"disabled,omitempty"`
	// Epoch is that of [User].
	Epoch int64 `json:"epoch,omitempty"`
}

func (s stored) user() User {
	u := Account{
		Login: s.Login, Email: s.Email, Name: s.Name, Rights: s.Rights, Roles: s.Roles, Unrestricted: s.Unrestricted,
	}.user()
	u.Epoch = s.Epoch
	return u
}

// storedKey is an API key in the store. Its owner is the record's.
type storedKey struct {
	Name        string       `json:"name"`
	Permissions scope.Rights `json:"permissions"`
	ExpiresAt   time.Time    `json:"expires_at,omitzero"`
}

// keyDigest is the key of an API key's record.
func keyDigest(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

func emailKey(email string) string { return strings.ToLower(email) }

// records reads and writes accounts in a store.
type records struct{ store store.Store }

// errNotFound says that the store holds no such record.
var errNotFound = errors.New("no such record")

func (r records) get(ctx context.Context, kind store.Kind, key string, value any) (store.Record, error) {
	record, err := r.store.Get(ctx, kind, key)
	if errors.Is(err, store.ErrNotFound) {
		return store.Record{}, errNotFound
	}
	if err != nil {
		return store.Record{}, fmt.Errorf("read an account: %w", store.Unavailable(err))
	}
	if err := json.Unmarshal(record.Value, value); err != nil {
		return store.Record{}, fmt.Errorf("read an account: %w", err)
	}
	return record, nil
}

// byLogin returns an account, or errNotFound.
func (r records) byLogin(ctx context.Context, login string) (stored, store.Record, error) {
	var account stored
	record, err := r.get(ctx, kindAccount, login, &account)
	return account, record, err
}

// byName looks for a login, then for an e-mail address, or returns errNotFound.
func (r records) byName(ctx context.Context, name string) (stored, error) {
	account, _, err := r.byLogin(ctx, name)
	if !errors.Is(err, errNotFound) {
		return account, err
	}
	var login string
	if _, err := r.get(ctx, kindEmail, emailKey(name), &login); err != nil {
		return stored{}, err
	}
	account, _, err = r.byLogin(ctx, login)
	if err == nil && emailKey(account.user().Email) != emailKey(name) {
		return stored{}, errNotFound // the account of this address was never completed
	}
	return account, err
}

func (r records) all(ctx context.Context) ([]stored, error) {
	list, err := r.store.List(ctx, kindAccount, allAccounts)
	if err != nil {
		return nil, fmt.Errorf("list the accounts: %w", store.Unavailable(err))
	}
	accounts := make([]stored, len(list))
	for i, record := range list {
		if err := json.Unmarshal(record.Value, &accounts[i]); err != nil {
			return nil, fmt.Errorf("list the accounts: %w", err)
		}
	}
	return accounts, nil
}

func (r records) create(ctx context.Context, kind store.Kind, key, owner string, value any) error {
	encoded, err := json.Marshal(value)
	if err != nil {
		return err
	}
	err = r.store.Create(ctx, store.Record{Kind: kind, Key: key, Owner: owner, Value: encoded})
	if err != nil && !errors.Is(err, store.ErrExists) {
		return store.Unavailable(err)
	}
	return err
}

// change edits an account. When another writer was faster it reads the account
// again and repeats the edit. An edit that returns false ends the change without
// writing.
func (r records) change(ctx context.Context, login string, edit func(*stored) bool) error {
	for {
		account, record, err := r.byLogin(ctx, login)
		if err != nil || !edit(&account) {
			return err
		}
		if record.Value, err = json.Marshal(account); err != nil {
			return fmt.Errorf("write an account: %w", err)
		}
		switch err := r.store.Update(ctx, record); {
		case err == nil:
			return nil
		case errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrNotFound):
			continue
		default:
			return fmt.Errorf("write an account: %w", store.Unavailable(err))
		}
	}
}
