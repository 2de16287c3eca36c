package grant

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// maxJWT is the length of the longest token that is decoded, in bytes.
const maxJWT = 8 << 10

// The claims that hold the id of a grant, as our own tokens write them.
const (
	claimSession = `"sid":"` // rpc
	claimToken   = `"jti":"` // scoped
)

// jwtID reads the id of a grant from a JWT and checks nothing else: the digest in
// the record covers header, claims and signature (RPC-22, SCP-30). It finds the
// claim as text; no other claim of our tokens can contain that text, because
// quotes are escaped. It returns "" for a text that is not a JWT.
func jwtID(token, claim string) string {
	_, rest, _ := strings.Cut(token, ".")
	payload, _, found := strings.Cut(rest, ".")
	if !found || len(token) > maxJWT {
		return ""
	}
	var encoded, decoded [512]byte // long enough for most tokens; saves an allocation
	claims, err := base64.RawURLEncoding.AppendDecode(decoded[:0], append(encoded[:0], payload...))
	if err != nil {
		return ""
	}
	_, after, _ := bytes.Cut(claims, []byte(claim))
	id, _, found := bytes.Cut(after, []byte(`"`))
	if !found {
		return ""
	}
	return string(id)
}
