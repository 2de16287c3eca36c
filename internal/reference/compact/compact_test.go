package compact_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/compact"
)

func FuzzDecoder(f *testing.F) {
	f.Add("text", uint64(300), int64(-1), uint8(7))
	f.Add("", uint64(math.MaxUint64), int64(math.MinInt64), uint8(0))
	f.Fuzz(func(t *testing.T, text string, unsigned uint64, signed int64, one uint8) {
		b := compact.AppendText(nil, text)
		b = append(binary.AppendVarint(binary.AppendUvarint(b, unsigned), signed), one)
		read := func(input string) (string, uint64, int64, byte, bool) {
			d := compact.NewDecoder(input)
			gotText, gotUnsigned, gotSigned, gotOne := d.Text(), d.Uvarint(), d.Varint(), d.Byte()
			return gotText, gotUnsigned, gotSigned, gotOne, d.Done()
		}
		if gotText, gotUnsigned, gotSigned, gotOne, done := read(string(b)); !done || gotText != text || gotUnsigned != unsigned || gotSigned != signed || gotOne != one {
			t.Errorf("it reads %q %d %d %d (done: %v)", gotText, gotUnsigned, gotSigned, gotOne, done)
		}
		for _, input := range []string{string(b[:len(b)-1]), string(b) + "x"} {
			if _, _, _, _, done := read(input); done {
				t.Errorf("%q is read as a whole", input)
			}
		}
	})
}

// TestMalformed: lengths beyond the input and endless numbers break the decoder,
// which then reads zeros.
func TestMalformed(t *testing.T) {
	t.Parallel()
	for _, input := range []string{"", "\x05abc", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x80"} {
		d := compact.NewDecoder(input)
		if text := d.Text(); text != "" || d.Done() {
			t.Errorf("%q is read as %q", input, text)
		}
		if n, next := d.Uvarint(), d.Byte(); n != 0 || next != 0 || d.Done() {
			t.Errorf("after %q it reads %d and %d", input, n, next)
		}
	}
	if d := compact.NewDecoder("\x03abcdef"); d.Length(3) != 0 || d.Done() {
		t.Error("3 elements of 3 bytes are read from 6 bytes")
	}
	if d := compact.NewDecoder("\x02abcdef"); d.Length(3) != 2 || d.Rest() != "abcdef" {
		t.Error("2 elements of 3 bytes are not read from 6 bytes")
	}
}
