package reference

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
)

// jwksPath serves the public keys of rpc tokens (RFC 7517), for programs that
// verify tokens without a request to the server.
const jwksPath = "/.well-known/jwks.json"

// jwks serves the keys of the ring, or that of a signer which signs in their place and
// has one to publish.
func jwks(keys *keyring.Ring, signer Signer, log *slog.Logger) http.Handler {
	read := keys.JWKS
	if publisher, is := signer.(Publisher); is {
		read = func(context.Context) (keyring.JWKS, error) {
			key, err := publisher.PublicKey()
			if err != nil {
				return keyring.JWKS{}, err
			}
			return keyring.JWKS{Keys: []keyring.JWK{keyring.PublicJWK("", key)}}, nil
		}
	}
	return getOnly(func(w http.ResponseWriter, r *http.Request) {
		set, err := read(r.Context())
		if err != nil {
			log.ErrorContext(r.Context(), "request failed", "method", r.Method, "route", jwksPath, "error", err)
			problem := httpio.Classify(err)
			problem.WriteHeaders(w)
			httpio.WriteJSON(w, problem.Status, map[string]string{"error": problem.Reason})
			return
		}
		httpio.WriteJSON(w, http.StatusOK, set)
	})
}
