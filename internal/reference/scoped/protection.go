package scoped

import (
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
)

// Protection protects routes that are not the dialect's own, as it does its
// resources: by scopes of the token and rights of its owner.
func Protection(cfg Config) httpio.Protection {
	h := &handler{Config: cfg}
	return httpio.Protection{Fail: fail, Check: func(r *http.Request) error {
		_, err := h.authorise(r, withRight)
		return err
	}}
}
