package grant

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// liveToken is a token that is accepted until its end.
type liveToken struct {
	Digest tokenDigest
	Ends   int64
}

type tokenDigest [sha256.Size]byte

func (t liveToken) ended(now time.Time) bool { return now.UnixMilli() >= t.Ends }

func digest(token string) tokenDigest {
	var buffer [1 << 10]byte // long enough for most tokens; saves an allocation
	return sha256.Sum256(append(buffer[:0], token...))
}

// liveTokens are tokens in the order in which they were made, as a record has them in the
// store: for each the digest, then its end in eight bytes. So a check copies none of them.
// They may be part of a value of the store, and are never changed.
type liveTokens []byte

// tokenSize is what a token takes, in bytes.
const tokenSize = sha256.Size + 8

// maxLiveTokens bounds a record. An rpc session that is renewed more often
// than this within one token's life loses its oldest tokens.
const maxLiveTokens = 256

// count is how many there are.
func (l liveTokens) count() int { return len(l) / tokenSize }

// at returns the i-th.
func (l liveTokens) at(i int) liveToken {
	one := l[i*tokenSize : (i+1)*tokenSize]
	return liveToken{tokenDigest(one), int64(binary.BigEndian.Uint64(one[sha256.Size:]))} //nolint:gosec // as appendToken wrote it
}

func appendToken(l liveTokens, t liveToken) liveTokens {
	return binary.BigEndian.AppendUint64(append(l, t.Digest[:]...), uint64(t.Ends)) //nolint:gosec // at reads it as it was
}

// find returns a token. It looks at the newest first, which most clients send.
func (l liveTokens) find(token string) (found liveToken, there bool) {
	sum := digest(token)
	for i := l.count() - 1; i >= 0; i-- {
		if difference((*tokenDigest)(l[i*tokenSize:]), &sum) == 0 {
			return l.at(i), true
		}
	}
	return liveToken{}, false
}

// difference is 0 where both are the same, and takes as long wherever they differ, as
// subtle.ConstantTimeCompare does; by words it takes a tenth of the time.
func difference(a, b *tokenDigest) (bits uint64) {
	for i := 0; i < len(a); i += 8 {
		bits |= binary.NativeEndian.Uint64(a[i:]) ^ binary.NativeEndian.Uint64(b[i:])
	}
	return bits
}

// with returns the tokens that have not ended, and one more; the oldest is left out
// where they would be too many.
func (l liveTokens) with(now time.Time, t liveToken) liveTokens {
	next := make(liveTokens, 0, len(l)+tokenSize)
	for i := range l.count() {
		if old := l.at(i); !old.ended(now) {
			next = append(next, l[i*tokenSize:(i+1)*tokenSize]...)
		}
	}
	if next.count() == maxLiveTokens {
		next = next[tokenSize:]
	}
	return appendToken(next, t)
}

// ends is the latest end.
func (l liveTokens) ends() int64 {
	var last int64
	for i := range l.count() {
		last = max(last, l.at(i).Ends)
	}
	return last
}
