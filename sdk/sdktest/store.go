package sdktest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
)

// RunStore tests a store, each rule in a subtest. For each it calls factory,
// which returns a function that opens a store over data of this subtest's own,
// empty at first. Opening again, as another process or the next start would,
// must give a store over the same data; a store that lives in memory returns
// itself.
func RunStore(t *testing.T, factory func(t *testing.T) (open func() sdk.Store)) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(t *testing.T, open func() sdk.Store)
	}{
		{"empty", storeEmpty},
		{"round trip", storeRoundTrip},
		{"long values", storeLongValues},
		{"compare and swap", storeCompareAndSwap},
		{"one of many writers wins", storeOneWins},
		{"delete", storeDelete},
		{"keys are apart", storeKeys},
		{"lock excludes", storeLockExcludes},
		{"lock waits with its context", storeLockContext},
		{"lock does not hinder load and save", storeLockOpen},
		{"ended context", storeEndedContext},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, factory(t)) })
	}
}

const (
	storeKey = "session-0123456789abcdef"
	otherKey = "form-fedcba9876543210"
	// storeMoment is how long a test waits for what must not come.
	storeMoment = 50 * time.Millisecond
)

// untilLate bounds a wait for what must come. It may take half of the time that the test
// has left: how fast a store is, is no part of the contract, and only one that never
// answers breaks it.
func untilLate(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	if end, bounded := t.Deadline(); bounded {
		return context.WithDeadline(t.Context(), end.Add(-time.Until(end)/2))
	}
	return context.WithCancel(t.Context())
}

func sampleRecord() sdk.Record {
	return sdk.Record{
		Token: sdk.Token{
			Access: sdk.NewSecret("access \u00e9\n\"'"), Refresh: sdk.NewSecret("refresh"), MetadataKey: "auth_token", ID: "id", Subject: "me",
			Issued: time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC), Expires: time.Date(2026, 1, 2, 3, 14, 5, 678_000_000, time.UTC),
			Scopes: []string{"GET /objects", "GET /objects/:id"}, Extra: map[string]sdk.Secret{"k": sdk.NewSecret("v")},
		},
		Intent: time.Date(2026, 1, 2, 3, 10, 0, 0, time.UTC),
	}
}

func sameRecord(a, b sdk.Record) bool {
	x, y := a.Token, b.Token
	return x.Access.Equal(y.Access) && x.Refresh.Equal(y.Refresh) && x.MetadataKey == y.MetadataKey && x.ID == y.ID && x.Subject == y.Subject &&
		x.Issued.Equal(y.Issued) && x.Expires.Equal(y.Expires) && slices.Equal(x.Scopes, y.Scopes) && maps.EqualFunc(x.Extra, y.Extra, sdk.Secret.Equal) &&
		a.Intent.Equal(b.Intent)
}

// mustSave saves and returns the record with its new version.
func mustSave(t *testing.T, store sdk.Store, key string, record sdk.Record) sdk.Record {
	t.Helper()
	version, err := store.Save(t.Context(), key, record)
	if err != nil {
		t.Fatalf("Save: %v", err)
	}
	if version == 0 || version == record.Version {
		t.Fatalf("Save: the new version is %d after %d", version, record.Version)
	}
	record.Version = version
	return record
}

func mustLoad(t *testing.T, store sdk.Store, key string) sdk.Record {
	t.Helper()
	record, err := store.Load(t.Context(), key)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return record
}

func mustDelete(t *testing.T, store sdk.Store, key string) {
	t.Helper()
	if err := store.Delete(t.Context(), key); err != nil {
		t.Fatalf("Delete: %v", err)
	}
}

// mustLock locks, and returns the unlock.
func mustLock(t *testing.T, store sdk.Store, key string) func() {
	t.Helper()
	unlock, err := store.Lock(t.Context(), key)
	if err != nil {
		t.Fatalf("Lock: %v", err)
	}
	return unlock
}

