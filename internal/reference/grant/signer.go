package grant

import (
	"crypto/rsa"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// Signer turns claims into a signed JWT. Implementations are safe for
// concurrent use.
type Signer interface {
	// Sign returns the claims as a compact JWT.
	Sign(claims map[string]any) (string, error)
}

// SignerFunc adapts a function to a [Signer].
type SignerFunc func(claims map[string]any) (string, error)

// Sign calls f.
func (f SignerFunc) Sign(claims map[string]any) (string, error) { return f(claims) }

// Publisher is a [Signer] whose tokens other programs verify with a public key.
type Publisher interface {
	Signer
	// PublicKey returns the key, which does not change.
	PublicKey() (*rsa.PublicKey, error)
}

// HS256 returns a signer with a shared key of at least 32 bytes (RFC 7518
// section 3.2).
func HS256(key []byte) (Signer, error) {
	if len(key) < 32 {
		return nil, fmt.Errorf("HS256 signer: the key has %d bytes, it needs 32", len(key))
	}
	return SignerFunc(func(claims map[string]any) (string, error) {
		return sign(jwt.SigningMethodHS256, claims, "", key)
	}), nil
}

// RS256 returns a signer with an RSA key of at least 2048 bits (RFC 7518
// section 3.3). It is a [Publisher].
func RS256(key *rsa.PrivateKey) (Signer, error) {
	if key == nil || key.N.BitLen() < 2048 {
		return nil, errors.New("RS256 signer: it needs an RSA key of at least 2048 bits")
	}
	return rs256{key}, nil
}

type rs256 struct{ key *rsa.PrivateKey }

func (s rs256) Sign(claims map[string]any) (string, error) {
	return sign(jwt.SigningMethodRS256, claims, "", s.key)
}

func (s rs256) PublicKey() (*rsa.PublicKey, error) { return &s.key.PublicKey, nil }

// sign makes a JWT whose kid is the id of the key; an empty id: no kid.
func sign(method jwt.SigningMethod, claims map[string]any, keyID string, key any) (string, error) {
	unsigned := jwt.NewWithClaims(method, jwt.MapClaims(claims))
	if keyID != "" {
		unsigned.Header["kid"] = keyID
	}
	token, err := unsigned.SignedString(key)
	if err != nil {
		return "", fmt.Errorf("sign a token with %s: %w", method.Alg(), err)
	}
	return token, nil
}
