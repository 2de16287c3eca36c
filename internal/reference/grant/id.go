package grant

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/google/uuid"
)

// datedUUID returns a UUID that begins with the time (version 7, RFC 9562 section 5.7), so
// that keys of the store are in the order of lists. The library takes the time from the
// system; this is the clock of the service.
func (s *Service) datedUUID() (string, error) {
	id, err := uuid.NewRandomFromReader(s.random)
	if err != nil {
		return "", fmt.Errorf("draw an id: %w", err)
	}
	var now [8]byte
	binary.BigEndian.PutUint64(now[:], uint64(s.now().UnixMilli())) // a time before 1970 is out of order
	copy(id[:6], now[2:])
	id[6] = id[6]&0x0f | 0x70
	return id.String(), nil
}

// datedID returns 24 hex digits: the time in milliseconds in 44 bits, and 52 random bits.
func (s *Service) datedID() (string, error) {
	const below = 20 // bits of the first eight bytes that are random
	var id [12]byte
	if _, err := io.ReadFull(s.random, id[:]); err != nil {
		return "", fmt.Errorf("draw an id: %w", err)
	}
	head := binary.BigEndian.Uint64(id[:]) & (1<<below - 1)
	binary.BigEndian.PutUint64(id[:], uint64(s.now().UnixMilli())<<below|head) // a time before 1970 is out of order
	return hex.EncodeToString(id[:]), nil
}
