package wire

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// JWTExpiry returns the exp claim of token (RFC 7519 section 4.1.4), and false
// when token is no JSON Web Token, or has none that is a date. It verifies
// nothing: a client has no key, and only plans by the date.
func JWTExpiry(token string) (time.Time, bool) {
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
		Exp Whole `json:"exp"`
	}
	if json.Unmarshal(text, &claims) != nil || claims.Exp <= 0 || claims.Exp > maxEpochSeconds {
		return time.Time{}, false
	}
	return time.Unix(int64(claims.Exp), 0), true
}
