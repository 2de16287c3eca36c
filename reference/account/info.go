package account

import (
	"context"
	"errors"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/reference/jsonrecord"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Info is an account as [Registry.List] returns it: without secrets.
type Info struct {
	User
	Rights   Rights
	Disabled bool
}

// Info returns an account of a configuration in the form of [Registry.List].
func (a Account) Info() Info { return Info{User: a.user(), Rights: a.Rights} }

func (s stored) info() Info {
	return Info{User: s.user(), Rights: s.Rights, Disabled: s.Disabled}
}

// List returns all accounts in the store, by login.
func (r *Registry) List(ctx context.Context) ([]Info, error) {
	accounts, err := r.records.all(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Info, len(accounts))
	for i, account := range accounts {
		list[i] = account.info()
	}
	return list, nil
}

// Page returns the accounts whose login begins with prefix, in the order of logins, and
// at most limit of them, which is at least 1. The prefix is compared as [SameName]
// compares names; "" matches all. place is where the page begins: "" for the first page,
// and for each other one what the page before returned as next. After the last page next
// is "". Page reads no other accounts. Errors wrap [store.ErrUnavailable].
func (r *Registry) Page(ctx context.Context, prefix, place string, limit int) (list []Info, next string, err error) {
	prefix = canonicalName(prefix)
	records, err := store.Page(ctx, r.records.store, kindAccount, allAccounts, max(prefix, place), limit+1)
	if err != nil {
		return nil, "", store.Unavailable(err)
	}
	for _, record := range records {
		switch {
		case !strings.HasPrefix(record.Key, prefix):
			return list, "", nil
		case len(list) == limit:
			return list, record.Key, nil
		}
		account, err := jsonrecord.Value[stored](record)
		if err != nil {
			return nil, "", err
		}
		list = append(list, account.info())
	}
	return list, "", nil
}

// Find returns the account with a login or an e-mail address. Errors wrap
// [ErrNoAccount] or [store.ErrUnavailable].
func (r *Registry) Find(ctx context.Context, name string) (Info, error) {
	account, err := r.records.byName(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return Info{}, ErrNoAccount
	}
	return account.info(), err
}
