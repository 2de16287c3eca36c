package rpc

import (
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// Protection protects routes that are not the dialect's own. Every live token
// allows all of them, and so does Basic for an account without a second factor.
func (s *Server) Protection() httpio.Protection {
	return httpio.Protection{
		Check: func(r *http.Request) error {
			c, err := s.authenticateCaller(r)
			if err == nil && c.unproven {
				return account.ErrSecondFactor
			}
			return err
		},
		Fail: func(w http.ResponseWriter, _ *http.Request, p httpio.Problem) { fail(w, p, codeOf(p), nil) },
	}
}