func wantRecord(t *testing.T, store sdk.Store, key string, want sdk.Record) {
	t.Helper()
	got := mustLoad(t, store, key)
	if got.Version != want.Version || !sameRecord(got, want) {
		t.Errorf("Load: version %d of %v, want version %d of %v", got.Version, got.Token, want.Version, want.Token)
	}
}

func storeEmpty(t *testing.T, open func() sdk.Store) {
	wantRecord(t, open(), storeKey, sdk.Record{})
}

func storeRoundTrip(t *testing.T, open func() sdk.Store) {
	saved := mustSave(t, open(), storeKey, sampleRecord())
	wantRecord(t, open(), storeKey, saved)
	bare := saved
	bare.Token, bare.Intent = sdk.Token{Access: sdk.NewSecret("only")}, time.Time{}
	bare = mustSave(t, open(), storeKey, bare)
	wantRecord(t, open(), storeKey, bare)
	if got := mustLoad(t, open(), storeKey); !got.Token.Expires.IsZero() || !got.Intent.IsZero() {
		t.Errorf("Load: zero times came back as %v and %v", got.Token.Expires, got.Intent)
	}
}

func storeLongValues(t *testing.T, open func() sdk.Store) {
	record := sampleRecord()
	for _, size := range []int{1 << 10, 1 << 16, 1 << 12, 1} {
		record.Token.Access = sdk.NewSecret(strings.Repeat("a", size-1) + "z")
		record.Token.Refresh = sdk.NewSecret(strings.Repeat("r", size))
		record = mustSave(t, open(), storeKey, record)
		wantRecord(t, open(), storeKey, record)
	}
}

func storeCompareAndSwap(t *testing.T, open func() sdk.Store) {
	first := mustSave(t, open(), storeKey, sampleRecord())
	if _, err := open().Save(t.Context(), storeKey, sampleRecord()); !errors.Is(err, sdk.ErrConflict) {
		t.Errorf("Save as if there was nothing: %v, want ErrConflict", err)
	}
	second := first
	second.Token.Access = sdk.NewSecret("second")
	second = mustSave(t, open(), storeKey, second)
	if _, err := open().Save(t.Context(), storeKey, first); !errors.Is(err, sdk.ErrConflict) {
		t.Errorf("Save over a newer record: %v, want ErrConflict", err)
	}
	wantRecord(t, open(), storeKey, second)
}

func storeOneWins(t *testing.T, open func() sdk.Store) {
	record := mustSave(t, open(), storeKey, sampleRecord())
	const writers = 16
	var wins atomic.Int64
	var group sync.WaitGroup
	for range writers {
		store := open()
		group.Go(func() {
			switch _, err := store.Save(t.Context(), storeKey, record); {
			case err == nil:
				wins.Add(1)
			case !errors.Is(err, sdk.ErrConflict):
				t.Errorf("Save: %v", err)
			}
		})
	}
	group.Wait()
	if n := wins.Load(); n != 1 {
		t.Errorf("%d of %d writers over the same version won, want 1", n, writers)
	}
}

func storeDelete(t *testing.T, open func() sdk.Store) {
	mustDelete(t, open(), storeKey) // of nothing
	first := mustSave(t, open(), storeKey, sampleRecord())
	mustDelete(t, open(), storeKey)
	wantRecord(t, open(), storeKey, sdk.Record{})
	if _, err := open().Save(t.Context(), storeKey, first); !errors.Is(err, sdk.ErrConflict) {
		t.Errorf("Save over a deleted record: %v, want ErrConflict", err)
	}
	second := mustSave(t, open(), storeKey, sampleRecord())
	if second.Version == first.Version {
		t.Error("Save: the version of a deleted record came back")
	}
}

