package keyring

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Purpose says what a key is for. Each purpose has its own chain of keys.
type Purpose string

// The purposes.
const (
	// Secret keys are 32 random bytes.
	Secret Purpose = "secret"
	// RS256 keys are RSA key pairs of 2048 bits (RFC 7518 section 3.3).
	RS256 Purpose = "rs256"
)

// Purposes returns all purposes.
func Purposes() []Purpose { return []Purpose{Secret, RS256} }

// Staleness is how long a replica may not know a key that another replica has made.
// A new key signs only after twice that time, when all replicas can verify it.
const Staleness = 10 * time.Second

// Keep is the default of [Rotation.Keep]: longer than any session lives.
const Keep = 91 * 24 * time.Hour

// ErrUnknown says that no key has this id.
var ErrUnknown = errors.New("unknown key")

// Key is one key. Its purpose decides whether Secret or RSA is set.
type Key struct {
	ID string
	// Made is when it was made, and From when it begins to sign.
	Made, From time.Time
	Secret     []byte
	RSA        *rsa.PrivateKey
}

// Config holds the parts of a [Ring].
type Config struct {
	// Store holds the keys; required.
	Store store.Store
	// Clock decides when they sign; nil is [clock.System].
	Clock clock.Clock
	// Rand is their source; nil is crypto/rand.
	Rand io.Reader
	// Fixed is a secret of at least 32 bytes to use in place of the stored one.
	// It cannot be rotated.
	Fixed []byte
}

// Ring reads the keys from the store, and makes them when there are none. It is
// safe for concurrent use, also by several processes over one store.
type Ring struct {
	store  store.Store
	clock  clock.Clock
	random io.Reader
	fixed  *Key
	chains map[Purpose]*chain
}

// New checks the configuration and returns a ring. It makes no key and does no
// I/O.
func New(cfg Config) (*Ring, error) {
	if cfg.Store == nil {
		return nil, errors.New("new keyring: it needs a store")
	}
	r := &Ring{
		store: cfg.Store, clock: cmp.Or[clock.Clock](cfg.Clock, clock.System{}), random: cmp.Or(cfg.Rand, rand.Reader), chains: map[Purpose]*chain{},
	}
	for _, purpose := range Purposes() {
		r.chains[purpose] = &chain{purpose: purpose}
	}
	if n := len(cfg.Fixed); n > 0 {
		if n < 32 {
			return nil, fmt.Errorf("new keyring: the secret has %d bytes, it needs 32", n)
		}
		r.fixed = &Key{ID: "fixed", Secret: slices.Clone(cfg.Fixed)}
	}
	return r, nil
}

// Signer returns the key that signs now, and makes it where there is none. The
// key must not be changed. Errors wrap [store.ErrUnavailable].
func (r *Ring) Signer(ctx context.Context, purpose Purpose) (Key, error) {
	if purpose == Secret && r.fixed != nil {
		return *r.fixed, nil
	}
	now := r.clock.Now()
	keys, err := r.keys(ctx, purpose, now)
	if err != nil {
		return Key{}, err
	}
	if len(keys) == 0 {
		if keys, err = r.first(ctx, purpose); err != nil {
			return Key{}, err
		}
	}
	return signing(keys, now), nil
}

// signing returns the newest key that may sign; the oldest when none may, which
// happens when the clock was set back.
func signing(keys []Key, now time.Time) Key {
	for _, key := range keys {
		if !now.Before(key.From) {
			return key
		}
	}
	return keys[len(keys)-1]
}

// ByID returns the key with an id, also one that no longer signs. The key must
// not be changed. Errors wrap [ErrUnknown] or [store.ErrUnavailable].
func (r *Ring) ByID(ctx context.Context, purpose Purpose, id string) (Key, error) {
	if purpose == Secret && r.fixed != nil {
		if id != r.fixed.ID {
			return Key{}, ErrUnknown
		}
		return *r.fixed, nil
	}
	asked, c := r.clock.Now(), r.chains[purpose]
	keys, err := r.keys(ctx, purpose, asked)
	for reads := 0; err == nil; reads++ {
		if key, found := find(keys, id); found {
			return key, nil
		}
		// Another replica may have just made it, so the keys are read again, and once
		// more where that read was one that had begun before.
		if reads > 0 && !c.known.Load().At.Before(asked) || reads > 1 {
			return Key{}, ErrUnknown
		}
		keys, err = c.reload(ctx, r)
	}
	return Key{}, err
}

func find(keys []Key, id string) (Key, bool) {
	for _, key := range keys {
		if key.ID == id {
			return key, true
		}
	}
	return Key{}, false
}

// All returns the keys of a purpose, newest first, and makes none. The keys must
// not be changed.
func (r *Ring) All(ctx context.Context, purpose Purpose) ([]Key, error) {
	return r.keys(ctx, purpose, r.clock.Now())
}

func (r *Ring) keys(ctx context.Context, purpose Purpose, now time.Time) ([]Key, error) {
	c := r.chains[purpose]
	if known := c.known.Load(); known != nil && known.Fresh(now, Staleness) {
		return known.Value, nil
	}
	return c.reload(ctx, r)
}

// make makes a key. It has no dates yet: making it takes its time, and they
// count from when it is stored.
func (r *Ring) make(purpose Purpose) (storedKey, error) {
	id := make([]byte, 8)
	if _, err := io.ReadFull(r.random, id); err != nil {
		return storedKey{}, fmt.Errorf("draw a key's id: %w", err)
	}
	key := storedKey{ID: fmt.Sprintf("%x", id)}
	if purpose == Secret {
		key.Material = make([]byte, 32)
		if _, err := io.ReadFull(r.random, key.Material); err != nil {
			return storedKey{}, fmt.Errorf("draw a secret: %w", err)
		}
		return key, nil
	}
	pair, err := rsa.GenerateKey(r.random, 2048)
	if err != nil {
		return storedKey{}, fmt.Errorf("make an RSA key: %w", err)
	}
	key.Material, err = x509.MarshalPKCS8PrivateKey(pair)
	return key, err
}
