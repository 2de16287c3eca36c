package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrConflict is returned by [Store.Save] when the record was changed since it
// was loaded.
var ErrConflict = errors.New("record was changed by somebody else")

// Store keeps tokens between runs and shares them between processes. One store
// serves any number of clients, each with its own key. Implementations are safe
// for concurrent use; sdktest.RunStore tests one.
//
// Under the lock a client loads the record, uses its token if it is fresh,
// and else notes its intent, renews, and saves before it lets anybody use the
// new token.
type Store interface {
	// Load returns the record under key, the zero Record when there is none.
	Load(ctx context.Context, key string) (Record, error)

	// Save writes the record if the stored one still has record.Version (0:
	// there is none), and returns its new version, which is not 0 and which no
	// record under this key had before, deleted ones included. Else it returns
	// an error that wraps [ErrConflict]. When Save returns nil, the record
	// survives a crash as well as the store can make it.
	Save(ctx context.Context, key string, record Record) (version uint64, err error)

	// Delete removes the record; that there is none is no error.
	Delete(ctx context.Context, key string) error

	// Lock waits until the caller is alone with the key, among all processes
	// that share the store, or until ctx ends. The lock ends with unlock, and
	// with the process. Load, Save and Delete work with and without it.
	Lock(ctx context.Context, key string) (unlock func(), err error)
}

// Record is what a [Store] keeps under one key.
type Record struct {
	// Version changes with every save; 0 means that nothing is stored.
	Version uint64
	// Token is the latest token.
	Token Token
	// Intent is when a renewal of Token was begun, and zero once its outcome
	// was saved. A record found with an intent, under the lock, tells that
	// whoever began it did not live to save: the refresh token may be spent.
	Intent time.Time
}

// MemoryStore is a [Store] that lives as long as the process. The zero value
// is not usable; see [NewMemoryStore].
type MemoryStore struct {
	mu      sync.Mutex
	records map[string]Record
	locks   map[string]chan struct{} // of capacity 1: full means locked
	version uint64                   // never goes back, so that a deleted record's version does not return
}

var _ Store = (*MemoryStore)(nil)

// NewMemoryStore returns an empty store.
func NewMemoryStore() *MemoryStore {
	return &MemoryStore{records: make(map[string]Record), locks: make(map[string]chan struct{})}
}

// Load implements [Store].
func (s *MemoryStore) Load(ctx context.Context, key string) (Record, error) {
	if err := ctx.Err(); err != nil {
		return Record{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records[key], nil
}

// Save implements [Store].
func (s *MemoryStore) Save(ctx context.Context, key string, record Record) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.records[key].Version != record.Version {
		return 0, fmt.Errorf("save: %w", ErrConflict)
	}
	s.version++
	record.Version = s.version
	s.records[key] = record
	return record.Version, nil
}

// Delete implements [Store].
func (s *MemoryStore) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.records, key)
	return nil
}

// Lock implements [Store].
func (s *MemoryStore) Lock(ctx context.Context, key string) (func(), error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	lock, ok := s.locks[key]
	if !ok {
		lock = make(chan struct{}, 1)
		s.locks[key] = lock
	}
	s.mu.Unlock()
	select {
	case lock <- struct{}{}:
		return sync.OnceFunc(func() { <-lock }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// storedRecord is the written form of a [Record]: JSON with the secrets in
// clear.
type storedRecord struct {
	Format  int               `json:"format"`
	Version uint64            `json:"version,string"`
	Access  string            `json:"access,omitempty"`
	Refresh string            `json:"refresh,omitempty"`
	Name    string            `json:"name,omitempty"`
	ID      string            `json:"id,omitempty"`
	Subject string            `json:"subject,omitempty"`
	Issued  time.Time         `json:"issued,omitzero"`
	Expires time.Time         `json:"expires,omitzero"`
	Scopes  []string          `json:"scopes,omitempty"`
	Extra   map[string]string `json:"extra,omitempty"`
	Intent  time.Time         `json:"intent,omitzero"`
}

// recordFormat is the format that this version writes and reads.
const recordFormat = 1

// EncodeRecord writes a record for a [Store]. The bytes hold the secrets in
// clear; what the store does with them is its own responsibility.
func EncodeRecord(record Record) ([]byte, error) {
	t := record.Token
	return json.Marshal(storedRecord{
		Format: recordFormat, Version: record.Version, Access: t.Access.Reveal(), Refresh: t.Refresh.Reveal(),
		Name: t.MetadataKey, ID: t.ID, Subject: t.Subject, Issued: t.Issued, Expires: t.Expires,
		Scopes: t.Scopes, Extra: mapValues(t.Extra, Secret.Reveal), Intent: record.Intent,
	})
}

// mapValues is m with each value converted, nil for nil.
func mapValues[A, B any](m map[string]A, convert func(A) B) map[string]B {
	if m == nil {
		return nil
	}
	converted := make(map[string]B, len(m))
	for key, value := range m {
		converted[key] = convert(value)
	}
	return converted
}

// DecodeRecord reads what [EncodeRecord] has written. Its error shows nothing
// of the bytes.
func DecodeRecord(encoded []byte) (Record, error) {
	var s storedRecord
	if json.Unmarshal(encoded, &s) != nil {
		return Record{}, errors.New("decode record: it is not one")
	}
	if s.Format != recordFormat {
		return Record{}, errors.New("decode record: it was written by another version of dragoman")
	}
	return Record{
		Version: s.Version, Intent: s.Intent,
		Token: Token{
			Access: NewSecret(s.Access), Refresh: NewSecret(s.Refresh), MetadataKey: s.Name, ID: s.ID, Subject: s.Subject,
			Issued: s.Issued, Expires: s.Expires, Scopes: s.Scopes, Extra: mapValues(s.Extra, NewSecret),
		},
	}, nil
}
