package keyring_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// hanging is a store whose reads do not end by themselves: a timeout ends them.
type hanging struct {
	store.Store
	hangs atomic.Bool
	reads atomic.Int32
}

var errHangs = errors.New("the database does not answer")

func (h *hanging) Get(ctx context.Context, kind store.Kind, key string) (store.Record, error) {
	if !h.hangs.Load() {
		return h.Store.Get(ctx, kind, key)
	}
	h.reads.Add(1)
	select {
	case <-time.After(3 * time.Second):
		return store.Record{}, errHangs
	case <-ctx.Done():
		return store.Record{}, ctx.Err()
	}
}

// TestReadersOfAHangingStoreWaitTogether: those who need the keys while the store hangs
// all wait for one read, and one who goes away does not end it for the others.
func TestReadersOfAHangingStoreWaitTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &hanging{Store: memory.New()}
		ring := newRing(t, s, clock.System{})
		for _, purpose := range keyring.Purposes() {
			signer(t, ring, purpose)
		}
		<-time.After(keyring.Staleness)
		s.hangs.Store(true)
		first, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		ask := func(ctx context.Context, want error, ask func(context.Context) error) {
			all.Go(func() {
				if err := ask(ctx); !errors.Is(err, want) {
					t.Errorf("the error is %v, want %v", err, want)
				}
			})
		}
		signs := func(ctx context.Context) error { _, err := ring.Signer(ctx, keyring.Secret); return err }
		verifies := func(ctx context.Context) error { _, err := ring.ByID(ctx, keyring.Secret, "x"); return err }
		published := func(ctx context.Context) error { _, err := ring.JWKS(ctx); return err }
		began := time.Now()
		ask(first, context.Canceled, signs)
		synctest.Wait()
		for range 12 {
			ask(t.Context(), errHangs, signs)
			ask(t.Context(), errHangs, verifies)
			ask(t.Context(), errHangs, published)
		}
		synctest.Wait()
		cancel()
		all.Wait()
		if took := time.Since(began); took != 3*time.Second || s.reads.Load() != 2 {
			t.Errorf("37 callers were answered after %v and %d reads, want 3s and one read for each purpose", took, s.reads.Load())
		}
		s.hangs.Store(false)
		if err := signs(t.Context()); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// stale is a store where a read that is under way returns what there was when it began.
type stale struct {
	store.Store
	begun, goOn chan struct{}
}

func (s *stale) Get(ctx context.Context, kind store.Kind, key string) (store.Record, error) {
	record, err := s.Store.Get(ctx, kind, key)
	if s.begun != nil {
		close(s.begun)
		s.begun = nil
		<-s.goOn
	}
	return record, err
}

// TestAKeyThatIsMadeDuringARead is found by whoever asks after it was made, although a
// read is under way that does not know it.
func TestAKeyThatIsMadeDuringARead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := memory.New()
		other := newRing(t, shared, clock.System{})
		signer(t, other, keyring.Secret)
		s := &stale{Store: shared}
		ring := newRing(t, s, clock.System{})
		signer(t, ring, keyring.Secret) // knows the keys so far
		begun := make(chan struct{})
		s.begun, s.goOn = begun, make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := ring.ByID(t.Context(), keyring.Secret, "none"); !errors.Is(err, keyring.ErrUnknown) {
				t.Errorf("a key that nobody has made: %v", err)
			}
		})
		<-begun
		<-time.After(time.Millisecond)
		id := rotate(t, other, keyring.Rotation{})
		<-time.After(time.Millisecond)
		all.Go(func() {
			if _, err := ring.ByID(t.Context(), keyring.Secret, id); err != nil {
				t.Errorf("the key is not found: %v", err)
			}
		})
		synctest.Wait()
		close(s.goOn)
		all.Wait()
	})
}
