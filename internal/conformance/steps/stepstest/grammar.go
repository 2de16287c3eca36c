package stepstest

import (
	"net/http"
	"strings"
)

// byGrammar serves HEAD as GET, and reads Authorization by its grammar: what is
// inside finds "Bearer ", Basic credentials, or nothing.
func byGrammar(inside http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		if r.Method == http.MethodHead {
			r.Method = http.MethodGet
		}
		scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
		switch {
		case found && strings.EqualFold(scheme, "Bearer"):
			r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
		case !strings.EqualFold(scheme, "Basic"):
			r.Header.Del("Authorization")
		}
		inside.ServeHTTP(w, r)
	})
}
