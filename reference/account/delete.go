package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/reference/jsonrecord"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Delete removes an account with its API keys, and ends its sessions and tokens. It
// first disables the account, so that a removal that was interrupted can be done
// again. An account that supervises another is not removed. Errors wrap
// [ErrNoAccount] or [store.ErrUnavailable].
func (r *Registry) Delete(ctx context.Context, login string) error {
	if err := r.delete(ctx, login); err != nil {
		return fmt.Errorf("delete account %q: %w", login, err)
	}
	return nil
}

func (r *Registry) delete(ctx context.Context, login string) error {
	accounts, err := r.records.all(ctx)
	if err != nil {
		return err
	}
	for _, other := range accounts {
		if SameName(other.Supervisor, login) {
			return fmt.Errorf("it supervises %q; take another supervisor first", other.Login)
		}
	}
	account, err := r.records.byLogin(ctx, login)
	if errors.Is(err, store.ErrNotFound) {
		return ErrNoAccount
	}
	if err == nil {
		err = r.Disable(ctx, login)
	}
	if err != nil {
		return err
	}
	keys, err := r.records.store.List(ctx, kindAPIKey, account.Login)
	if err != nil {
		return store.Unavailable(err)
	}
	for _, key := range keys {
		if err := r.remove(ctx, kindAPIKey, key.Key); err != nil {
			return err
		}
	}
	for _, name := range account.names() {
		_, owner, err := jsonrecord.Get[string](ctx, r.records.store, kindName, name)
		if err == nil && owner == account.Login {
			err = r.remove(ctx, kindName, name)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	if err := r.remove(ctx, kindTOTP, account.Login); err != nil {
		return err
	}
	return r.remove(ctx, kindAccount, canonicalName(login))
}

// remove removes a record, where there is one.
func (r *Registry) remove(ctx context.Context, kind store.Kind, key string) error {
	if err := r.records.store.Delete(ctx, kind, key); err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Unavailable(err)
	}
	return nil
}
