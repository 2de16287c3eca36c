package session

import (
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
)

// Protection protects routes that are not the dialect's own. A bearer allows all of
// them, an API key those that its permissions name.
func Protection(cfg Config) httpio.Protection {
	h := newHandler(cfg)
	return httpio.Protection{Fail: fail, Check: func(r *http.Request) error {
		c, err := h.caller(r)
		if err == nil && !h.permitted(c, r) {
			return httpio.ErrForbidden
		}
		return err
	}}
}
