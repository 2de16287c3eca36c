package reference

import (
	"errors"
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// Protect returns a handler for routes of your own behind the authentication of the
// dialects: next serves requests whose credentials one of them accepts, in the order
// of [Server.Dialects]. A request that none accepts is answered as the dialect does
// whose header it carries. In the scoped dialect the token's scopes and the rights
// of its owner must allow method and path; in the session dialect the permissions
// of an API key.
func (s *Server) Protect(next http.Handler) http.Handler {
	return s.guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refused, problem := s.rejecting(r), httpio.Classify(httpio.ErrUnauthorized)
		for _, dialect := range s.protections {
			err := dialect.Check(r)
			if err == nil {
				next.ServeHTTP(w, r)
				return
			}
			if !errors.Is(err, httpio.ErrUnauthorized) && httpio.Classify(err).Status != http.StatusUnauthorized {
				refused, problem = dialect, httpio.Classify(err)
			}
		}
		refused.Fail(w, r, problem)
	}))
}

// rejecting is the dialect that answers a request without valid credentials.
func (s *Server) rejecting(r *http.Request) httpio.Protection {
	hasForm := r.Header.Get(wire.FormTokenHeader) != ""
	for i, dialect := range s.dialects {
		if (dialect == wire.Form) == hasForm {
			return s.protections[i]
		}
	}
	return s.protections[0]
}
