package sqlite

import (
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// Staleness is how long this process may go on reading what another process on
// the same file has changed.
const Staleness = 200 * time.Millisecond

const (
	shards = 64
	// shardSize bounds what is kept, to 64 Ki records in all: some 30 MB of
	// grants.
	shardSize = 1024
)

// cache keeps records as they were last read. It answers only while the writer
// vouches for it, and for what no write has touched since.
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
	mu      sync.Mutex
	records map[cacheKey]store.Record
	// changes counts what may have made a record, read but not yet put, stale.
	changes uint64
}

type cacheKey struct {
	kind store.Kind
	key  string
}

// mark is how far the changes of a shard had come when a read began.
type mark struct {
	shard   *shard
	changes uint64
}

func newCache() *cache {
	c := &cache{seed: maphash.MakeSeed(), opened: time.Now()}
	c.clear()
	return c
}

func (c *cache) shard(key string) *shard { return &c.shards[maphash.String(c.seed, key)%shards] }

// get returns a record that the caller may change, or a mark for put.
func (c *cache) get(kind store.Kind, key string) (store.Record, bool, mark) {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	record, found := s.records[cacheKey{kind, key}]
	if !found || int64(time.Since(c.opened)) > c.until.Load() {
		return store.Record{}, false, mark{s, s.changes}
	}
	record.Value = slices.Clone(record.Value)
	return record, true, mark{}
}

// put keeps a record that was read after the mark, unless something has
// changed since. A full shard lets any one go.
func (c *cache) put(record store.Record, m mark) {
	record.Value = slices.Clone(record.Value)
	m.shard.mu.Lock()
	defer m.shard.mu.Unlock()
	if m.shard.changes != m.changes {
		return
	}
	if len(m.shard.records) >= shardSize {
		for key := range m.shard.records {
			delete(m.shard.records, key)
			break
		}
	}
	m.shard.records[cacheKey{record.Kind, record.Key}] = record
}

// drop forgets a record that was written.
func (c *cache) drop(kind store.Kind, key string) {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	delete(s.records, cacheKey{kind, key})
}

// clear forgets everything.
func (c *cache) clear() {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		s.changes++
		s.records = make(map[cacheKey]store.Record)
		s.mu.Unlock()
	}
}

// vouch lets the cache answer until a moment.
func (c *cache) vouch(until time.Time) { c.until.Store(int64(until.Sub(c.opened))) }
