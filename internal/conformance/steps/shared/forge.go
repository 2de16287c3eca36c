package shared

import (
	"context"
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/tokens"
)

// Forge makes wrong tokens of a right one: garbled ones where the way is "", else
// as tokens.Forge does. They are secret in all reports.
func (w *World) Forge(ctx context.Context, way, token string) ([]string, error) {
	if way == "" {
		garbled := tokens.Garblings(token)
		for _, one := range garbled {
			w.Forged(one)
		}
		return garbled, nil
	}
	forged, err := tokens.Forge(way, token, func() [][]byte { return w.publicKeys(ctx) })
	if err != nil {
		return nil, err
	}
	wrong := make([]string, len(forged))
	for i, one := range forged {
		if wrong[i] = one.Token; one.Key != nil {
			w.Subject.Secrets.AddForged(one.Token, one.Key)
		}
		w.Forged(one.Token)
	}
	return wrong, nil
}

// publicKeys are the keys that the subject publishes where everybody looks.
// Most publish none.
func (w *World) publicKeys(ctx context.Context) [][]byte {
	if w.Subject.HTTP == "" {
		return nil
	}
	answer, err := w.Do(ctx, exchange.NewRequest(http.MethodGet, "/.well-known/jwks.json"))
	if err != nil || !answer.Accepted() {
		return nil
	}
	return tokens.PublicKeys(answer.Body)
}
