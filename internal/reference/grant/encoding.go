package grant

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/reference/compact"
)

// A record is read for every authorised request, so it has a compact form: the
// version byte, how many tokens there are, the other members in the order of the struct,
// and the tokens as [liveTokens]. Integers are varints; a text or a list follows its
// length; times are epoch milliseconds.

// recordVersion is the first byte of every record. A new layout gets a new number,
// and decode continues to read the others.
const recordVersion = 3

var errRecord = errors.New("the record of a grant is damaged, or of a newer version")

func (r *record) encode() []byte {
	size := 64 + len(r.Login) + len(r.Name) + len(r.Agent) + len(r.Addr) + len(r.Tokens)
	for _, scope := range r.Scopes {
		size += len(scope) + 2
	}
	b := make([]byte, 0, size)
	b = append(b, recordVersion)
	b = binary.AppendUvarint(b, uint64(r.Tokens.count())) //nolint:gosec // it is not negative
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
	b = binary.AppendVarint(b, r.Renewed)
	b = append(appendRefresh(b, r.Refresh), r.Tokens...)
	return b
}

// appendRefresh appends 0 where there is no state, and else 1 and its members.
func appendRefresh(b []byte, state *refreshState) []byte {
	if state == nil {
		return append(b, 0)
	}
	b = append(b, 1)
	b = binary.AppendUvarint(b, state.Counter)
	b = binary.AppendVarint(b, state.Made)
	b = binary.AppendVarint(b, state.Ends)
	b = binary.AppendVarint(b, state.AccessEnds)
	b = compact.AppendText(b, state.Key)
	if state.Used {
		return append(b, 1)
	}
	return append(b, 0)
}

// decode reads what encode wrote. The tokens share the memory of the value. Errors wrap
// errRecord.
func decode(value []byte) (record, error) {
	if len(value) == 0 || value[0] < 1 || value[0] > recordVersion {
		return record{}, fmt.Errorf("read a grant: %w", errRecord)
	}
	if value[0] < 3 {
		return decodeOld(value)
	}
	count, width := binary.Uvarint(value[1:])
	if width <= 0 || count > uint64(len(value)/tokenSize) {
		return record{}, fmt.Errorf("read a grant: %w", errRecord)
	}
	rest := value[1+width:]
	head := len(rest) - int(count)*tokenSize //nolint:gosec // count is at most what fits into the value
	if head < 0 {
		return record{}, fmt.Errorf("read a grant: %w", errRecord)
	}
	d := compact.NewDecoder(string(rest[:head]))
	r := decodeHead(&d)
	r.Renewed = d.Varint()
	r.Refresh = decodeRefresh(&d)
	if !d.Done() {
		return record{}, fmt.Errorf("read a grant: %w", errRecord)
	}
	if count > 0 {
		r.Tokens = rest[head:]
	}
	return r, nil
}

// decodeHead reads the members from Login to Issued.
func decodeHead(d *compact.Decoder) record {
	r := record{Login: d.Text(), Epoch: d.Varint(), Name: d.Text()}
	if n := d.Length(1); n > 0 {
		r.Scopes = make([]string, n)
		for i := range r.Scopes {
			r.Scopes[i] = d.Text()
		}
	}
	r.Agent, r.Addr, r.Issued = d.Text(), d.Text(), d.Varint()
	return r
}

func decodeRefresh(d *compact.Decoder) *refreshState {
	if d.Byte() != 1 {
		return nil
	}
	return &refreshState{
		Counter: d.Uvarint(), Made: d.Varint(), Ends: d.Varint(), AccessEnds: d.Varint(), Key: d.Text(), Used: d.Byte() == 1,
	}
}

// decodeOld reads a record of version 1 or 2. They have the tokens before the state of
// the session, each with its end as a varint, and do not know when they were renewed. In
// version 1 each token also has the number of the refresh that made it, and a session has
// tokens.
func decodeOld(value []byte) (record, error) {
	d := compact.NewDecoder(string(value))
	version := d.Byte()
	r := decodeHead(&d)
	for range d.Length(len(tokenDigest{})) {
		var t liveToken
		copy(t.Digest[:], d.Take(uint64(len(t.Digest))))
		t.Ends = d.Varint()
		if version == 1 {
			d.Uvarint()
		}
		r.Tokens = appendToken(r.Tokens, t)
	}
	if r.Refresh = decodeRefresh(&d); r.Refresh != nil && version == 1 {
		r.Tokens = nil
	}
	if !d.Done() {
		return record{}, fmt.Errorf("read a grant: %w", errRecord)
	}
	return r, nil
}
