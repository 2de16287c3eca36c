// Package compact is the compact binary form of the values that stores hold:
// integers as varints, texts after their length. What follows what is up to the
// caller.
package compact

import "encoding/binary"

// AppendText appends the length of a text, then the text.
func AppendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// Decoder reads values from the front of a text. After the first that is missing
// it is broken, and reads zeros. Texts that it returns share the memory of the
// input.
type Decoder struct {
	rest   string
	broken bool
}

// NewDecoder returns a decoder of a text. It is a value, so that it needs no
// memory of its own.
func NewDecoder(text string) Decoder { return Decoder{rest: text} }

// Rest returns what has not been read yet.
func (d *Decoder) Rest() string { return d.rest }

// Done says whether everything was read and nothing was missing.
func (d *Decoder) Done() bool { return !d.broken && d.rest == "" }

// Take reads n bytes.
func (d *Decoder) Take(n uint64) string {
	if n > uint64(len(d.rest)) {
		d.fail()
		return ""
	}
	taken := d.rest[:n]
	d.rest = d.rest[n:]
	return taken
}

func (d *Decoder) fail() { d.broken, d.rest = true, "" }

// Byte reads a byte.
func (d *Decoder) Byte() byte {
	if d.rest == "" {
		d.fail()
		return 0
	}
	one := d.rest[0]
	d.rest = d.rest[1:]
	return one
}

// Uvarint reads what [binary.AppendUvarint] has written.
func (d *Decoder) Uvarint() uint64 {
	if rest := d.rest; rest != "" && rest[0] < 0x80 { // most lengths
		d.rest = rest[1:]
		return uint64(rest[0])
	}
	return d.longUvarint()
}

func (d *Decoder) longUvarint() uint64 {
	var value uint64
	for i := 0; i < len(d.rest) && i < binary.MaxVarintLen64; i++ {
		b := d.rest[i]
		value |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			d.rest = d.rest[i+1:]
			return value
		}
	}
	d.fail()
	return 0
}

// Varint reads what [binary.AppendVarint] has written.
func (d *Decoder) Varint() int64 {
	zigzag := d.Uvarint()
	return int64(zigzag>>1) ^ -int64(zigzag&1)
}

// Text reads what [AppendText] has written.
func (d *Decoder) Text() string { return d.Take(d.Uvarint()) }

// Length reads how many elements follow, of at least size bytes each. More than
// fit into the rest are missing.
func (d *Decoder) Length(size int) int {
	n := d.Uvarint()
	if n > uint64(len(d.rest)/size) { //nolint:gosec // a length is not negative
		d.fail()
		return 0
	}
	return int(n) //nolint:gosec // it is at most len(d.rest)
}
