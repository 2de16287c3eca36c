package tokens

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// Forgery is a wrong token, and the key that it is signed with anew, which is
// no secret. Without a new signature, Key is nil.
type Forgery struct {
	Token string
	Key   []byte
}

// Forge makes the tokens that somebody without the key can make of a JWT, in
// one of the ways that the features name. Of a token that is no JWT it makes
// garblings. A right server refuses each of them. Where a way needs the public
// keys by which others verify the JWT, publicKeys is called for what PublicKeys
// reads. The error is that of publicKeys, or says that the way is unknown or that
// the JWT cannot be read.
func Forge(way, token string, publicKeys func() ([][]byte, error)) ([]Forgery, error) {
	head, payload, signature, isJWT := SplitJWT(token)
	if !isJWT {
		return unsigned(Garblings(token)...), nil
	}
	header, err := DecodePart(head)
	if err != nil {
		return nil, err
	}
	claims, err := DecodePart(payload)
	if err != nil {
		return nil, err
	}
	switch way {
	case `"alg" none and no signature`:
		return withAlgNone(header, payload, ""), nil
	case `"alg" none and the old signature`:
		return withAlgNone(header, payload, signature), nil
	case `a later "exp" and the old signature`:
		return unsigned(head + "." + withClaim(claims, "exp", later(claims["exp"])) + "." + signature), nil
	case `another "sub" and the old signature`:
		return unsigned(head + "." + withClaim(claims, "sub", "00000000-0000-4000-8000-000000000001") + "." + signature), nil
	case `other characters in its signature`:
		return unsigned(head+"."+payload+"."+garbleAt(signature, 0.5), head+"."+payload+"."), nil
	case `an HS256 signature by a key that others can have`:
		// A zero byte signs as no key at all does, and can be written down.
		known := [][]byte{{0}, []byte("secret"), []byte("key"), []byte("password"), []byte("changeme")}
		return signedBy(known, header, payload), nil
	case `an HS256 signature by its public key`:
		if alg, _ := header["alg"].(string); strings.HasPrefix(alg, "HS") {
			return unsigned(Garblings(token)...), nil // it has no such key
		}
		public, err := publicKeys()
		return signedBy(public, header, payload), err
	}
	return nil, fmt.Errorf("no way to forge a token is called %q", way)
}

// unsigned are forgeries without a new signature.
func unsigned(tokens ...string) []Forgery {
	forged := make([]Forgery, len(tokens))
	for i, token := range tokens {
		forged[i].Token = token
	}
	return forged
}

// withAlgNone says in a token's header that nothing has to be signed, in all
// the ways that libraries have been seen to take for "none".
func withAlgNone(header map[string]any, payload, signature string) []Forgery {
	var forged []string
	for _, none := range []string{"none", "None", "NONE", "nOnE"} {
		forged = append(forged, withClaim(header, "alg", none)+"."+payload+"."+signature)
	}
	return unsigned(forged...)
}

// withClaim encodes a part of a JWT with one member changed or added.
func withClaim(part map[string]any, name string, value any) string {
	changed := make(map[string]any, len(part)+1)
	for known, old := range part {
		changed[known] = old
	}
	changed[name] = value
	return encodePart(changed)
}

// later is a day after the time in a claim. A token without that claim gets
// one far away.
func later(exp any) int64 {
	const aDay, farAway = 24 * 60 * 60, 4102444800 // 2100-01-01
	end, err := ClaimTime(exp)
	if err != nil {
		return farAway
	}
	return end.Add(aDay * time.Second).Unix()
}

// signedBy signs with HS256 and keys that are no secret: words that examples use,
// or public keys, which a careless server takes for the secret when the header
// says HS256.
func signedBy(keys [][]byte, header map[string]any, payload string) []Forgery {
	signed := withClaim(header, "alg", "HS256") + "." + payload
	var forged []Forgery
	for _, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(signed))
		forged = append(forged, Forgery{signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), key})
	}
	return forged
}
