package keyring

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
)

// JWK is a public key as RFC 7517 writes it (RFC 7518 section 6.3.1).
type JWK struct {
	Type      string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid,omitempty"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`
}

// JWKS is a set of public keys (RFC 7517 section 5).
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// JWKS returns the public keys of all RS256 keys, newest first: previous, current
// and next. It is empty before the first login of the rpc dialect.
func (r *Ring) JWKS(ctx context.Context) (JWKS, error) {
	keys, err := r.All(ctx, RS256)
	if err != nil {
		return JWKS{}, err
	}
	set := JWKS{Keys: make([]JWK, 0, len(keys))}
	for _, key := range keys {
		set.Keys = append(set.Keys, PublicJWK(key.ID, &key.RSA.PublicKey))
	}
	return set, nil
}

// PublicJWK is the public key of a pair that signs with RS256. An empty id: tokens do not
// name the key.
func PublicJWK(id string, key *rsa.PublicKey) JWK {
	return JWK{
		Type: "RSA", Use: "sig", Algorithm: "RS256", ID: id,
		Modulus:  base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		Exponent: base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}
}
