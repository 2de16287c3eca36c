package keyringstore

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/zalando/go-keyring"
)

// partSize is how much of a value one entry takes. The least that any platform
// allows is about 2500 bytes, in an encoding that doubles some texts.
const partSize = 1000

// maxParts bounds what a damaged header can make us read: 1 MiB.
const maxParts = 1 << 20 / partSize

// header is the entry under the key itself. It names the parts, which stand
// under the key and the serial, so that a new value is written beside the old
// one and takes its place when the header is written.
type header struct {
	serial uint64
	parts  int
	digest string // of the encoded value: all parts are there, and are of one value
}

const headerForm = "dragoman 1 %d %d %s"

// newHeader has a serial that no value had before, unless by a chance of 2^-64.
func newHeader() header {
	var bytes [8]byte
	_, _ = rand.Read(bytes[:]) // never fails (crypto/rand)
	return header{serial: max(binary.BigEndian.Uint64(bytes[:]), 1)}
}

// parseHeader reads what String has written.
func parseHeader(text string) (header, error) {
	var h header
	n, err := fmt.Sscanf(text, headerForm, &h.serial, &h.parts, &h.digest)
	if err != nil || n != 3 || h.String() != text || h.parts < 1 || h.parts > maxParts {
		return header{}, errors.New("the entry was not written by this store; delete it to log in anew")
	}
	return h, nil
}

// String writes the header.
func (h header) String() string { return fmt.Sprintf(headerForm, h.serial, h.parts, h.digest) }

// part is the name of a part's entry.
func (h header) part(key string, i int) string { return fmt.Sprintf("%s %x %d", key, h.serial, i) }

// removeParts removes the parts of a value that is not in use any more. What
// cannot be removed is left: nothing refers to it.
func (h header) removeParts(ring Keyring, service, key string) {
	for i := range h.parts {
		_ = ring.Delete(service, h.part(key, i))
	}
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// readValue returns a value, or nil if there is none.
func readValue(ring Keyring, service, key string) (header, []byte, error) {
	text, err := ring.Get(service, key)
	if errors.Is(err, keyring.ErrNotFound) {
		return header{}, nil, nil
	}
	if err != nil {
		return header{}, nil, err
	}
	h, err := parseHeader(text)
	if err != nil {
		return header{}, nil, err
	}
	var joined strings.Builder
	for i := range h.parts {
		part, err := ring.Get(service, h.part(key, i))
		if err != nil {
			return h, nil, fmt.Errorf("part %d of %d: %w", i+1, h.parts, err)
		}
		joined.WriteString(part)
	}
	if digestOf(joined.String()) != h.digest {
		return h, nil, errors.New("the entry is damaged; delete it to log in anew")
	}
	value, err := base64.StdEncoding.DecodeString(joined.String())
	if err != nil {
		return h, nil, errors.New("the entry is damaged; delete it to log in anew")
	}
	return h, value, nil
}

// writeValue writes the parts, and then the header that makes them count.
func writeValue(ring Keyring, service, key string, h header, value []byte) error {
	text := base64.StdEncoding.EncodeToString(value)
	h.digest = digestOf(text)
	h.parts = max((len(text)+partSize-1)/partSize, 1)
	if h.parts > maxParts {
		return fmt.Errorf("a value of %d bytes is too long", len(value))
	}
	for i := range h.parts {
		if err := ring.Set(service, h.part(key, i), text[i*partSize:min((i+1)*partSize, len(text))]); err != nil {
			h.removeParts(ring, service, key)
			return err
		}
	}
	if err := ring.Set(service, key, h.String()); err != nil {
		h.removeParts(ring, service, key)
		return err
	}
	return nil
}

// deleteValue removes a value, the header first. A header that cannot be read
// is removed too: that is how a damaged record is got rid of.
func deleteValue(ring Keyring, service, key string) error {
	text, err := ring.Get(service, key)
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := ring.Delete(service, key); err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return err
	}
	if h, err := parseHeader(text); err == nil {
		h.removeParts(ring, service, key)
	}
	return nil
}
