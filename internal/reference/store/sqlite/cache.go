package sqlite

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/store/packed"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Staleness is how long this process may go on reading what another process on
// the same file has changed.
const Staleness = 200 * time.Millisecond

// CacheSize bounds the records that are kept in memory, in bytes: enough for a
// million tokens, or three quarters as many sessions of browsers, whose names are
// long. The process takes up to twice that, as the garbage collector works.
const CacheSize = 256 << 20

const (
	shards    = 64
	shardSize = CacheSize / shards
	// entrySize is what an entry takes of the map, at most.
	entrySize = 64
)

// cache keeps records as they were last written or read. It answers only while
// the writer vouches for it.
type cache struct {
	seed   maphash.Seed
	shards [shards]shard
	opened time.Time
	// until is when the writer's last word ends, in nanoseconds since opened,
	// by the monotonic clock: a jump of the system's clock must not make stale
	// records fresh.
	until atomic.Int64
}

type shard struct {
	mu sync.Mutex
	// records are found by the hash of their key. Of two with the same hash one
	// is kept.
	records map[uint64]packed.Record
	size    int
	// changes counts what may have made a record, read but not yet put, stale.
	changes uint64
}

// mark is how far the changes of a record's shard had come when it was read.
type mark struct{ changes uint64 }

func newCache() *cache {
	c := &cache{seed: maphash.MakeSeed(), opened: time.Now()}
	c.clear()
	return c
}

func (c *cache) shard(key string) (*shard, uint64) {
	hash := maphash.String(c.seed, key)
	return &c.shards[hash%shards], hash
}

// get returns a record, or a mark for put.
func (c *cache) get(kind store.Kind, key string) (store.Record, bool, mark) {
	s, hash := c.shard(key)
	s.mu.Lock()
	record, changes := s.records[hash], s.changes
	s.mu.Unlock()
	if !record.Is(kind, key) || int64(time.Since(c.opened)) > c.until.Load() {
		return store.Record{}, false, mark{changes}
	}
	return record.Unpack(), true, mark{}
}

// put keeps a record that was read after the mark, unless something has
// changed since.
func (c *cache) put(record store.Record, m mark) {
	kept := packed.Pack(record)
	s, hash := c.shard(record.Key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes == m.changes {
		s.keep(hash, kept)
	}
}

// written keeps a record as it was written.
func (c *cache) written(record store.Record) {
	kept := packed.Pack(record)
	s, hash := c.shard(record.Key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	s.keep(hash, kept)
}

// drop forgets a record of which nobody knows whether it was written.
func (c *cache) drop(key string) {
	s, hash := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	s.forget(hash)
}

// clear forgets everything.
func (c *cache) clear() {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		s.changes++
		s.records, s.size = make(map[uint64]packed.Record), 0
		s.mu.Unlock()
	}
}

// vouch lets the cache answer until a moment.
func (c *cache) vouch(until time.Time) { c.until.Store(int64(until.Sub(c.opened))) }

// keep puts a record in; a full shard lets any others go. The caller of this
// and of forget holds the lock.
func (s *shard) keep(hash uint64, record packed.Record) {
	s.forget(hash)
	for other := range s.records {
		if s.size+entrySize+len(record) <= shardSize {
			break
		}
		s.forget(other)
	}
	s.records[hash] = record
	s.size += entrySize + len(record)
}

func (s *shard) forget(hash uint64) {
	if old, found := s.records[hash]; found {
		s.size -= entrySize + len(old)
		delete(s.records, hash)
	}
}
