package keyringstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/zalando/go-keyring"

	"github.com/dragoman-auth/dragoman/internal/sdk/filelock"
	"github.com/dragoman-auth/dragoman/sdk"
)

// Store keeps records in a keyring. It is safe for concurrent use, also by
// several processes of one user.
type Store struct {
	service string
	settings
}

var _ sdk.Store = (*Store)(nil)

// Keyring is the part of a keyring that the store needs: short texts under the
// name of a service and of an entry. Get and Delete return [keyring.ErrNotFound]
// for an entry that is not there.
type Keyring interface {
	Get(service, entry string) (string, error)
	Set(service, entry, text string) error
	Delete(service, entry string) error
}

// platform is the keyring of the operating system.
type platform struct{}

func (platform) Get(service, entry string) (string, error) { return keyring.Get(service, entry) }
func (platform) Set(service, entry, text string) error     { return keyring.Set(service, entry, text) }
func (platform) Delete(service, entry string) error        { return keyring.Delete(service, entry) }

// Option changes a setting of a [Store].
type Option func(*settings)

// settings are what the options set.
type settings struct {
	ring    Keyring
	lockDir string // "" is the cache directory
}

// WithKeyring uses another keyring than the platform's. It must be safe for
// concurrent use.
func WithKeyring(ring Keyring) Option { return func(s *settings) { s.ring = ring } }

// WithLockDir puts the lock files into dir. All processes that share the keyring
// must name the same.
func WithLockDir(dir string) Option { return func(s *settings) { s.lockDir = dir } }

// New returns a store whose entries stand under the name of service, usually the
// program's. New does no I/O.
func New(service string, options ...Option) (*Store, error) {
	s := &Store{service: service, settings: settings{ring: platform{}}}
	for _, option := range options {
		if option != nil {
			option(&s.settings)
		}
	}
	if service == "" || s.ring == nil {
		return nil, fmt.Errorf("new keyring store: it needs the name of a service, and a keyring: %w", sdk.ErrConfig)
	}
	return s, nil
}

// Load implements [sdk.Store].
func (s *Store) Load(ctx context.Context, key string) (sdk.Record, error) {
	// The guard keeps a writer from taking the parts away one by one.
	unlock, err := s.lockFile(ctx, key, "guard")
	if err != nil {
		return sdk.Record{}, fmt.Errorf("load from keyring: %w", err)
	}
	defer unlock()
	record, _, err := s.read(key)
	if err != nil {
		return sdk.Record{}, fmt.Errorf("load from keyring: %w", err)
	}
	return record, nil
}

// read returns the record and its header, both zero when there is none.
func (s *Store) read(key string) (sdk.Record, header, error) {
	head, encoded, err := readValue(s.ring, s.service, key)
	if err != nil || encoded == nil {
		return sdk.Record{}, head, err
	}
	record, err := sdk.DecodeRecord(encoded)
	return record, head, err
}

// Save implements [sdk.Store].
func (s *Store) Save(ctx context.Context, key string, record sdk.Record) (uint64, error) {
	unlock, err := s.lockFile(ctx, key, "guard")
	if err != nil {
		return 0, fmt.Errorf("save to keyring: %w", err)
	}
	defer unlock()
	stored, old, err := s.read(key)
	if err != nil {
		return 0, fmt.Errorf("save to keyring: %w", err)
	}
	if stored.Version != record.Version {
		return 0, fmt.Errorf("save to keyring: %w", sdk.ErrConflict)
	}
	fresh := newHeader()
	record.Version = fresh.serial
	encoded, err := sdk.EncodeRecord(record)
	if err != nil {
		return 0, fmt.Errorf("save to keyring: %w", err)
	}
	if err := writeValue(s.ring, s.service, key, fresh, encoded); err != nil {
		return 0, fmt.Errorf("save to keyring: %w", err)
	}
	old.removeParts(s.ring, s.service, key)
	return record.Version, nil
}

// Delete implements [sdk.Store].
func (s *Store) Delete(ctx context.Context, key string) error {
	unlock, err := s.lockFile(ctx, key, "guard")
	if err != nil {
		return fmt.Errorf("delete from keyring: %w", err)
	}
	defer unlock()
	if err := deleteValue(s.ring, s.service, key); err != nil {
		return fmt.Errorf("delete from keyring: %w", err)
	}
	return nil
}

// Lock implements [sdk.Store].
func (s *Store) Lock(ctx context.Context, key string) (func(), error) {
	return s.lockFile(ctx, key, "lock")
}

// lockFile locks a file that is named by a digest, because keyrings take any
// text for a key.
func (s *Store) lockFile(ctx context.Context, key, suffix string) (func(), error) {
	dir := s.lockDir
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("find a place for lock files; use keyringstore.WithLockDir: %w", err)
		}
		dir = filepath.Join(cache, "dragoman", "locks")
	}
	sum := sha256.Sum256([]byte(s.service + "\n" + key))
	return filelock.Lock(ctx, filepath.Join(dir, hex.EncodeToString(sum[:16])+"."+suffix))
}
