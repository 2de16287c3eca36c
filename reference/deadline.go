package reference

import (
	"context"
	"net/http"
	"time"
)

// maxRequest bounds how long a request takes in the server, however often it asks the
// store; a login may wait for others for most of it. A read asks the store so seldom
// that the store's own timeout is enough.
const maxRequest = 20 * time.Second

// withDeadline gives a request that is no read one deadline.
func withDeadline(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			ctx, cancel := context.WithTimeout(r.Context(), maxRequest)
			defer cancel()
			r = r.WithContext(ctx)
		}
		next.ServeHTTP(w, r)
	})
}
