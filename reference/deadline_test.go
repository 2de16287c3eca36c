package reference_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// slowStore is a store whose operations take a time, or fail after it.
type slowStore struct {
	store.Store
	takes atomic.Int64
	fails atomic.Bool
}

var errTimeout = errors.New("the database does not answer")

func (s *slowStore) wait(ctx context.Context) error {
	select {
	case <-time.After(time.Duration(s.takes.Load())):
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.fails.Load() {
		return errTimeout
	}
	return nil
}

func (s *slowStore) Get(ctx context.Context, kind store.Kind, key string) (store.Record, error) {
	if err := s.wait(ctx); err != nil {
		return store.Record{}, err
	}
	return s.Store.Get(ctx, kind, key)
}

func (s *slowStore) Update(ctx context.Context, record store.Record) error {
	if err := s.wait(ctx); err != nil {
		return err
	}
	return s.Store.Update(ctx, record)
}

func (s *slowStore) Create(ctx context.Context, record store.Record) error {
	if err := s.wait(ctx); err != nil {
		return err
	}
	return s.Store.Create(ctx, record)
}

// TestRequestsHaveOneDeadline: while a store hangs, many refreshes at once are all
// answered with its first timeout; and where it is so slow that no operation fails, a
// login is answered at the deadline.
func TestRequestsHaveOneDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{Store: memory.New()}
		o := inMemory(t, reference.Config{Accounts: reference.DemoAccounts(), Hasher: account.FastHasher{}, RPCSigner: testSigner(), Store: s})
		pair := o.session("root")
		<-time.After(time.Minute) // nothing that was read is fresh
		s.takes.Store(int64(3 * time.Second))
		s.fails.Store(true)
		began, answers := time.Now(), make(chan reply)
		for range 12 {
			go func() { answers <- o.refresh(pair.refresh, pair.access) }()
		}
		for range 12 {
			o.want("a refresh of a store that hangs", <-answers, 503)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("the refreshes were answered after %v, want 3s", took)
		}
		s.fails.Store(false)
		began = time.Now()
		for i, d := range dialects() {
			go func() { answers <- d.login(o, fmt.Sprint("nobody", i), "root") }()
		}
		for range dialects() {
			if r := o.want("a login to a slow store", <-answers, 503); r.header.Get("Retry-After") == "" {
				t.Errorf("a login to a slow store has no Retry-After: %v", r)
			}
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("the logins were answered after %v, want 20s at most", took)
		}
		s.takes.Store(0)
		o.want("a refresh afterwards", o.refresh(pair.refresh, pair.access), 200)
	})
}
