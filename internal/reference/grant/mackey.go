package grant

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"sync"

	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
)

// derive makes one key per purpose, so that a token of one dialect is never
// accepted in another.
func derive(key []byte, purpose string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// macKey authenticates session tokens. It is safe for concurrent use.
type macKey struct {
	id string
	// ready holds HMACs that have taken in the key, which costs as much as a token.
	ready sync.Pool
}

func newMACKey(secret keyring.Key) *macKey {
	key := derive(secret.Secret, "session tokens")
	return &macKey{id: secret.ID, ready: sync.Pool{New: func() any { return &readyMAC{hash: hmac.New(sha256.New, key)} }}}
}

// readyMAC computes one MAC after another. Its arrays save allocations.
type readyMAC struct {
	hash  hash.Hash
	head  []byte
	sum   [sha256.Size]byte
	hexed [2 * sha256.Size]byte
}

// text is the MAC of a head, in hex. The next call overwrites it.
func (m *readyMAC) text(head string) []byte {
	m.hash.Reset()
	m.head = append(m.head[:0], head...)
	m.hash.Write(m.head)
	hex.Encode(m.hexed[:], m.hash.Sum(m.sum[:0]))
	return m.hexed[:]
}

// mac returns the MAC of a token's head, in hex.
func (k *macKey) mac(head string) string {
	m := k.ready.Get().(*readyMAC) // the pool holds nothing else
	defer k.ready.Put(m)
	return string(m.text(head))
}

// authentic says whether a text is the MAC of a head. It compares the text: a byte
// has two spellings in hex, a token only one.
func (k *macKey) authentic(head, mac string) bool {
	m := k.ready.Get().(*readyMAC) // the pool holds nothing else
	defer k.ready.Put(m)
	return hmac.Equal([]byte(mac), m.text(head))
}
