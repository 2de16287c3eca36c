package mutation

import (
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// What signer signs, the library accepts with the public key.
func TestSigner(t *testing.T) {
	t.Parallel()
	token, err := signer.Sign(map[string]any{"sub": "root"})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jwt.Parse(token, func(*jwt.Token) (any, error) { return &fastKey().public, nil }, jwt.WithValidMethods([]string{"RS256"}))
	if err != nil || !parsed.Valid {
		t.Errorf("%s: %v", token, err)
	}
}

func BenchmarkSigner(b *testing.B) {
	for b.Loop() {
		if _, err := signer.Sign(map[string]any{"sub": "root"}); err != nil {
			b.Fatal(err)
		}
	}
}
