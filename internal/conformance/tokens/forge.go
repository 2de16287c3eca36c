package tokens

import (
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
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
// garblings. A right server refuses each of them. Where a way needs the keys that
// the server publishes, publicKeys is called for what PublicKeys reads. The
// error says that the way is unknown, or that the JWT cannot be read.
func Forge(way, token string, publicKeys func() [][]byte) ([]Forgery, error) {
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
		return signedByKnownKeys(header, payload, publicKeys()), nil
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

// signedByKnownKeys signs with HS256 and keys that are no secret: none at all,
// the words that examples use, and the server's public keys, which a careless
// server takes for the secret when the header says HS256.
func signedByKnownKeys(header map[string]any, payload string, public [][]byte) []Forgery {
	// A zero byte signs as no key at all does, and can be written down.
	keys := [][]byte{{0}, []byte("secret"), []byte("key"), []byte("password"), []byte("changeme")}
	signed := withClaim(header, "alg", "HS256") + "." + payload
	var forged []Forgery
	for _, key := range append(keys, public...) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(signed))
		forged = append(forged, Forgery{signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), key})
	}
	return forged
}

// PublicKeys are the texts of the RSA keys in a JWK set, as a server may have
// them in a file. What cannot be read holds none.
func PublicKeys(jwks string) [][]byte {
	var set struct {
		Keys []struct{ N, E string }
	}
	if json.Unmarshal([]byte(jwks), &set) != nil {
		return nil
	}
	var keys [][]byte
	for _, published := range set.Keys {
		n, errN := base64.RawURLEncoding.DecodeString(published.N)
		e, errE := base64.RawURLEncoding.DecodeString(published.E)
		if errN != nil || errE != nil || len(n) == 0 || len(e) == 0 || len(e) > 4 {
			continue
		}
		key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
		keys = append(keys, keyTexts(key)...)
	}
	return keys
}

// keyTexts writes a public key in the forms in which it is stored.
func keyTexts(key *rsa.PublicKey) [][]byte {
	blocks := []*pem.Block{{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(key)}}
	if der, err := x509.MarshalPKIXPublicKey(key); err == nil {
		blocks = append(blocks, &pem.Block{Type: "PUBLIC KEY", Bytes: der})
	}
	var texts [][]byte
	for _, block := range blocks {
		text := pem.EncodeToMemory(block)
		texts = append(texts, block.Bytes, text, text[:len(text)-1])
	}
	return texts
}
