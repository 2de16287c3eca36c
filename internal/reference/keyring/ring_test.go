package keyring_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func stopped() *clock.Offset { return clock.NewOffset(clock.Func(func() time.Time { return noon })) }

func newRing(t *testing.T, s store.Store, c clock.Clock) *keyring.Ring {
	t.Helper()
	r, err := keyring.New(keyring.Config{Store: s, Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func signer(t *testing.T, r *keyring.Ring, purpose keyring.Purpose) keyring.Key {
	t.Helper()
	key, err := r.Signer(t.Context(), purpose)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func rotate(t *testing.T, r *keyring.Ring, rotation keyring.Rotation) string {
	t.Helper()
	key, err := r.Rotate(t.Context(), keyring.Secret, rotation)
	if err != nil {
		t.Fatal(err)
	}
	return key.ID
}

// TestReplicasAgreeOnTheFirstKey asks many replicas for a key at once.
func TestReplicasAgreeOnTheFirstKey(t *testing.T) {
	t.Parallel()
	shared := memory.New()
	for _, purpose := range keyring.Purposes() {
		ids := make([]string, 4)
		var all sync.WaitGroup
		for i := range ids {
			ring := newRing(t, shared, stopped())
			all.Go(func() {
				key, err := ring.Signer(context.Background(), purpose)
				if err != nil {
					t.Error(err)
				}
				ids[i] = key.ID
			})
		}
		all.Wait()
		for _, id := range ids {
			if id == "" || id != ids[0] {
				t.Errorf("the replicas sign with the %s keys %v", purpose, ids)
			}
		}
	}
}

// TestRotation rotates the key of two replicas: both can verify the new key before
// one signs with it, and the old one verifies until it is removed.
func TestRotation(t *testing.T) {
	t.Parallel()
	shared, now := memory.New(), stopped()
	a, b := newRing(t, shared, now), newRing(t, shared, now)
	old := signer(t, a, keyring.Secret)
	if got := signer(t, b, keyring.Secret); got.ID != old.ID || !bytes.Equal(got.Secret, old.Secret) {
		t.Fatalf("b signs with %s, a with %s", got.ID, old.ID)
	}
	id := rotate(t, a, keyring.Rotation{})
	for _, ring := range []*keyring.Ring{a, b} {
		if got := signer(t, ring, keyring.Secret); got.ID != old.ID {
			t.Errorf("%s signs before all replicas can know it", got.ID)
		}
		if key, err := ring.ByID(t.Context(), keyring.Secret, id); err != nil || key.ID != id {
			t.Errorf("the new key is not found: %v", err)
		}
	}
	now.Advance(2*keyring.Staleness - time.Millisecond)
	if got := signer(t, b, keyring.Secret); got.ID != old.ID {
		t.Errorf("%s signs too early", got.ID)
	}
	now.Advance(time.Millisecond)
	for _, ring := range []*keyring.Ring{a, b} {
		if got := signer(t, ring, keyring.Secret); got.ID != id {
			t.Errorf("%s signs, want %s", got.ID, id)
		}
		if _, err := ring.ByID(t.Context(), keyring.Secret, old.ID); err != nil {
			t.Errorf("the old key no longer verifies: %v", err)
		}
	}
	now.Advance(keyring.Keep - time.Millisecond)
	rotate(t, a, keyring.Rotation{})
	if _, err := a.ByID(t.Context(), keyring.Secret, old.ID); err != nil {
		t.Errorf("the old key was dropped while it was to be kept: %v", err)
	}
	now.Advance(time.Millisecond)
	rotate(t, a, keyring.Rotation{})
	if _, err := a.ByID(t.Context(), keyring.Secret, old.ID); !errors.Is(err, keyring.ErrUnknown) {
		t.Errorf("the old key is still there: %v", err)
	}
}

func TestCompromisedKeysAreDroppedAtOnce(t *testing.T) {
	t.Parallel()
	shared := memory.New()
	a, b := newRing(t, shared, stopped()), newRing(t, shared, stopped())
	old := signer(t, a, keyring.Secret)
	id := rotate(t, a, keyring.Rotation{Compromised: true})
	if got := signer(t, a, keyring.Secret); got.ID != id {
		t.Errorf("%s signs, want %s", got.ID, id)
	}
	for _, ring := range []*keyring.Ring{a, b} {
		if _, err := ring.ByID(t.Context(), keyring.Secret, old.ID); !errors.Is(err, keyring.ErrUnknown) {
			t.Errorf("the compromised key verifies: %v", err)
		}
	}
}

// TestAKeyIsDatedOnce has a clock that moves whenever it is read: the first key
// and one in a hurry sign from when they were made, any other exactly twice
// Staleness later.
func TestAKeyIsDatedOnce(t *testing.T) {
	t.Parallel()
	now := stopped()
	ring := newRing(t, memory.New(), clock.Func(func() time.Time {
		now.Advance(time.Millisecond)
		return now.Now()
	}))
	first := signer(t, ring, keyring.Secret)
	if !first.From.Equal(first.Made) {
		t.Errorf("the first key was made at %v and signs from %v", first.Made, first.From)
	}
	for rotation, want := range map[keyring.Rotation]time.Duration{{}: 2 * keyring.Staleness, {Compromised: true}: 0} {
		key, err := ring.Rotate(t.Context(), keyring.Secret, rotation)
		if err != nil {
			t.Fatal(err)
		}
		if got := key.From.Sub(key.Made); got != want {
			t.Errorf("after %+v the key signs %v after it was made, want %v", rotation, got, want)
		}
	}
}

// slow moves the clock while something is read from it.
type slow struct {
	store.Store
	io.Reader
	clock clock.Movable
	takes time.Duration
	gets  atomic.Int64
}

func (s *slow) Get(ctx context.Context, kind store.Kind, key string) (store.Record, error) {
	s.gets.Add(1)
	defer s.clock.Advance(s.takes)
	return s.Store.Get(ctx, kind, key)
}

func (s *slow) Read(p []byte) (int, error) {
	s.clock.Advance(s.takes)
	return s.Reader.Read(p)
}

// TestASlowKeySignsNoEarlier takes longer to make a key than everybody is given
// to learn of it: that time begins when the key is there to be learned of.
func TestASlowKeySignsNoEarlier(t *testing.T) {
	t.Parallel()
	shared, now := memory.New(), stopped()
	old := signer(t, newRing(t, shared, now), keyring.Secret)
	random := &slow{Reader: rand.Reader, clock: now, takes: 2 * keyring.Staleness}
	ring, err := keyring.New(keyring.Config{Store: shared, Clock: now, Rand: random})
	if err != nil {
		t.Fatal(err)
	}
	rotate(t, ring, keyring.Rotation{})
	if got := signer(t, ring, keyring.Secret); got.ID != old.ID {
		t.Error("the new key signs before everybody can know it")
	}
}

// TestKeysAreAsOldAsTheQuestion reads the keys from a store that takes its time:
// what it said is as old as the question, not as the answer.
func TestKeysAreAsOldAsTheQuestion(t *testing.T) {
	t.Parallel()
	now := stopped()
	shared := &slow{Store: memory.New(), clock: now, takes: keyring.Staleness - time.Second}
	signer(t, newRing(t, shared, now), keyring.Secret)
	ring := newRing(t, shared, now)
	signer(t, ring, keyring.Secret)
	before := shared.gets.Load()
	now.Advance(time.Second - time.Millisecond)
	if signer(t, ring, keyring.Secret); shared.gets.Load() != before {
		t.Error("the keys are read again before they are stale")
	}
	now.Advance(time.Millisecond)
	if signer(t, ring, keyring.Secret); shared.gets.Load() != before+1 {
		t.Error("keys that are stale are not read again")
	}
}

// TestRotationsAtOnce shows that no rotation undoes another.
func TestRotationsAtOnce(t *testing.T) {
	t.Parallel()
	shared := memory.New()
	var all sync.WaitGroup
	for range 10 {
		ring := newRing(t, shared, stopped())
		all.Go(func() {
			if _, err := ring.Rotate(context.Background(), keyring.Secret, keyring.Rotation{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	keys, err := newRing(t, shared, stopped()).All(t.Context(), keyring.Secret)
	if err != nil || len(keys) != 10 {
		t.Errorf("10 rotations left %d keys (%v)", len(keys), err)
	}
}

func TestJWKSShowsNoSecrets(t *testing.T) {
	t.Parallel()
	ring := newRing(t, memory.New(), stopped())
	if set, err := ring.JWKS(t.Context()); err != nil || set.Keys == nil || len(set.Keys) != 0 {
		t.Errorf("before the first key the set is %+v (%v)", set, err)
	}
	key := signer(t, ring, keyring.RS256)
	set, err := ring.JWKS(t.Context())
	if err != nil || len(set.Keys) != 1 {
		t.Fatalf("the set is %+v (%v)", set, err)
	}
	got := set.Keys[0]
	if got.ID != key.ID || got.Type != "RSA" || got.Use != "sig" || got.Algorithm != "RS256" || got.Exponent != "AQAB" || len(got.Modulus) != 342 {
		t.Errorf("the key is %+v", got)
	}
}

func TestFixedSecret(t *testing.T) {
	t.Parallel()
	secret := []byte(strings.Repeat("s", 32))
	ring, err := keyring.New(keyring.Config{Store: memory.New(), Fixed: secret})
	if err != nil {
		t.Fatal(err)
	}
	key := signer(t, ring, keyring.Secret)
	same, err := ring.ByID(t.Context(), keyring.Secret, key.ID)
	if err != nil || !bytes.Equal(key.Secret, secret) || !bytes.Equal(same.Secret, secret) {
		t.Errorf("the fixed secret is not used (%v)", err)
	}
	if _, err := ring.Rotate(t.Context(), keyring.Secret, keyring.Rotation{}); err == nil {
		t.Error("a fixed secret was rotated")
	}
	if _, err := keyring.New(keyring.Config{Store: memory.New(), Fixed: secret[:31]}); err == nil {
		t.Error("a short secret was accepted")
	}
	if _, err := keyring.New(keyring.Config{}); err == nil {
		t.Error("a configuration without a store was accepted")
	}
}

type down struct{ store.Store }

func (down) Get(context.Context, store.Kind, string) (store.Record, error) {
	return store.Record{}, errors.New("connection refused")
}

func TestStoreDown(t *testing.T) {
	t.Parallel()
	ring := newRing(t, down{memory.New()}, stopped())
	if _, err := ring.Signer(t.Context(), keyring.Secret); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("without a store the signer ends in %v", err)
	}
	if _, err := ring.ByID(t.Context(), keyring.Secret, "x"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("without a store a look-up ends in %v", err)
	}
}
