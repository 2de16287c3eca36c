package grant

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"time"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// record is the value of one grant in the store. Times are epoch milliseconds.
type record struct {
	Login  string      `json:"login"`
	Name   string      `json:"name,omitempty"`
	Scopes []string    `json:"scopes,omitempty"`
	Agent  string      `json:"agent,omitempty"`
	Addr   string      `json:"addr,omitempty"`
	Issued int64       `json:"issued"`
	Tokens []liveToken `json:"tokens"`

	// Refresh is the state of a session's refresh token; nil elsewhere.
	Refresh *refreshState `json:"refresh,omitempty"`
}

// liveToken is a token that opens something until its end.
type liveToken struct {
	Digest []byte `json:"digest"`
	Ends   int64  `json:"ends"`
	// Counter is which refresh of the session made it; see refreshState.
	Counter uint64 `json:"counter,omitempty"`
}

// maxLiveTokens bounds a record. A session that is renewed more often than
// this within one token's life loses its oldest tokens.
const maxLiveTokens = 256

func (t liveToken) live(now time.Time) bool { return now.UnixMilli() < t.Ends }

func digest(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// find returns the position of a token, or -1.
func (r *record) find(token string) int {
	sum := digest(token)
	for i := range r.Tokens {
		if subtle.ConstantTimeCompare(r.Tokens[i].Digest, sum) == 1 {
			return i
		}
	}
	return -1
}

// add takes a token in and lets those go that have ended.
func (r *record) add(now time.Time, t liveToken) {
	kept := make([]liveToken, 0, len(r.Tokens)+1)
	for _, old := range r.Tokens {
		if old.live(now) {
			kept = append(kept, old)
		}
	}
	if len(kept) == maxLiveTokens {
		kept = kept[1:]
	}
	r.Tokens = append(kept, t)
}

// ends is when the grant is good for nothing any more.
func (r *record) ends() time.Time {
	var last int64
	for _, t := range r.Tokens {
		last = max(last, t.Ends)
	}
	if r.Refresh != nil {
		last = max(last, r.Refresh.Ends)
	}
	return time.UnixMilli(last).UTC()
}

// stored makes the record ready for the store.
func (r *record) stored(kind store.Kind, id string) (store.Record, error) {
	value, err := json.Marshal(r)
	if err != nil {
		return store.Record{}, fmt.Errorf("write a grant: %w", err)
	}
	return store.Record{Kind: kind, Key: id, Owner: r.Login, Expires: r.ends(), Value: value}, nil
}

func readRecord(value []byte) (record, error) {
	var r record
	if err := json.Unmarshal(value, &r); err != nil {
		return record{}, fmt.Errorf("read a grant: %w", err)
	}
	return r, nil
}
