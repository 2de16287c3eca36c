package account

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/reference/jsonrecord"
	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// What callers of a [Registry] branch on.
var (
	// ErrTaken says that the login, the e-mail address or the API key is in use
	// already.
	ErrTaken = errors.New("it is taken")
	// ErrNoAccount says that the store holds no such account or API key.
	ErrNoAccount = errors.New("there is no such account")
)

// Registry changes the accounts in a store. A [Directory] over the same store
// sees a change within [Staleness]. It is safe for concurrent use, also by
// several processes.
type Registry struct {
	records records
	hasher  Hasher
	matcher scope.Matcher
}

// NewRegistry returns a registry of the accounts in a store. A nil hasher is
// [Argon2id], a nil matcher that of the documented grammar.
func NewRegistry(s store.Store, hasher Hasher, matcher scope.Matcher) (*Registry, error) {
	if s == nil {
		return nil, errors.New("new registry: it needs a store")
	}
	return &Registry{
		records: records{s}, hasher: cmp.Or[Hasher](hasher, Argon2id{}), matcher: cmp.Or[scope.Matcher](matcher, scope.Grammar{}),
	}, nil
}

// Add creates an account with its API keys. Errors wrap [ErrTaken] or
// [store.ErrUnavailable].
func (r *Registry) Add(ctx context.Context, a Account) error {
	if err := a.check(r.matcher); err != nil {
		return fmt.Errorf("add an account: %w", err)
	}
	account := stored{
		Login: a.Login, Email: a.Email, Name: a.Name, Hash: a.PasswordHash, Rights: a.Rights, Roles: a.Roles, Unrestricted: a.Unrestricted,
		TOTPSecret: a.TOTPSecret, Supervisor: a.Supervisor, Epoch: firstEpoch(),
	}
	if a.Password != "" {
		var err error
		if account.Hash, err = r.hasher.Hash(typedPassword(a.Password)); err != nil {
			return fmt.Errorf("add account %q: %w", a.Login, err)
		}
	}
	if _, err := r.records.byLogin(ctx, a.Login); !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("add account %q: %w", a.Login, orTaken(err))
	}
	for _, name := range account.names() {
		if err := r.takeName(ctx, name, a.Login); err != nil {
			return fmt.Errorf("add account %q with the name %q: %w", a.Login, name, err)
		}
	}
	record := store.Record{Kind: kindAccount, Key: canonicalName(a.Login), Owner: allAccounts}
	if err := jsonrecord.Create(ctx, r.records.store, record, account); err != nil {
		return fmt.Errorf("add account %q: %w", a.Login, taken(err))
	}
	if err := r.keptNames(ctx, account); err != nil {
		return fmt.Errorf("add account %q: %w", a.Login, err)
	}
	for _, key := range a.APIKeys {
		if err := r.AddAPIKey(ctx, a.Login, key); err != nil {
			return err
		}
	}
	return nil
}

// firstEpoch is the epoch of a new account. It is drawn, so that nothing of an account
// that was deleted lives on in another of the same login.
func firstEpoch() int64 {
	var bytes [4]byte
	_, _ = rand.Read(bytes[:]) // it never fails
	return int64(binary.BigEndian.Uint32(bytes[:]) >> 1)
}

// names are the canonical login and e-mail address of an account, each once.
func (s stored) names() []string {
	login, email := canonicalName(s.Login), canonicalName(s.user().Email)
	if login == email {
		return []string{login}
	}
	return []string{login, email}
}

// takeName reserves a name before its account is created, so that no two accounts
// share one. A reservation without an account is replaced.
func (r *Registry) takeName(ctx context.Context, name, login string) error {
	if other, err := r.records.byName(ctx, name); err == nil && !SameName(other.Login, login) {
		return ErrTaken
	} else if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	reservation := store.Record{Kind: kindName, Key: name}
	err := jsonrecord.Create(ctx, r.records.store, reservation, login)
	if !errors.Is(err, store.ErrExists) {
		return err
	}
	if err := r.remove(ctx, kindName, name); err != nil {
		return err
	}
	return taken(jsonrecord.Create(ctx, r.records.store, reservation, login))
}

// keptNames removes a new account again where another one, which was added at the same
// moment, has replaced a reservation of it.
func (r *Registry) keptNames(ctx context.Context, account stored) error {
	for _, name := range account.names() {
		_, owner, err := jsonrecord.Get[string](ctx, r.records.store, kindName, name)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if owner != account.Login {
			return errors.Join(ErrTaken, r.remove(ctx, kindAccount, canonicalName(account.Login)))
		}
	}
	return nil
}

// taken turns store.ErrExists into ErrTaken.
func taken(err error) error {
	if errors.Is(err, store.ErrExists) {
		return ErrTaken
	}
	return err
}

// orTaken turns the absence of an error into ErrTaken.
func orTaken(err error) error {
	if err == nil {
		return ErrTaken
	}
	return err
}

// change edits an account, or returns an error that wraps [ErrNoAccount].
func (r *Registry) change(ctx context.Context, login string, edit func(*stored)) error {
	err := r.records.change(ctx, login, func(s *stored) bool {
		edit(s)
		return true
	})
	if errors.Is(err, store.ErrNotFound) {
		err = ErrNoAccount
	}
	if err != nil {
		return fmt.Errorf("change account %q: %w", login, err)
	}
	return nil
}

