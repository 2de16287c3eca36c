package sdk

import (
	"context"
	"fmt"
	"sync"
)

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
