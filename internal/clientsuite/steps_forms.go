package clientsuite

import (
	"encoding/json"
	"fmt"
	"maps"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// members are those of a JSON object.
type members map[string]json.RawMessage

// forms are other answers to logins and renewals that a right server, or one that is
// ill, may give.
func forms(dialect string) map[string]func(mockserver.Operation, []byte) []byte {
	end, life := endOfToken(dialect)
	return map[string]func(mockserver.Operation, []byte) []byte{
		"members that nobody knows": changing(func(m members) {
			maps.Copy(m, members{"x-new": json.RawMessage(`{"a":[1,null,"b"]}`), "note": json.RawMessage("null"), "expires": json.RawMessage(`"never"`)})
		}),
		"no end of the token": changing(func(m members) {
			delete(m, end)
			delete(m, life)
		}),
		"numbers in another form":  changing(func(m members) { otherNumbers(dialect, m) }),
		"a page of HTML at first":  atFirst([]byte("<!DOCTYPE html><title>Welcome</title><form>access_token token</form>")),
		"an empty object at first": atFirst([]byte("{}")),
	}
}

// endOfToken are the members of an answer that say when a token ends, and how long it
// lives.
func endOfToken(dialect string) (end, life string) {
	switch dialect {
	case "form":
		return "validTo", ""
	case "rpc":
		return "expires_at", "expires_in"
	case "scoped":
		return "expiresAt", ""
	}
	return "", "expires_in"
}

// otherNumbers writes the end of a token otherwise: numbers of JSON with a fraction
// (RFC 8259 section 6), the 64-bit number of the rpc dialect as a number (protocol
// buffers write it as text), the form dialect's validTo in seconds of the epoch.
func otherNumbers(dialect string, m members) {
	end, life := endOfToken(dialect)
	switch dialect {
	case "session":
		m[life] = append(m[life], ".0"...)
	case "rpc":
		var text string
		if json.Unmarshal(m[life], &text) == nil {
			m[life] = json.RawMessage(text)
		}
	case "scoped":
		m[end] = append(m[end], ".0"...)
	case "form":
		var text string
		if json.Unmarshal(m[end], &text) != nil {
			return
		}
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			m[end] = fmt.Append(nil, at.Unix())
		}
	}
}

// changing changes the members of what obtains a token.
func changing(change func(members)) func(mockserver.Operation, []byte) []byte {
	return func(o mockserver.Operation, body []byte) []byte {
		var m members
		if o != mockserver.Login && o != mockserver.Renewal || json.Unmarshal(body, &m) != nil {
			return body
		}
		change(m)
		changed, err := json.Marshal(m)
		if err != nil {
			return body
		}
		return changed
	}
}

// atFirst answers the first login with another body.
func atFirst(instead []byte) func(mockserver.Operation, []byte) []byte {
	var done atomic.Bool
	return func(o mockserver.Operation, body []byte) []byte {
		if o == mockserver.Login && done.CompareAndSwap(false, true) {
			return instead
		}
		return body
	}
}
