package grant

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// maxJWT bounds what is decoded, in bytes.
const maxJWT = 8 << 10

// jwtClaim reads one string out of the claims of a JWT without judging the
// rest: the digest in the record does that, for header, claims and signature
// alike (RPC-22, SCP-30).
func jwtClaim(token, name string) (string, bool) {
	parts := strings.Split(token, ".")
	if len(token) > maxJWT || len(parts) != 3 {
		return "", false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", false
	}
	var claims map[string]json.RawMessage
	if json.Unmarshal(payload, &claims) != nil {
		return "", false
	}
	var value string
	if json.Unmarshal(claims[name], &value) != nil || value == "" {
		return "", false
	}
	return value, true
}
