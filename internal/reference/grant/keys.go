package grant

import (
	"context"
	"fmt"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
)

// signingMAC is the key of new session tokens.
func (s *Service) signingMAC(ctx context.Context) (*macKey, error) {
	secret, err := s.keys.Signer(ctx, keyring.Secret)
	if err != nil {
		return nil, fmt.Errorf("sign a token: %w", err)
	}
	return s.macKey(secret), nil
}

// oldMAC is the key of a session token that was made before.
func (s *Service) oldMAC(ctx context.Context, id string) (*macKey, error) {
	secret, err := s.keys.ByID(ctx, keyring.Secret, id)
	if err != nil {
		return nil, err
	}
	return s.macKey(secret), nil
}

// macKey returns the key of session tokens that a secret stands for. What it
// remembers grows by one key at each rotation.
func (s *Service) macKey(secret keyring.Key) *macKey {
	if known, found := s.macs.Load(secret.ID); found {
		return known.(*macKey) // the map holds nothing else
	}
	known, _ := s.macs.LoadOrStore(secret.ID, newMACKey(secret))
	return known.(*macKey) // the map holds nothing else
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
