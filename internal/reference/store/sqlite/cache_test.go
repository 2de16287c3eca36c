package sqlite

import (
	"fmt"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// TestCacheIsBounded puts more than the cache may hold, and counts what is left.
func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newCache()
	c.extendValidity(time.Now().Add(time.Hour))
	value := make([]byte, 256<<10)
	put := func(key string) {
		_, _, m := c.get("form", key)
		c.put(store.Record{Kind: "form", Key: key, Value: value}, m)
	}
	const records = 2 * CacheSize / (256 << 10)
	for i := range records {
		put(fmt.Sprint(i))
	}
	cached, size := 0, 0
	for i := range records {
		if _, found, _ := c.get("form", fmt.Sprint(i)); found {
			cached++
			size += len(value)
		}
	}
	if size > CacheSize || cached < records/3 {
		t.Errorf("of %d records %d are cached with %d bytes, of %d", records, cached, size, CacheSize)
	}
	for i := range records {
		c.drop(fmt.Sprint(i))
	}
	for i := range c.shards {
		if s := &c.shards[i]; s.size != 0 || len(s.records) != 0 {
			t.Errorf("an empty shard counts %d bytes in %d entries", s.size, len(s.records))
		}
	}
}

// TestCacheDropsWhatChangedMeanwhile reads a record while it is written.
func TestCacheDropsWhatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	c := newCache()
	c.extendValidity(time.Now().Add(time.Hour))
	old := store.Record{Kind: "form", Key: "a", Version: 1, Value: []byte("old")}
	written := store.Record{Kind: "form", Key: "a", Version: 2, Value: []byte("new"), Owner: "root", Expires: time.UnixMilli(1234).UTC()}
	_, _, m := c.get("form", "a")
	c.written(written)
	c.put(old, m)
	written.Value[0] = 'X' // the caller's own
	if got, found, _ := c.get("form", "a"); !found || string(got.Value) != "new" || got.Version != 2 || got.Owner != "root" || !got.Expires.Equal(written.Expires) {
		t.Errorf("it has %+v (%v)", got, found)
	}
	_, _, m = c.get("form", "b")
	c.drop("b")
	c.put(store.Record{Kind: "form", Key: "b"}, m)
	if got, found, _ := c.get("form", "b"); found {
		t.Errorf("a record that was deleted meanwhile is there: %+v", got)
	}
	_, _, m = c.get("form", "c")
	c.clear() // another process has written
	c.put(store.Record{Kind: "form", Key: "c"}, m)
	if got, found, _ := c.get("form", "c"); found {
		t.Errorf("a record that another process may have changed meanwhile is there: %+v", got)
	}
}
