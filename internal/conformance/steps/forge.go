package steps

import (
	"context"
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

// forgeries are the tokens that somebody could make of a JWT who has no key,
// by the way in which he makes them. Of a token that is no JWT they are
// garblings. A right server refuses each.
func (w *World) forgeries(ctx context.Context, way, token string) ([]string, error) {
	head, payload, signature, isJWT := splitJWT(token)
	if !isJWT {
		return garblings(token), nil
	}
	header, err := decodePart(head)
	if err != nil {
		return nil, err
	}
	claims, err := decodePart(payload)
	if err != nil {
		return nil, err
	}
	switch way {
	case `"alg" none and no signature`:
		return withAlgNone(header, payload, ""), nil
	case `"alg" none and the old signature`:
		return withAlgNone(header, payload, signature), nil
	case `a later "exp" and the old signature`:
		return []string{head + "." + withClaim(claims, "exp", later(claims["exp"])) + "." + signature}, nil
	case `another "sub" and the old signature`:
		return []string{head + "." + withClaim(claims, "sub", "00000000-0000-4000-8000-000000000001") + "." + signature}, nil
	case `other characters in its signature`:
		return []string{head + "." + payload + "." + garbleAt(signature, 0.5), head + "." + payload + "."}, nil
	case `an HS256 signature by a key that others can have`:
		return w.signedByKnownKeys(header, payload, w.publicKeys(ctx)), nil
	}
	return nil, fmt.Errorf("no way to forge a token is called %q", way)
}

// withAlgNone says in a token's header that nothing has to be signed, in all
// the ways that libraries have been seen to take for "none".
func withAlgNone(header map[string]any, payload, signature string) []string {
	var forged []string
	for _, none := range []string{"none", "None", "NONE", "nOnE"} {
		forged = append(forged, withClaim(header, "alg", none)+"."+payload+"."+signature)
	}
	return forged
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

func encodePart(part map[string]any) string {
	text, err := json.Marshal(part)
	if err != nil {
		panic(fmt.Sprintf("a part of a JWT that is no JSON: %v", err)) // it came from JSON
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// later is a day after the time in a claim. A token without that claim gets
// one far away.
func later(exp any) int64 {
	const aDay, farAway = 24 * 60 * 60, 4102444800 // 2100-01-01
	end, err := claimTime(exp)
	if err != nil {
		return farAway
	}
	return end.Add(aDay * time.Second).Unix()
}

// signedByKnownKeys signs with HS256 and keys that are no secret: none at all,
// the words that examples use, and the server's public keys, which a careless
// server takes for the secret when the header says HS256.
func (w *World) signedByKnownKeys(header map[string]any, payload string, public [][]byte) []string {
	// A zero byte signs as no key at all does, and can be written down.
	keys := [][]byte{{0}, []byte("secret"), []byte("key"), []byte("password"), []byte("changeme")}
	signed := withClaim(header, "alg", "HS256") + "." + payload
	var forged []string
	for _, key := range append(keys, public...) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(signed))
		token := signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
		w.subject.Secrets.AddForged(token, key)
		forged = append(forged, token)
	}
	return forged
}

// publicKeys are the texts of the RSA keys that the subject publishes where
// everybody looks, as a server may have them in a file. Most publish none.
func (w *World) publicKeys(ctx context.Context) [][]byte {
	if w.subject.HTTP == "" {
		return nil
	}
	answer, err := w.exchange(ctx, request("GET", "/.well-known/jwks.json"))
	if err != nil || !answer.success() {
		return nil
	}
	var set struct {
		Keys []struct{ N, E string }
	}
	if json.Unmarshal([]byte(answer.Body), &set) != nil {
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
