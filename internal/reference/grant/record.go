package grant

import (
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
	// Renewed is when an rpc session was last renewed, or a form token extended; 0 is
	// never. That of a session is in its state.
	Renewed int64
	// Tokens are the live tokens; none of a session, whose tokens carry a MAC.
	Tokens liveTokens

	// Refresh is the state of a session; nil elsewhere.
	Refresh *refreshState
}

// ends is when the last token of the grant ends.
func (r *record) ends() time.Time {
	last := r.Tokens.ends()
	if r.Refresh != nil {
		last = max(last, r.Refresh.Ends, r.Refresh.AccessEnds)
	}
	return time.UnixMilli(last).UTC()
}

// stored returns the record as the store holds it. A session of a day or longer may be
// swept up to an hour after its end: so most refreshes leave its place in the index of
// ends as it is, and PostgreSQL changes no index.
func (r *record) stored(kind store.Kind, id string) store.Record {
	swept := r.ends()
	if r.Refresh != nil && r.Refresh.Ends-r.Refresh.Made >= (24*time.Hour).Milliseconds() {
		swept = swept.Add(sweptWithin - 1).Truncate(sweptWithin)
	}
	return store.Record{Kind: kind, Key: id, Owner: r.Login, Expires: swept, Value: r.encode()}
}

// sweptWithin is how long a session may be in the store after its end.
const sweptWithin = time.Hour
