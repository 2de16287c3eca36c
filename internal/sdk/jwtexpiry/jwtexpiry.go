// Package jwtexpiry reads the end of a token that happens to be a JSON Web
// Token. It verifies nothing: a client has no key, and only plans by the date.
package jwtexpiry

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

// Of returns the exp claim of token (RFC 7519 section 4.1.4), and false when
// token is no JWT, or has none that is a date.
func Of(token string) (time.Time, bool) {
	parts := strings.Split(token, ".")
	const header, payload, signature = 0, 1, 2
	if len(parts) != signature+1 || parts[header] == "" {
		return time.Time{}, false
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[payload])
	if err != nil {
		return time.Time{}, false
	}
	var claims struct {
		Exp wire.Whole `json:"exp"`
	}
	const longest = wire.Whole(253402300799) // in the year 9999
	if json.Unmarshal(text, &claims) != nil || claims.Exp <= 0 || claims.Exp > longest {
		return time.Time{}, false
	}
	return time.Unix(int64(claims.Exp), 0), true
}
