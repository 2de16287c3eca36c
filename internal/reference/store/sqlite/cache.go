package sqlite

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/store/packed"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Staleness is how long this process may still read a record as it was before
// another process on the same file changed it.
const Staleness = 200 * time.Millisecond

// CacheSize bounds the cached records, in bytes: enough for a million tokens, or
// 750,000 sessions of browsers, which send long names. With the garbage collector
// the process takes up to twice that.
const CacheSize = 256 << 20

const (
	shards    = 64
	shardSize = CacheSize / shards
	// entrySize is the most that an entry of the map takes, in bytes.
	entrySize = 64
)

// cache holds records as they were last written or read. It answers only for a
// short time after the writer has checked for writes of other processes.
//
// It is made by hand, because what it is for is in no library for caches: a record that
// was read before another write is not put, all of it stops to answer at a moment, and
// its bound is in bytes. A least-recently-used order would cost a million records two
// pointers each, which the garbage collector follows, and a write at each hit; what a
// full shard drops costs one read of the file.
type cache struct {
	seed   maphash.Seed
	shards [shards]shard
	opened time.Time
	// validUntil is when the cache stops to answer, in nanoseconds since opened,
	// by the monotonic clock: a jump of the system's clock must not make stale
	// records fresh.
	validUntil atomic.Int64
}

type shard struct {
	mu sync.Mutex
	// records are found by the hash of their key. Of two with the same hash only
	// the later is cached.
	records map[uint64]packed.Record
	size    int
	// changes counts the changes of the shard. A record that was read before a
	// change may be stale and is not put.
	changes uint64
}

// mark is the number of changes of a record's shard when the record was read.
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
	if !record.Is(kind, key) || int64(time.Since(c.opened)) > c.validUntil.Load() {
		return store.Record{}, false, mark{changes}
	}
	return record.Unpack(), true, mark{}
}

// put caches a record that was read after the mark, unless its shard has changed
// since.
func (c *cache) put(record store.Record, m mark) {
	packedRecord := packed.Pack(record)
	s, hash := c.shard(record.Key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes == m.changes {
		s.insert(hash, packedRecord)
	}
}

// written caches a record as it was written.
func (c *cache) written(record store.Record) {
	packedRecord := packed.Pack(record)
	s, hash := c.shard(record.Key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	s.insert(hash, packedRecord)
}

// drop removes a record that may or may not have been written.
func (c *cache) drop(key string) {
	s, hash := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	s.remove(hash)
}

// clear removes all records.
func (c *cache) clear() {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		s.changes++
		s.records, s.size = make(map[uint64]packed.Record), 0
		s.mu.Unlock()
	}
}

// extendValidity lets the cache answer until a time.
func (c *cache) extendValidity(until time.Time) { c.validUntil.Store(int64(until.Sub(c.opened))) }

// insert adds a record; a full shard first removes others, whichever. The caller
// of insert and remove holds the lock.
func (s *shard) insert(hash uint64, record packed.Record) {
	s.remove(hash)
	for other := range s.records {
		if s.size+entrySize+len(record) <= shardSize {
			break
		}
		s.remove(other)
	}
	s.records[hash] = record
	s.size += entrySize + len(record)
}

func (s *shard) remove(hash uint64) {
	if old, found := s.records[hash]; found {
		s.size -= entrySize + len(old)
		delete(s.records, hash)
	}
}
