package grant

import (
	"crypto/sha256"
	"crypto/subtle"
	"time"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// record is the value of one grant in the store; see [record.encode]. Times are
// epoch milliseconds.
type record struct {
	Login string
	// Epoch is that of the account when the grant was made; see [Accounts].
	Epoch  int64
	Name   string
	Scopes []string
	Agent  string
	Addr   string
	Issued int64
	// Tokens are the live tokens; none of a session, whose tokens carry a MAC.
	Tokens []liveToken

	// Refresh is the state of a session; nil elsewhere.
	Refresh *refreshState
}

// liveToken is a token that is accepted until its end.
type liveToken struct {
	Digest tokenDigest
	Ends   int64
}

type tokenDigest [sha256.Size]byte

// maxLiveTokens bounds a record. An rpc session that is renewed more often
// than this within one token's life loses its oldest tokens.
const maxLiveTokens = 256

func (t liveToken) ended(now time.Time) bool { return now.UnixMilli() >= t.Ends }

func digest(token string) tokenDigest {
	var buffer [1 << 10]byte // long enough for most tokens; saves an allocation
	return sha256.Sum256(append(buffer[:0], token...))
}

// find returns the position of a token, or -1.
func (r *record) find(token string) int {
	sum := digest(token)
	for i := range r.Tokens {
		if subtle.ConstantTimeCompare(r.Tokens[i].Digest[:], sum[:]) == 1 {
			return i
		}
	}
	return -1
}

// add adds a token and removes those that have ended.
func (r *record) add(now time.Time, t liveToken) {
	live := make([]liveToken, 0, len(r.Tokens)+1)
	for _, old := range r.Tokens {
		if !old.ended(now) {
			live = append(live, old)
		}
	}
	if len(live) == maxLiveTokens {
		live = live[1:]
	}
	r.Tokens = append(live, t)
}

// ends is when the last token of the grant ends.
func (r *record) ends() time.Time {
	var last int64
	for _, t := range r.Tokens {
		last = max(last, t.Ends)
	}
	if r.Refresh != nil {
		last = max(last, r.Refresh.Ends, r.Refresh.AccessEnds)
	}
	return time.UnixMilli(last).UTC()
}

// stored returns the record as the store holds it.
func (r *record) stored(kind store.Kind, id string) store.Record {
	return store.Record{Kind: kind, Key: id, Owner: r.Login, Expires: r.ends(), Value: r.encode()}
}
