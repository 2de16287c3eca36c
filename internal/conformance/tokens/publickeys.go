package tokens

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
)

// PublicKeys are the texts of public keys, as a server may have them in a file:
// each in PEM and in the DER within, in all forms that its kind has. They are read
// from a JWK set, a single JWK (RFC 7517), or PEM: keys and certificates. What
// cannot be read holds none.
func PublicKeys(text string) [][]byte {
	var texts [][]byte
	for _, key := range append(keysOfJWKs(text), keysOfPEM([]byte(text))...) {
		texts = append(texts, keyTexts(key)...)
	}
	return texts
}

// jwk is what a public key is made of: RSA has n and e, an elliptic curve x and
// y, Ed25519 x alone.
type jwk struct {
	Type  string `json:"kty"`
	Curve string `json:"crv"`
	N     string `json:"n"`
	E     string `json:"e"`
	X     string `json:"x"`
	Y     string `json:"y"`
}

func keysOfJWKs(text string) []any {
	var set struct{ Keys []json.RawMessage }
	if json.Unmarshal([]byte(text), &set) != nil {
		return nil
	}
	if set.Keys == nil {
		set.Keys = []json.RawMessage{json.RawMessage(text)}
	}
	var keys []any
	for _, one := range set.Keys {
		var published jwk
		if json.Unmarshal(one, &published) != nil {
			continue
		}
		if key := published.key(); key != nil {
			keys = append(keys, key)
		}
	}
	return keys
}

// key is nil where the members make none.
func (j jwk) key() any {
	number := func(text string) []byte {
		decoded, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			return nil
		}
		return decoded
	}
	curves := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}
	n, e, x, y := number(j.N), number(j.E), number(j.X), number(j.Y)
	switch {
	case len(n) > 0 && len(e) > 0 && len(e) <= 4:
		return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	case j.Curve == "Ed25519" && len(x) == ed25519.PublicKeySize:
		return ed25519.PublicKey(x)
	case curves[j.Curve] != nil && len(x) > 0 && len(x) == len(y):
		key, err := ecdsa.ParseUncompressedPublicKey(curves[j.Curve], append(append([]byte{4}, x...), y...))
		if err != nil {
			return nil
		}
		return key
	}
	return nil
}

func keysOfPEM(text []byte) []any {
	var keys []any
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return keys
		}
		if key, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
			keys = append(keys, key)
		} else if key, err := x509.ParsePKCS1PublicKey(block.Bytes); err == nil {
			keys = append(keys, key)
		} else if certificate, err := x509.ParseCertificate(block.Bytes); err == nil {
			keys = append(keys, certificate.PublicKey)
		}
		text = rest
	}
}

// keyTexts writes a public key in the forms in which it is stored.
func keyTexts(key any) [][]byte {
	var texts [][]byte
	add := func(kind string, der []byte) {
		text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
		texts = append(texts, der, text, text[:len(text)-1])
	}
	switch key := key.(type) {
	case *rsa.PublicKey:
		add("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(key))
	case *ecdsa.PublicKey:
		if point, err := key.Bytes(); err == nil {
			texts = append(texts, point)
		}
	case ed25519.PublicKey:
		texts = append(texts, key)
	}
	if der, err := x509.MarshalPKIXPublicKey(key); err == nil {
		add("PUBLIC KEY", der)
	}
	return texts
}
