package packed

import (
	"hash/maphash"
	"iter"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// Table finds records by kind and key. It is not safe for concurrent use;
// [NewTable] makes one.
type Table struct {
	hash func(key string) uint64
	// first finds records by the hash of their key, so that the key is compared
	// in the memory of its record. others has the records whose hash is taken.
	first  map[uint64]Record
	others map[id]Record
}

type id struct {
	kind store.Kind
	key  string
}

// NewTable returns an empty table.
func NewTable() *Table {
	seed := maphash.MakeSeed()
	return &Table{
		hash:  func(key string) uint64 { return maphash.String(seed, key) },
		first: map[uint64]Record{}, others: map[id]Record{},
	}
}

// Get returns the record, or the empty Record.
func (t *Table) Get(kind store.Kind, key string) Record {
	if record := t.first[t.hash(key)]; record.Is(kind, key) {
		return record
	}
	if len(t.others) == 0 {
		return ""
	}
	return t.others[id{kind, key}]
}

// Put packs a record and stores it in place of one with the same kind and key.
func (t *Table) Put(r store.Record) Record {
	record := Pack(r)
	hash := t.hash(r.Key)
	if there := t.first[hash]; there != "" && !there.Is(r.Kind, r.Key) {
		own := record.Unpack() // the map holds texts of the record, not of the caller
		t.others[id{own.Kind, own.Key}] = record
		return record
	}
	delete(t.others, id{r.Kind, r.Key})
	t.first[hash] = record
	return record
}

// Delete removes the record, if there is one.
func (t *Table) Delete(kind store.Kind, key string) {
	if hash := t.hash(key); t.first[hash].Is(kind, key) {
		delete(t.first, hash)
	}
	delete(t.others, id{kind, key})
}

// All returns all records, in no order. The table may change meanwhile: a record that
// is deleted before its turn is not returned, one that is put may be or not.
func (t *Table) All() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		for _, record := range t.first {
			if !yield(record) {
				return
			}
		}
		for _, record := range t.others {
			if !yield(record) {
				return
			}
		}
	}
}
