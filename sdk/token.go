package sdk

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Token is what a login obtains. Values of this type are copied freely; Scopes and
// Extra must not be modified.
type Token struct {
	// Access grants access to resources.
	Access Secret
	// Refresh obtains the next token, where the dialect has refresh tokens. It is
	// taken to be spent by one use.
	Refresh Secret
	// MetadataKey is the gRPC metadata key under which Access travels. Empty means
	// that the token travels as the dialect's HTTP header does.
	MetadataKey string
	// ID names the token to its server, where the dialect shows such a name.
	ID string
	// Subject is the user as the server calls it, where the dialect says so.
	Subject string
	// Issued is when the request that obtained the token was sent, by the
	// client's clock.
	Issued time.Time
	// Expires is when the token ends, by the client's clock. Zero means that
	// the end is not known, and the token is used until it is rejected.
	Expires time.Time
	// Scopes are what the token was limited to; empty means unlimited.
	Scopes []string
	// Extra is for a dialect's own needs.
	Extra map[string]Secret
}

// IsZero says whether there is no token.
func (t Token) IsZero() bool { return t.Access.IsZero() }

// Life is the time from Issued to Expires, and 0 when the end is not known.
func (t Token) Life() time.Duration {
	if t.Expires.IsZero() {
		return 0
	}
	return t.Expires.Sub(t.Issued)
}

// String implements [fmt.Stringer]: who and until when, no secrets.
func (t Token) String() string {
	if t.IsZero() {
		return "no token"
	}
	text := "token"
	if t.Subject != "" {
		text += " of " + t.Subject
	}
	if !t.Expires.IsZero() {
		text += " until " + t.Expires.UTC().Format(time.RFC3339)
	}
	return text
}

// Format implements [fmt.Formatter]; every verb prints as String does.
func (t Token) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, t.String()) }

// LogValue implements [slog.LogValuer].
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }
