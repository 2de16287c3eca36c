package shared

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
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
	forged, err := tokens.Forge(way, token, func() ([][]byte, error) { return w.publicKeys(ctx) })
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

// usualKeys is where many servers publish their keys.
const usualKeys = "/.well-known/jwks.json"

// publicKeys are the keys that the manifest names, or that the subject publishes
// where many do. The error is an *exchange.UntriedError where there are none.
func (w *World) publicKeys(ctx context.Context) ([][]byte, error) {
	named := w.Subject.Manifest.PublicKey
	text, err := w.publicKeyText(ctx, named)
	keys := tokens.PublicKeys(text)
	switch {
	case len(keys) > 0:
		return keys, nil
	case named == nil:
		return nil, &exchange.UntriedError{Why: "the tokens are signed by a key whose public half, which others have, the judge does not know: name it as public_key in the manifest"}
	case err != nil:
		return nil, &exchange.UntriedError{Why: fmt.Sprintf("public_key cannot be read: %v", err)}
	}
	return nil, &exchange.UntriedError{Why: "public_key holds no key in PEM and no JWK"}
}

func (w *World) publicKeyText(ctx context.Context, named *manifest.PublicKey) (string, error) {
	if named != nil && named.File != "" {
		text, err := os.ReadFile(named.File)
		return string(text), err
	}
	at := usualKeys
	if named != nil {
		at = named.URL
	}
	if path, ours := strings.CutPrefix(at, w.Subject.HTTP); ours && strings.HasPrefix(path, "/") {
		at = path
	}
	if !strings.HasPrefix(at, "/") {
		return w.textAt(ctx, at)
	}
	if w.Subject.HTTP == "" {
		return "", errors.New("the manifest names no HTTP address of the subject")
	}
	answer, err := w.Do(ctx, exchange.NewRequest(http.MethodGet, at))
	if err != nil {
		return "", err
	}
	if !answer.Accepted() {
		return "", fmt.Errorf("%s answers %s", at, answer.Outcome())
	}
	return answer.Body, nil
}

// textAt asks another server, which is not judged.
func (w *World) textAt(ctx context.Context, url string) (string, error) {
	const most = 1 << 20
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	client := http.Client{Transport: w.Subject.Transport, Timeout: w.Subject.Timeout}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %s", url, response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, most))
	return string(text), err
}
