package httpio

import "net/http"

// Protection is how a dialect protects what it serves.
type Protection struct {
	// Check returns nil for a request whose credentials the dialect accepts, and
	// allow it. Other errors are for [Classify].
	Check func(r *http.Request) error
	// Fail writes the dialect's answer to an error.
	Fail func(w http.ResponseWriter, r *http.Request, p Problem)
}
