package grant

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/reference/compact"
)

// A record is read for every authorised request, so it has a compact form: the
// version byte, then the members in the order of the struct. Integers are
// varints; a text or a list follows its length; times are epoch milliseconds.

// recordVersion is the first byte of every record. A new layout gets a new number,
// and decode continues to read the others. In version 1 each token has the number
// of the refresh that made it, and a session has tokens.
const recordVersion = 2

var errRecord = errors.New("the record of a grant is damaged, or of a newer version")

func (r *record) encode() []byte {
	size := 64 + len(r.Login) + len(r.Name) + len(r.Agent) + len(r.Addr) + len(r.Tokens)*(len(tokenDigest{})+16)
	for _, scope := range r.Scopes {
		size += len(scope) + 2
	}
	b := make([]byte, 0, size)
	b = append(b, recordVersion)
	b = compact.AppendText(b, r.Login)
	b = binary.AppendVarint(b, r.Epoch)
	b = compact.AppendText(b, r.Name)
	b = binary.AppendUvarint(b, uint64(len(r.Scopes)))
	for _, scope := range r.Scopes {
		b = compact.AppendText(b, scope)
	}
	b = compact.AppendText(b, r.Agent)
	b = compact.AppendText(b, r.Addr)
	b = binary.AppendVarint(b, r.Issued)
	b = binary.AppendUvarint(b, uint64(len(r.Tokens)))
	for _, t := range r.Tokens {
		b = append(b, t.Digest[:]...)
		b = binary.AppendVarint(b, t.Ends)
	}
	if r.Refresh == nil {
		return append(b, 0)
	}
	b = append(b, 1)
	b = binary.AppendUvarint(b, r.Refresh.Counter)
	b = binary.AppendVarint(b, r.Refresh.Made)
	b = binary.AppendVarint(b, r.Refresh.Ends)
	b = binary.AppendVarint(b, r.Refresh.AccessEnds)
	b = compact.AppendText(b, r.Refresh.Key)
	if r.Refresh.Used {
		return append(b, 1)
	}
	return append(b, 0)
}

// decode reads what encode wrote. Errors wrap errRecord.
func decode(value []byte) (record, error) {
	d := compact.NewDecoder(string(value))
	version := d.Byte()
	if version < 1 || version > recordVersion {
		return record{}, fmt.Errorf("read a grant: %w", errRecord)
	}
	r := record{Login: d.Text(), Epoch: d.Varint(), Name: d.Text()}
	if n := d.Length(1); n > 0 {
		r.Scopes = make([]string, n)
		for i := range r.Scopes {
			r.Scopes[i] = d.Text()
		}
	}
	r.Agent, r.Addr, r.Issued = d.Text(), d.Text(), d.Varint()
	if n := d.Length(len(tokenDigest{})); n > 0 {
		r.Tokens = make([]liveToken, n)
		for i := range r.Tokens {
			t := &r.Tokens[i]
			copy(t.Digest[:], d.Take(uint64(len(t.Digest))))
			t.Ends = d.Varint()
			if version == 1 {
				d.Uvarint()
			}
		}
	}
	if d.Byte() == 1 {
		if version == 1 {
			r.Tokens = nil
		}
		r.Refresh = &refreshState{
			Counter: d.Uvarint(), Made: d.Varint(), Ends: d.Varint(), AccessEnds: d.Varint(), Key: d.Text(), Used: d.Byte() == 1,
		}
	}
	if !d.Done() {
		return record{}, fmt.Errorf("read a grant: %w", errRecord)
	}
	return r, nil
}