// SetPassword gives an account a new password and ends its sessions and tokens,
// but not its API keys. Errors wrap [ErrNoAccount] or
// [store.ErrUnavailable].
func (r *Registry) SetPassword(ctx context.Context, login, password string) error {
	password, err := newPassword(password)
	if err != nil {
		return fmt.Errorf("set the password of %q: %w", login, err)
	}
	hash, err := r.hasher.Hash(password)
	if err != nil {
		return fmt.Errorf("set the password of %q: %w", login, err)
	}
	return r.change(ctx, login, func(s *stored) {
		s.Hash = hash
		s.Epoch++
	})
}

// Disable stops an account from logging in, rejects its API keys, and ends its
// sessions and tokens. Errors wrap [ErrNoAccount] or [store.ErrUnavailable].
func (r *Registry) Disable(ctx context.Context, login string) error {
	return r.change(ctx, login, func(s *stored) {
		s.Disabled = true
		s.Epoch++
	})
}

// EndSessions ends all sessions and tokens of an account, but not its API keys.
// Errors wrap [ErrNoAccount] or [store.ErrUnavailable].
func (r *Registry) EndSessions(ctx context.Context, login string) error {
	return r.change(ctx, login, func(s *stored) { s.Epoch++ })
}

// Login returns the login of an account as it was added, for one that is written in
// another way. Errors wrap [ErrNoAccount] or [store.ErrUnavailable].
func (r *Registry) Login(ctx context.Context, login string) (string, error) {
	account, err := r.records.byLogin(ctx, login)
	if errors.Is(err, store.ErrNotFound) {
		err = ErrNoAccount
	}
	return account.Login, err
}

// Epoch implements grant.Accounts for the accounts in the store.
func (r *Registry) Epoch(ctx context.Context, login string) (epoch int64, active bool, err error) {
	account, err := r.records.byLogin(ctx, login)
	if errors.Is(err, store.ErrNotFound) {
		return 0, false, nil
	}
	return account.Epoch, err == nil && !account.Disabled, err
}

// Enable lets an account log in again. Its API keys are accepted again; its
// sessions and tokens remain ended. Errors wrap [ErrNoAccount] or [store.ErrUnavailable].
func (r *Registry) Enable(ctx context.Context, login string) error {
	return r.change(ctx, login, func(s *stored) { s.Disabled = false })
}

// Grant replaces the rights of an account. Errors wrap
// [ErrNoAccount] or [store.ErrUnavailable].
func (r *Registry) Grant(ctx context.Context, login string, rights Rights) error {
	if err := rights.Check(r.matcher); err != nil {
		return fmt.Errorf("grant rights to %q: %w", login, err)
	}
	return r.change(ctx, login, func(s *stored) { s.Rights = rights })
}

// AddAPIKey gives an account an API key. Errors wrap [ErrNoAccount],
// [ErrTaken] or [store.ErrUnavailable].
func (r *Registry) AddAPIKey(ctx context.Context, login string, key APIKey) error {
	if err := key.check(login, r.matcher); err != nil {
		return fmt.Errorf("add an API key: %w", err)
	}
	owner, err := r.Login(ctx, login)
	if err == nil {
		err = taken(jsonrecord.Create(ctx, r.records.store, store.Record{Kind: kindAPIKey, Key: keyDigest(key.Key), Owner: owner},
			storedKey{Name: key.Name, Permissions: key.Permissions, ExpiresAt: key.ExpiresAt}))
	}
	if err != nil {
		return fmt.Errorf("add an API key to %q: %w", login, err)
	}
	return nil
}

// RevokeAPIKeys removes the account's API keys with a name. Errors wrap
// [ErrNoAccount] when there is none, or [store.ErrUnavailable].
func (r *Registry) RevokeAPIKeys(ctx context.Context, login, name string) error {
	owner, err := r.Login(ctx, login)
	if err != nil {
		return fmt.Errorf("revoke the API key %q of %q: %w", name, login, err)
	}
	records, keys, err := jsonrecord.List[storedKey](ctx, r.records.store, kindAPIKey, owner)
	if err != nil {
		return fmt.Errorf("revoke API keys: %w", err)
	}
	removed := 0
	for i, record := range records {
		if keys[i].Name != name {
			continue
		}
		if err := r.records.store.Delete(ctx, kindAPIKey, record.Key); err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("revoke API keys: %w", store.Unavailable(err))
		}
		removed++
	}
	if removed == 0 {
		return fmt.Errorf("revoke the API key %q of %q: %w", name, login, ErrNoAccount)
	}
	return nil
}

// SetSecondFactor replaces the second factor of an account: a TOTP secret, or the
// login of a supervisor, or neither. Errors wrap [ErrNoAccount] or
// [store.ErrUnavailable].
func (r *Registry) SetSecondFactor(ctx context.Context, login, totpSecret, supervisor string) error {
	if err := (Account{Login: login, TOTPSecret: totpSecret, Supervisor: supervisor}).checkSecondFactor(); err != nil {
		return fmt.Errorf("set a second factor: %w", err)
	}
	err := r.change(ctx, login, func(s *stored) { s.TOTPSecret, s.Supervisor = totpSecret, supervisor })
	if err != nil {
		return fmt.Errorf("set the second factor of %q: %w", login, err)
	}
	return nil
}
