package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
)

// account is one account of a fleet, guarded by the fleet's mu.
type account struct {
	name   string
	record sdk.Record // where the fleet was given no store

	client *sdk.Client // nil while nobody uses the account
	users  int         // of the client
	used   time.Time   // when the last of them left

	life          time.Duration // of the latest token
	ends          int64         // when it does, in Unix nanoseconds
	due           int64         // the second of the next renewal; 0: none
	share         float32       // of the wheel's rate
	needed        bool          // a person has to log in
	removed       bool          // from the fleet, when its last user is done
	before, after *account
}

// idleTime is how long the client of an account lives on when nobody uses it:
// longer than a client remembers that its back office wants to be left alone.
const idleTime = 6 * time.Minute

// borrow returns the account with a client.
func (f *Fleet) borrow(name string) (*account, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.accounts[name]
	if a == nil {
		a = &account{name: name}
	}
	if err := f.addClient(a); err != nil {
		return nil, err
	}
	f.accounts[name] = a
	a.removed = false
	a.users++
	return a, nil
}

// addClient gives an account its client. The caller holds mu.
func (f *Fleet) addClient(a *account) error {
	switch {
	case f.stopped:
		return fmt.Errorf("use account: %w", sdk.ErrClosed)
	case a.client != nil:
		return nil
	}
	options := append(slices.Clip(f.settings.client),
		sdk.WithStore(&accountStore{f, a}), sdk.WithAccount(a.name), sdk.WithObserver(observer{f, a}))
	dialect, err := f.dialectOf(a.name)
	if err != nil {
		return err
	}
	client, err := sdk.New(f.address, dialect, options...)
	if err != nil {
		return fmt.Errorf("use account: %w", err)
	}
	a.client = client
	f.clients[a] = struct{}{}
	return nil
}

// dialectOf is the dialect of an account. A panic becomes an error without its
// value, as in a client.
func (f *Fleet) dialectOf(name string) (dialect sdk.Dialect, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("make the dialect of an account: %w: %T", sdk.ErrPanic, value)
		}
	}()
	return f.dialect(name), nil
}

// giveBack notes that a user of the client has left.
func (f *Fleet) giveBack(a *account) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a.users--
	a.used = time.Now()
	f.takeApart(a)
	if a.client != nil {
		f.turn() // so that somebody looks at it when it has been idle
	}
}

// takeApart takes the client from an account that has been idle, and the account
// from the fleet if it leaves. The caller holds mu.
func (f *Fleet) takeApart(a *account) {
	if f.stopped || a.users > 0 || a.client == nil || !a.removed && time.Since(a.used) < idleTime {
		return
	}
	client := a.client
	a.client = nil
	delete(f.clients, a)
	if a.removed {
		delete(f.accounts, a.name)
	}
	f.running.Go(func() { _ = client.Stop(f.ctx) }) // there is nobody to tell
}

// accountStore is the store of one account's client. It tells the fleet what
// becomes of the token. Nobody else in this process uses the record, so that
// where the fleet was given no store there is nothing to lock.
type accountStore struct {
	fleet   *Fleet
	account *account
}

var _ sdk.Store = (*accountStore)(nil)

// Load implements [sdk.Store].
func (s *accountStore) Load(ctx context.Context, key string) (record sdk.Record, err error) {
	if s.fleet.store != nil {
		if record, err = s.fleet.store.Load(ctx, key); err != nil {
			return sdk.Record{}, err
		}
	}
	s.fleet.mu.Lock()
	defer s.fleet.mu.Unlock()
	if s.fleet.store == nil {
		return s.account.record, nil
	}
	s.fleet.plan(s.account, record.Token) // after a restart nobody else does
	return record, nil
}

// Save implements [sdk.Store].
func (s *accountStore) Save(ctx context.Context, key string, record sdk.Record) (version uint64, err error) {
	if s.fleet.store != nil {
		if version, err = s.fleet.store.Save(ctx, key, record); errors.Is(err, sdk.ErrConflict) {
			return 0, err
		}
	}
	s.fleet.mu.Lock()
	defer s.fleet.mu.Unlock()
	a := s.account
	if s.fleet.store == nil {
		if a.record.Version != record.Version {
			return 0, fmt.Errorf("save: %w", sdk.ErrConflict)
		}
		record.Version++
		a.record, version = record, record.Version
	}
	if record.Intent.IsZero() {
		s.fleet.plan(a, record.Token)
	}
	return version, err
}

// Delete implements [sdk.Store].
func (s *accountStore) Delete(ctx context.Context, key string) error {
	s.fleet.mu.Lock()
	version := s.account.record.Version
	s.account.record, s.account.ends = sdk.Record{}, 0
	if version > 0 {
		s.account.record.Version = version + 1 // no version comes back
	}
	s.fleet.wheel.remove(s.account)
	s.fleet.mu.Unlock()
	if s.fleet.store != nil {
		return s.fleet.store.Delete(ctx, key)
	}
	return nil
}

// Lock implements [sdk.Store].
func (s *accountStore) Lock(ctx context.Context, key string) (func(), error) {
	if s.fleet.store != nil {
		return s.fleet.store.Lock(ctx, key)
	}
	return func() {}, ctx.Err()
}

// observer learns from a client whether its account needs a person.
type observer struct {
	fleet   *Fleet
	account *account
}

// Observe implements [sdk.Observer].
func (o observer) Observe(_ context.Context, event sdk.Event) {
	if event.Kind != sdk.EventLogin && event.Kind != sdk.EventRenew {
		return
	}
	var e *sdk.Error
	needed := event.Kind == sdk.EventLogin && errors.As(event.Err, &e) && !e.Temporary && !errors.Is(event.Err, sdk.ErrPanic)
	o.fleet.mu.Lock()
	first := needed && !o.account.needed
	if needed || event.Err == nil {
		o.account.needed = needed
	}
	if needed {
		o.fleet.wheel.remove(o.account)
	}
	o.fleet.mu.Unlock()
	if first {
		o.fleet.settings.loginNeeded(o.account.name, event.Err)
	}
}
