package grant

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// maxJWT bounds what is decoded, in bytes.
const maxJWT = 8 << 10

// jwtIDs are the claims that name a grant: sid in rpc tokens, jti in scoped
// ones.
type jwtIDs struct {
	Session string `json:"sid"`
	Token   string `json:"jti"`
}

// readJWT reads the ids out of a JWT without judging the rest: the digest in
// the record does that, for header, claims and signature alike (RPC-22,
// SCP-30). Whatever is no JWT has no ids.
func readJWT(token string) jwtIDs {
	_, rest, _ := strings.Cut(token, ".")
	payload, _, found := strings.Cut(rest, ".")
	if !found || len(token) > maxJWT {
		return jwtIDs{}
	}
	claims, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return jwtIDs{}
	}
	var ids jwtIDs
	if json.Unmarshal(claims, &ids) != nil {
		return jwtIDs{}
	}
	return ids
}
