package reference

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/rs/cors"
)

// checkOrigins returns an error for what is no origin (RFC 6454 section 6.2).
func checkOrigins(origins []string) error {
	for _, origin := range origins {
		if origin == "*" {
			continue
		}
		u, err := url.Parse(origin)
		if err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != origin {
			return fmt.Errorf("the origin %q is not like https://app.example: a scheme, a host, perhaps a port, and nothing else", origin)
		}
	}
	return nil
}

// allowOrigins lets pages of other origins read answers (the CORS protocol of the
// Fetch standard). Tokens travel in headers, so cookies are not allowed.
func allowOrigins(origins []string, next http.Handler) http.Handler {
	if len(origins) == 0 {
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
		AllowedHeaders: []string{"Authorization", "Content-Type", "X-Auth-Bearer", "X-Api-Key", "X-Api-Inflection"},
		ExposedHeaders: []string{"Date", "Link", "Retry-After", "WWW-Authenticate"},
		MaxAge:         600,
	}).Handler(next)
}
