// Package packed holds a record in one block of memory, for stores with millions of
// records: a look-up fetches one block, and the garbage collector scans one.
package packed

import (
	"encoding/binary"
	"time"
	"unsafe"

	"github.com/dragoman-auth/dragoman/internal/reference/compact"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// Record is a [store.Record] as one string. The empty string is no record.
type Record string

// never is the end of a record that does not expire.
const never = -1 << 63

// Pack copies a record. Expires is cut to milliseconds.
func Pack(r store.Record) Record {
	expires := int64(never)
	if !r.Expires.IsZero() {
		expires = r.Expires.UnixMilli()
	}
	const numbers = 5 * binary.MaxVarintLen64
	b := make([]byte, 0, numbers+len(r.Kind)+len(r.Key)+len(r.Owner)+len(r.Value))
	b = compact.AppendText(b, string(r.Kind))
	b = compact.AppendText(b, r.Key)
	b = compact.AppendText(b, r.Owner)
	b = binary.AppendVarint(b, r.Version)
	b = binary.AppendVarint(b, expires)
	return Record(append(b, r.Value...))
}

// Is says whether the record has a kind and a key.
func (p Record) Is(kind store.Kind, key string) bool {
	d := compact.NewDecoder(string(p))
	return d.Text() == string(kind) && d.Text() == key && p != ""
}

// Unpack returns the record. Its texts and its value share the memory of p, so
// the value must not be changed.
func (p Record) Unpack() store.Record {
	d := compact.NewDecoder(string(p))
	r := store.Record{Kind: store.Kind(d.Text()), Key: d.Text(), Owner: d.Text(), Version: d.Varint()}
	expires := d.Varint()
	r.Value = unsafe.Slice(unsafe.StringData(d.Rest()), len(d.Rest())) //nolint:gosec // the text is never changed, and neither is the value
	if expires != never {
		r.Expires = time.UnixMilli(expires).UTC()
	}
	return r
}
