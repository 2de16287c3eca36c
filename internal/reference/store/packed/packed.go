// Package packed holds a record in one block of memory, for stores with millions of
// records: a look-up fetches one block, and the garbage collector scans one.
package packed

import (
	"encoding/binary"
	"time"
	"unsafe"

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
	b = appendText(b, string(r.Kind))
	b = appendText(b, r.Key)
	b = appendText(b, r.Owner)
	b = binary.AppendVarint(b, r.Version)
	b = binary.AppendVarint(b, expires)
	return Record(append(b, r.Value...))
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// Is says whether the record has a kind and a key.
func (p Record) Is(kind store.Kind, key string) bool {
	if p == "" {
		return false
	}
	ofKind, rest := p.text()
	if ofKind != string(kind) {
		return false
	}
	ofKey, _ := rest.text()
	return ofKey == key
}

// Unpack returns the record. Its texts and its value share the memory of p, so
// the value must not be changed.
func (p Record) Unpack() store.Record {
	kind, rest := p.text()
	key, rest := rest.text()
	owner, rest := rest.text()
	version, rest := rest.number()
	expires, rest := rest.number()
	r := store.Record{
		Kind: store.Kind(kind), Key: key, Owner: owner, Version: version,
		Value: unsafe.Slice(unsafe.StringData(string(rest)), len(rest)),
	}
	if expires != never {
		r.Expires = time.UnixMilli(expires).UTC()
	}
	return r
}

// text reads a text from the front of what [Pack] has written.
func (p Record) text() (string, Record) {
	length, rest := p.length()
	return string(rest[:length]), rest[length:]
}

func (p Record) length() (uint64, Record) {
	var value uint64
	for i, shift := 0, 0; ; i, shift = i+1, shift+7 {
		value |= uint64(p[i]&0x7f) << shift
		if p[i] < 0x80 {
			return value, p[i+1:]
		}
	}
}

func (p Record) number() (int64, Record) {
	zigzag, rest := p.length()
	return int64(zigzag>>1) ^ -int64(zigzag&1), rest
}
