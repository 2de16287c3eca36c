// Package memory is the store in the memory of the process: for mocks, tests and
// demonstrations.
package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/store/packed"
	"github.com/dragoman-auth/dragoman/reference/store"
)

type group struct {
	kind  store.Kind
	owner string
}

// Store is a [store.Store] in memory. It is safe for concurrent use; the zero
// value is not ready, use [New].
type Store struct {
	mu      sync.RWMutex
	records *packed.Table
	// owned has the keys of an owner's records. They share the memory of the
	// records: a caller's text may be part of a longer text, such as a token.
	owned map[group]map[string]struct{}
}

var (
	_ store.Pager   = (*Store)(nil)
	_ store.Counter = (*Store)(nil)
)

// New returns an empty store.
func New() *Store {
	return &Store{records: packed.NewTable(), owned: map[group]map[string]struct{}{}}
}

// Get implements [store.Store].
func (s *Store) Get(ctx context.Context, kind store.Kind, key string) (store.Record, error) {
	if err := ctx.Err(); err != nil {
		return store.Record{}, fmt.Errorf("get %s: %w", kind, err)
	}
	s.mu.RLock()
	record := s.records.Get(kind, key)
	s.mu.RUnlock()
	if record == "" {
		return store.Record{}, &notFoundError{"get", kind}
	}
	return record.Unpack(), nil
}

// notFoundError wraps [store.ErrNotFound]. Each login looks for records that are not
// there, so the text is made only where it is read.
type notFoundError struct {
	operation string
	kind      store.Kind
}

func (e *notFoundError) Error() string {
	return fmt.Sprintf("%s %s: %v", e.operation, e.kind, store.ErrNotFound)
}

func (e *notFoundError) Unwrap() error { return store.ErrNotFound }

// Create implements [store.Store].
func (s *Store) Create(ctx context.Context, record store.Record) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("create %s: %w", record.Kind, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.records.Get(record.Kind, record.Key) != "" {
		return fmt.Errorf("create %s: %w", record.Kind, store.ErrExists)
	}
	record.Version = 1
	s.put(record)
	return nil
}

// Update implements [store.Store].
func (s *Store) Update(ctx context.Context, record store.Record) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("update %s: %w", record.Kind, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	current := s.records.Get(record.Kind, record.Key)
	if current == "" {
		return &notFoundError{"update", record.Kind}
	}
	old := current.Unpack()
	if old.Version != record.Version {
		return fmt.Errorf("update %s: %w", record.Kind, store.ErrConflict)
	}
	s.drop(old)
	record.Version++
	s.put(record)
	return nil
}

// Delete implements [store.Store].
func (s *Store) Delete(ctx context.Context, kind store.Kind, key string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("delete %s: %w", kind, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	record := s.records.Get(kind, key)
	if record == "" {
		return &notFoundError{"delete", kind}
	}
	s.drop(record.Unpack())
	return nil
}

// List implements [store.Store].
func (s *Store) List(ctx context.Context, kind store.Kind, owner string) ([]store.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list %s: %w", kind, err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	keys := s.owned[group{kind, owner}]
	records := make([]store.Record, 0, len(keys))
	for key := range keys {
		records = append(records, s.records.Get(kind, key).Unpack())
	}
	slices.SortFunc(records, func(a, b store.Record) int { return cmp.Compare(a.Key, b.Key) })
	return records, nil
}

// Page implements [store.Pager]. It looks at all keys of the owner, but copies none of
// the other records.
func (s *Store) Page(ctx context.Context, kind store.Kind, owner, from string, limit int) ([]store.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list %s: %w", kind, err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var first []string // the least keys so far, in order
	for key := range s.owned[group{kind, owner}] {
		if key < from || len(first) == limit && key > first[limit-1] {
			continue
		}
		at, _ := slices.BinarySearch(first, key)
		first = slices.Insert(first, at, key)
		first = first[:min(limit, len(first))]
	}
	records := make([]store.Record, len(first))
	for i, key := range first {
		records[i] = s.records.Get(kind, key).Unpack()
	}
	return records, nil
}

// Count implements [store.Counter]. It looks at all records of the owner, but copies none.
func (s *Store) Count(ctx context.Context, kind store.Kind, owner string, now time.Time) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("count %s: %w", kind, err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	count := 0
	for key := range s.owned[group{kind, owner}] {
		if !s.records.Get(kind, key).Unpack().ExpiredAt(now) {
			count++
		}
	}
	return count, nil
}

// sweepStep bounds how many records a sweep looks at before it lets others in.
const sweepStep = 1000

// Sweep implements [store.Store]. It looks at all records, in steps, so that requests
// do not wait for the whole of it.
func (s *Store) Sweep(ctx context.Context, now time.Time) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	removed, seen := 0, 0
	for current := range s.records.All() {
		record := current.Unpack()
		if record.ExpiredAt(now) {
			s.drop(record)
			removed++
		}
		if seen++; seen%sweepStep > 0 {
			continue
		}
		// Here, where the next record is not read yet: others may change it.
		s.mu.Unlock()
		err := ctx.Err()
		s.mu.Lock()
		if err != nil {
			return removed, fmt.Errorf("sweep: %w", err)
		}
	}
	return removed, nil
}

// Scan calls each for every record, as they were when it began.
func (s *Store) Scan(ctx context.Context, each func(store.Record) error) error {
	s.mu.RLock()
	records := slices.Collect(s.records.All())
	s.mu.RUnlock()
	for _, record := range records {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("scan: %w", err)
		}
		if err := each(record.Unpack()); err != nil {
			return err
		}
	}
	return nil
}

// put and drop change both maps; the caller holds the lock.
func (s *Store) put(record store.Record) {
	record = s.records.Put(record).Unpack()
	owner := group{record.Kind, record.Owner}
	if s.owned[owner] == nil {
		s.owned[owner] = map[string]struct{}{}
	}
	s.owned[owner][record.Key] = struct{}{}
}

func (s *Store) drop(record store.Record) {
	s.records.Delete(record.Kind, record.Key)
	owner := group{record.Kind, record.Owner}
	delete(s.owned[owner], record.Key)
	if len(s.owned[owner]) == 0 {
		delete(s.owned, owner)
	}
}
