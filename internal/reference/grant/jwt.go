package grant

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// maxJWT bounds what is decoded, in bytes.
const maxJWT = 8 << 10

// The claims that name a grant, as they stand in our own tokens.
const (
	claimSession = `"sid":"` // rpc
	claimToken   = `"jti":"` // scoped
)

// jwtID reads the id of a grant out of a JWT without judging the rest: the
// digest in the record does that, for header, claims and signature alike
// (RPC-22, SCP-30). It looks for the claim as text, which no other claim of our
// making can hold, as quotes inside of one are escaped. Whatever is no JWT has
// no id.
func jwtID(token, claim string) string {
	_, rest, _ := strings.Cut(token, ".")
	payload, _, found := strings.Cut(rest, ".")
	if !found || len(token) > maxJWT {
		return ""
	}
	var encoded, decoded [512]byte // enough for nearly all, and no garbage
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
