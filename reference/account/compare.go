package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/reference/tracing"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// compare waits at the gate as long as bounded lasts, because a comparison may
// take 19 MiB.
func (d *Directory) compare(ctx, bounded context.Context, e *entry, password string) (bool, error) {
	if password = typedPassword(password); len(password) > maxPassword {
		return false, nil
	}
	_, wait := tracing.Child(ctx, "password wait")
	release, err := d.gate.acquire(bounded)
	wait.End()
	if err != nil {
		return false, fmt.Errorf("check a password: %w", err)
	}
	defer release()
	hash, right, err := d.verifyHash(ctx, e, password)
	if err != nil {
		return false, err
	}
	if right && e.stored {
		return true, d.rehash(ctx, e.user.Login, hash, password)
	}
	return right, nil
}

// verifyHash compares a password with the hash of an account, which it returns, too.
func (d *Directory) verifyHash(ctx context.Context, e *entry, password string) (hash string, right bool, err error) {
	_, span := tracing.Child(ctx, "password hash")
	defer span.End()
	if hash, err = e.hash(); err != nil {
		return "", false, fmt.Errorf("check a password: %w", err)
	}
	if right, err = d.hasher.Verify(hash, password); err != nil {
		return "", false, fmt.Errorf("check the password of account %q: %w", e.user.Login, err)
	}
	return hash, right, nil
}

// rehash replaces a hash whose parameters are weaker than those of today.
func (d *Directory) rehash(ctx context.Context, login, old, password string) error {
	hasher, is := d.hasher.(Rehasher)
	if !is || !hasher.Outdated(old) {
		return nil
	}
	hash, err := d.hasher.Hash(password)
	if err != nil {
		return fmt.Errorf("hash the password of account %q again: %w", login, err)
	}
	err = d.cache.records.change(ctx, login, func(s *stored) bool {
		if s.Hash != old {
			return false // the password was changed meanwhile
		}
		s.Hash = hash
		return true
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
