package grant

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
)

// derive makes one key per purpose, so that a token of one dialect is never
// accepted in another.
func derive(key []byte, purpose string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// macKey authenticates session tokens.
type macKey struct {
	id  string
	key []byte
}

func newMACKey(secret keyring.Key) macKey {
	return macKey{secret.ID, derive(secret.Secret, "session tokens")}
}

// signingMAC is the key of new session tokens.
func (s *Service) signingMAC(ctx context.Context) (macKey, error) {
	secret, err := s.keys.Signer(ctx, keyring.Secret)
	if err != nil {
		return macKey{}, fmt.Errorf("sign a token: %w", err)
	}
	return newMACKey(secret), nil
}

// oldMAC is the key of a session token that was made before.
func (s *Service) oldMAC(ctx context.Context, id string) (macKey, error) {
	secret, err := s.keys.ByID(ctx, keyring.Secret, id)
	if err != nil {
		return macKey{}, err
	}
	return newMACKey(secret), nil
}

// signScoped signs the claims of a scoped token.
func (s *Service) signScoped(ctx context.Context, claims map[string]any) (string, error) {
	if s.scoped != nil {
		return s.scoped.Sign(claims)
	}
	secret, err := s.keys.Signer(ctx, keyring.Secret)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	// Without a kid, like the documented tokens: only this server verifies them.
	return sign(jwt.SigningMethodHS256, claims, "", derive(secret.Secret, "scoped tokens"))
}

// signRPCClaims signs the claims of an rpc token.
func (s *Service) signRPCClaims(ctx context.Context, claims map[string]any) (string, error) {
	if s.rpc != nil {
		return s.rpc.Sign(claims)
	}
	pair, err := s.keys.Signer(ctx, keyring.RS256)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return sign(jwt.SigningMethodRS256, claims, pair.ID, pair.RSA)
}
