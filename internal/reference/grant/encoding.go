package grant

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A record is read for every authorised request, so it has a compact form: the
// version byte, then the members in the order of the struct. Integers are
// varints; a text or a list follows its length; times are epoch milliseconds.

// recordVersion is the first byte of every record. A new layout gets a new number,
// and decode continues to read this one.
const recordVersion = 1

var errRecord = errors.New("the record of a grant is damaged, or of a newer version")

func (r *record) encode() []byte {
	size := 64 + len(r.Login) + len(r.Name) + len(r.Agent) + len(r.Addr) + len(r.Tokens)*(len(tokenDigest{})+16)
	for _, scope := range r.Scopes {
		size += len(scope) + 2
	}
	b := make([]byte, 0, size)
	b = append(b, recordVersion)
	b = appendText(b, r.Login)
	b = binary.AppendVarint(b, r.Epoch)
	b = appendText(b, r.Name)
	b = binary.AppendUvarint(b, uint64(len(r.Scopes)))
	for _, scope := range r.Scopes {
		b = appendText(b, scope)
	}
	b = appendText(b, r.Agent)
	b = appendText(b, r.Addr)
	b = binary.AppendVarint(b, r.Issued)
	b = binary.AppendUvarint(b, uint64(len(r.Tokens)))
	for _, t := range r.Tokens {
		b = append(b, t.Digest[:]...)
		b = binary.AppendVarint(b, t.Ends)
		b = binary.AppendUvarint(b, t.Counter)
	}
	if r.Refresh == nil {
		return append(b, 0)
	}
	b = append(b, 1)
	b = binary.AppendUvarint(b, r.Refresh.Counter)
	b = binary.AppendVarint(b, r.Refresh.Made)
	b = binary.AppendVarint(b, r.Refresh.Ends)
	b = binary.AppendVarint(b, r.Refresh.AccessEnds)
	b = appendText(b, r.Refresh.Key)
	if r.Refresh.Used {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// decode reads what encode wrote. Errors wrap errRecord.
func decode(value []byte) (record, error) {
	d := decoder{rest: string(value)}
	if version := d.byte(); version != recordVersion {
		return record{}, fmt.Errorf("read a grant: %w", errRecord)
	}
	r := record{Login: d.text(), Epoch: d.varint(), Name: d.text()}
	if n := d.length(1); n > 0 {
		r.Scopes = make([]string, n)
		for i := range r.Scopes {
			r.Scopes[i] = d.text()
		}
	}
	r.Agent, r.Addr, r.Issued = d.text(), d.text(), d.varint()
	if n := d.length(len(tokenDigest{})); n > 0 {
		r.Tokens = make([]liveToken, n)
		for i := range r.Tokens {
			t := &r.Tokens[i]
			copy(t.Digest[:], d.take(uint64(len(t.Digest))))
			t.Ends, t.Counter = d.varint(), d.uvarint()
		}
	}
	if d.byte() == 1 {
		r.Refresh = &refreshState{
			Counter: d.uvarint(), Made: d.varint(), Ends: d.varint(), AccessEnds: d.varint(), Key: d.text(), Used: d.byte() == 1,
		}
	}
	if d.broken || d.rest != "" {
		return record{}, fmt.Errorf("read a grant: %w", errRecord)
	}
	return r, nil
}

// decoder reads members from the front. After the first that is missing it is
// broken, and reads zeros.
type decoder struct {
	rest   string
	broken bool
}

func (d *decoder) take(n uint64) string {
	if n > uint64(len(d.rest)) {
		d.broken, d.rest = true, ""
		return ""
	}
	taken := d.rest[:n]
	d.rest = d.rest[n:]
	return taken
}

func (d *decoder) byte() byte {
	if one := d.take(1); one != "" {
		return one[0]
	}
	return 0
}

func (d *decoder) uvarint() uint64 {
	var value uint64
	for shift := 0; shift < 64; shift += 7 {
		b := d.byte()
		value |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return value
		}
	}
	d.broken = true
	return 0
}

func (d *decoder) varint() int64 {
	zigzag := d.uvarint()
	return int64(zigzag>>1) ^ -int64(zigzag&1)
}

func (d *decoder) text() string { return d.take(d.uvarint()) }

// length reads how many elements follow, of at least size bytes each. More than
// fit into the rest are an error.
func (d *decoder) length(size int) int {
	n := d.uvarint()
	if n > uint64(len(d.rest)/size) {
		d.broken = true
		return 0
	}
	return int(n)
}
