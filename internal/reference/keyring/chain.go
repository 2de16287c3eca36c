package keyring

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/dragoman-auth/dragoman/internal/reference/dated"
	"github.com/dragoman-auth/dragoman/internal/reference/jsonrecord"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// kindKeys is the kind of the records of the chains: one per purpose, so that a
// rotation is one compare-and-swap.
const kindKeys store.Kind = "keys"

// storedChain is the value of a chain's record, newest key first.
type storedChain struct {
	Keys []storedKey `json:"keys"`
}

// storedKey is a key in the store. Times are epoch milliseconds.
type storedKey struct {
	ID   string `json:"id"`
	Made int64  `json:"made"`
	From int64  `json:"from"`
	// Material is a secret as it is, or a key pair in PKCS #8.
	Material []byte `json:"material"`
}

// dated is the key, made now, to sign after a wait.
func (k storedKey) dated(now time.Time, wait time.Duration) storedKey {
	k.Made, k.From = now.UnixMilli(), now.Add(wait).UnixMilli()
	return k
}

func (k storedKey) key(purpose Purpose) (Key, error) {
	key := Key{ID: k.ID, Made: time.UnixMilli(k.Made).UTC(), From: time.UnixMilli(k.From).UTC()}
	if purpose == Secret {
		key.Secret = k.Material
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(k.Material)
	if err != nil {
		return Key{}, fmt.Errorf("read the RSA key %s: %w", k.ID, err)
	}
	pair, is := parsed.(*rsa.PrivateKey)
	if !is {
		return Key{}, fmt.Errorf("read the RSA key %s: it is a %T", k.ID, parsed)
	}
	key.RSA = pair
	return key, nil
}

// chain holds the keys of one purpose.
type chain struct {
	purpose Purpose
	known   atomic.Pointer[dated.Value[[]Key]] // nil before the first read
	flights singleflight.Group                 // reads, and the making of the first key
}

// flightTime bounds what callers wait for together, whatever the store does.
const flightTime = 10 * time.Second

// shared does something once for all who ask for it while it is done. It outlives
// callers that go away, and ends within [flightTime].
func (c *chain) shared(ctx context.Context, what string, do func(context.Context) ([]Key, error)) ([]Key, error) {
	flight := c.flights.DoChan(what, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flightTime)
		defer cancel()
		return do(ctx)
	})
	select {
	case result := <-flight:
		keys, _ := result.Val.([]Key)
		return keys, result.Err
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", what, ctx.Err())
	}
}

// reload reads the chain from the store. Concurrent calls share one read.
func (c *chain) reload(ctx context.Context, r *Ring) ([]Key, error) {
	return c.shared(ctx, "read keys", func(ctx context.Context) ([]Key, error) {
		asked := r.clock.Now()
		stored, err := r.read(ctx, c.purpose)
		if err != nil {
			return nil, err
		}
		return c.learn(stored, asked)
	})
}

// learn caches the chain that the store held when it was asked. It parses only
// keys that are new.
func (c *chain) learn(stored storedChain, asked time.Time) ([]Key, error) {
	var old []Key
	if before := c.known.Load(); before != nil {
		old = before.Value
	}
	keys := make([]Key, 0, len(stored.Keys))
	for _, one := range stored.Keys {
		key, found := find(old, one.ID)
		if !found {
			var err error
			if key, err = one.key(c.purpose); err != nil {
				return nil, err
			}
		}
		keys = append(keys, key)
	}
	c.known.Store(&dated.Value[[]Key]{Value: keys, At: asked})
	return keys, nil
}

// read returns the stored chain, which is empty before the first key.
func (r *Ring) read(ctx context.Context, purpose Purpose) (storedChain, error) {
	_, stored, err := jsonrecord.Get[storedChain](ctx, r.store, kindKeys, string(purpose))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return storedChain{}, fmt.Errorf("read keys: %w", err)
	}
	return stored, nil
}

// change edits the stored chain and returns it.
func (r *Ring) change(ctx context.Context, purpose Purpose, edit func(*storedChain) error) (stored storedChain, err error) {
	err = jsonrecord.Change(ctx, r.store, kindKeys, string(purpose), func(_ *store.Record, chain *storedChain) error {
		err := edit(chain)
		stored = *chain
		return err
	})
	if err != nil {
		return storedChain{}, fmt.Errorf("change keys: %w", err)
	}
	return stored, nil
}

// first makes the first key of a chain, or returns the one that another replica
// has made meanwhile.
func (r *Ring) first(ctx context.Context, purpose Purpose) ([]Key, error) {
	c := r.chains[purpose]
	return c.shared(ctx, "make a key", func(ctx context.Context) ([]Key, error) {
		asked := r.clock.Now()
		stored, err := r.change(ctx, purpose, func(chain *storedChain) error {
			if len(chain.Keys) > 0 {
				return store.ErrUnchanged
			}
			key, err := r.make(purpose)
			chain.Keys = []storedKey{key.dated(r.clock.Now(), 0)}
			return err
		})
		if err != nil {
			return nil, err
		}
		return c.learn(stored, asked)
	})
}

// Rotation says how keys are replaced.
type Rotation struct {
	// Keep is how long a key is kept after it has stopped signing; zero is
	// [Keep].
	Keep time.Duration
	// Compromised makes the new key sign at once and removes all others, so
	// that nothing that they signed is accepted any more.
	Compromised bool
}

// Rotate makes a new key, which signs after twice [Staleness], and removes the keys
// that stopped signing longer than Rotation.Keep ago. It returns the new key.
// Errors wrap [store.ErrUnavailable].
func (r *Ring) Rotate(ctx context.Context, purpose Purpose, rotation Rotation) (Key, error) {
	if purpose == Secret && r.fixed != nil {
		return Key{}, errors.New("rotate keys: the secret is fixed by the configuration")
	}
	if rotation.Keep == 0 {
		rotation.Keep = Keep
	}
	key, err := r.make(purpose)
	if err != nil {
		return Key{}, err
	}
	asked := r.clock.Now()
	stored, err := r.change(ctx, purpose, func(chain *storedChain) error {
		now := r.clock.Now()
		key = key.dated(now, 2*Staleness)
		if len(chain.Keys) == 0 || rotation.Compromised {
			key = key.dated(now, 0) // no other key can sign meanwhile
		}
		keys := []storedKey{key}
		stops := key.From // when the next older key stops signing
		for _, old := range chain.Keys {
			if !rotation.Compromised && now.Sub(time.UnixMilli(stops)) < rotation.Keep {
				keys = append(keys, old)
			}
			stops = old.From
		}
		chain.Keys = keys
		return nil
	})
	if err != nil {
		return Key{}, err
	}
	if _, err = r.chains[purpose].learn(stored, asked); err != nil {
		return Key{}, err
	}
	return key.key(purpose)
}
