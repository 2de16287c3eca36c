// Package filestore is an [sdk.Store] in a directory: it survives restarts, and
// processes on one machine share it.
//
//	store, err := filestore.New(dir, filestore.WithKey(key))
//	client, err := sdk.New(address, dialect, sdk.WithStore(store))
//
// Each record is one file that only its owner may read (0600), replaced as a
// whole and synced to disk before it counts, so that a crash leaves the old
// record or the new one. With a key the files are encrypted with AES-256-GCM;
// without one they hold tokens in clear. Beside them stand lock files, which
// stay. The directory must be on a local disk: locks over a network file system
// are only as good as that.
package filestore

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"

	"github.com/dragoman-auth/dragoman/internal/atomicfile"
	"github.com/dragoman-auth/dragoman/internal/sdk/filelock"
	"github.com/dragoman-auth/dragoman/sdk"
)

// Store keeps records in a directory. It is safe for concurrent use, also by
// several processes.
type Store struct {
	dir  string
	seal sealer
}

var _ sdk.Store = (*Store)(nil)

// Option changes a setting of a [Store].
type Option func(*settings)

// settings are what the options set.
type settings struct {
	key       []byte
	encrypted bool
}

// WithKey encrypts the records with a key of 32 bytes, which the caller keeps
// elsewhere. Records that were written without a key, or with another, cannot be
// read.
func WithKey(key []byte) Option {
	return func(s *settings) { s.key, s.encrypted = key, true }
}

// New returns a store in dir, which is made (0700) when something is first
// saved. It refuses what is there and is no directory, and one that others than
// its owner may write: they could put their tokens into it.
func New(dir string, options ...Option) (*Store, error) {
	if dir == "" {
		return nil, fmt.Errorf("new file store: it needs a directory: %w", sdk.ErrConfig)
	}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return nil, fmt.Errorf("new file store: %s is no directory: %w", dir, sdk.ErrConfig)
	}
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&othersWrite != 0 {
		return nil, fmt.Errorf("new file store: others may write to %s; use another directory, or chmod go-w: %w", dir, sdk.ErrConfig)
	}
	var s settings
	for _, option := range options {
		if option != nil {
			option(&s)
		}
	}
	if !s.encrypted {
		return &Store{dir: dir, seal: inClear{}}, nil
	}
	seal, err := newGCM(s.key)
	if err != nil {
		return nil, fmt.Errorf("new file store: %w", err)
	}
	return &Store{dir: dir, seal: seal}, nil
}

// othersWrite are the rights of group and others to write.
const othersWrite = 0o022

// The files of a key, by suffix. Each lock has a second one, for whose turn is next.
const (
	recordSuffix = ".token"
	newSuffix    = ".token.new" // becomes the record
	lockSuffix   = ".lock"      // held between Lock and unlock
	guardSuffix  = ".guard"     // held while a record is compared and written
)

var plainKey = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,150}$`)

// path is a file of a key. Keys come from package sdk and are plain; whoever
// calls the store directly must not lead it out of its directory.
func (s *Store) path(key, suffix string) (string, error) {
	if !plainKey.MatchString(key) {
		return "", fmt.Errorf("a key is made of letters, digits, - and _: %w", sdk.ErrConfig)
	}
	return filepath.Join(s.dir, key+suffix), nil
}

// Load implements [sdk.Store].
func (s *Store) Load(ctx context.Context, key string) (sdk.Record, error) {
	if err := ctx.Err(); err != nil {
		return sdk.Record{}, err
	}
	record, err := s.read(key)
	if err != nil {
		return sdk.Record{}, fmt.Errorf("load from file store: %w", err)
	}
	return record, nil
}

func (s *Store) read(key string) (sdk.Record, error) {
	path, err := s.path(key, recordSuffix)
	if err != nil {
		return sdk.Record{}, err
	}
	sealed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(sealed) == 0 {
		return sdk.Record{}, nil
	}
	if err != nil {
		return sdk.Record{}, err
	}
	encoded, err := s.seal.open(key, sealed)
	if err != nil {
		return sdk.Record{}, fmt.Errorf("%s: %w", path, err)
	}
	record, err := sdk.DecodeRecord(encoded)
	if err != nil {
		return sdk.Record{}, fmt.Errorf("%s: %w; delete the file to log in anew", path, err)
	}
	return record, nil
}

// Save implements [sdk.Store].
func (s *Store) Save(ctx context.Context, key string, record sdk.Record) (uint64, error) {
	unlock, err := s.guard(ctx, key)
	if err != nil {
		return 0, fmt.Errorf("save to file store: %w", err)
	}
	defer unlock()
	stored, err := s.read(key)
	if err != nil {
		return 0, fmt.Errorf("save to file store: %w", err)
	}
	if stored.Version != record.Version {
		return 0, fmt.Errorf("save to file store: %w", sdk.ErrConflict)
	}
	record.Version = newVersion()
	if err := s.write(key, record); err != nil {
		return 0, fmt.Errorf("save to file store: %w", err)
	}
	return record.Version, nil
}

// newVersion is a number that no record had before, unless by a chance of 2^-64.
func newVersion() uint64 {
	var bytes [8]byte
	_, _ = rand.Read(bytes[:]) // never fails (crypto/rand)
	return max(binary.BigEndian.Uint64(bytes[:]), 1)
}

// write replaces the record. The caller has the guard, so that the new file has one
// writer.
func (s *Store) write(key string, record sdk.Record) error {
	path, err := s.path(key, recordSuffix)
	if err != nil {
		return err
	}
	encoded, err := sdk.EncodeRecord(record)
	if err != nil {
		return err
	}
	draft, err := s.path(key, newSuffix)
	if err != nil {
		return err
	}
	return atomicfile.Replace(path, draft, 0o600, func(w io.Writer) error {
		_, err := w.Write(s.seal.close(key, encoded))
		return err
	})
}

// Delete implements [sdk.Store].
func (s *Store) Delete(ctx context.Context, key string) error {
	unlock, err := s.guard(ctx, key)
	if err != nil {
		return fmt.Errorf("delete from file store: %w", err)
	}
	defer unlock()
	path, err := s.path(key, recordSuffix)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete from file store: %w", err)
	}
	return atomicfile.SyncFolder(s.dir)
}

// Lock implements [sdk.Store].
func (s *Store) Lock(ctx context.Context, key string) (func(), error) {
	return s.lockFile(ctx, key, lockSuffix)
}

func (s *Store) guard(ctx context.Context, key string) (func(), error) {
	return s.lockFile(ctx, key, guardSuffix)
}

func (s *Store) lockFile(ctx context.Context, key, suffix string) (func(), error) {
	path, err := s.path(key, suffix)
	if err != nil {
		return nil, err
	}
	return filelock.Lock(ctx, path)
}