func storeKeys(t *testing.T, open func() sdk.Store) {
	one := mustSave(t, open(), storeKey, sampleRecord())
	other := sampleRecord()
	other.Token.Access = sdk.NewSecret("other")
	other = mustSave(t, open(), otherKey, other)
	wantRecord(t, open(), storeKey, one)
	mustDelete(t, open(), storeKey)
	wantRecord(t, open(), otherKey, other)
	defer mustLock(t, open(), storeKey)()
	mustLock(t, open(), otherKey)()
}

func storeLockExcludes(t *testing.T, open func() sdk.Store) {
	var holders, most atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		store := open()
		group.Go(func() {
			for range 5 {
				unlock, err := store.Lock(t.Context(), storeKey)
				if err != nil {
					t.Errorf("Lock: %v", err)
					return
				}
				now := holders.Add(1)
				for before := most.Load(); now > before && !most.CompareAndSwap(before, now); before = most.Load() {
				}
				record, err := store.Load(t.Context(), storeKey)
				<-time.After(time.Millisecond) // long enough for another to come in
				if err == nil {
					record.Token.Access = sdk.NewSecret(record.Token.Access.Reveal() + "x")
					_, err = store.Save(t.Context(), storeKey, record)
				}
				if err != nil {
					t.Errorf("under the lock: %v", err)
				}
				holders.Add(-1)
				unlock()
				unlock() // once more must do no harm
			}
		})
	}
	group.Wait()
	if most.Load() != 1 {
		t.Errorf("%d held the lock at once", most.Load())
	}
	if got := mustLoad(t, open(), storeKey).Token.Access.Reveal(); got != strings.Repeat("x", 40) {
		t.Errorf("%d of 40 changes made under the lock are there", len(got))
	}
}

func storeLockContext(t *testing.T, open func() sdk.Store) {
	unlock := sync.OnceFunc(mustLock(t, open(), storeKey))
	defer unlock()
	late, stop := untilLate(t)
	defer stop()
	ctx, cancel := context.WithTimeout(t.Context(), storeMoment)
	defer cancel()
	select {
	case err := <-lockAndUnlock(ctx, open()):
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Lock of a locked key: %v, want the context's error", err)
		}
	case <-late.Done():
		t.Error("Lock of a locked key did not return when its context ended")
		return
	}
	got := lockAndUnlock(t.Context(), open())
	select {
	case err := <-got:
		t.Errorf("Lock of a locked key returned %v", err)
		return
	case <-time.After(storeMoment):
	}
	unlock()
	select {
	case err := <-got:
		if err != nil {
			t.Errorf("Lock: %v", err)
		}
	case <-late.Done():
		t.Error("Lock did not return after the unlock")
	}
}

// lockAndUnlock sends what Lock returned, after the unlock.
func lockAndUnlock(ctx context.Context, store sdk.Store) <-chan error {
	got := make(chan error, 1)
	go func() {
		unlock, err := store.Lock(ctx, storeKey)
		if err == nil {
			unlock()
		}
		got <- err
	}()
	return got
}

func storeLockOpen(t *testing.T, open func() sdk.Store) {
	defer mustLock(t, open(), storeKey)()
	ctx, cancel := untilLate(t)
	defer cancel()
	for what, err := range each(ctx, open()) {
		if err != nil {
			t.Errorf("%s beside the lock: %v", what, err)
		}
	}
}

// each does what a store does besides Lock, one after the other, and returns the errors.
func each(ctx context.Context, store sdk.Store) map[string]error {
	_, save := store.Save(ctx, storeKey, sampleRecord())
	_, load := store.Load(ctx, storeKey)
	return map[string]error{"Save": save, "Load": load, "Delete": store.Delete(ctx, storeKey)}
}

func storeEndedContext(t *testing.T, open func() sdk.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	store := open()
	errs := each(ctx, store)
	_, errs["Lock"] = store.Lock(ctx, storeKey)
	for what, err := range errs {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want the context's error", what, err)
		}
	}
	wantRecord(t, store, storeKey, sdk.Record{})
}
