package reference

import (
	"log/slog"
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
)

// jwksPath serves the public keys of rpc tokens (RFC 7517), for programs that
// verify tokens without a request to the server.
const jwksPath = "/.well-known/jwks.json"

func jwks(keys *keyring.Ring, log *slog.Logger) http.Handler {
	return getOnly(func(w http.ResponseWriter, r *http.Request) {
		set, err := keys.JWKS(r.Context())
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
