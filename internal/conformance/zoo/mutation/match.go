package mutation

import (
	"net/http"
	"strings"
)

// Match selects requests.
type Match func(*http.Request) bool

// At selects a method and a path. The method "*" is any, and HEAD is GET; a path
// that ends in "/*" is everything below.
func At(method, path string) Match {
	below, subtree := strings.CutSuffix(path, "*")
	return func(r *http.Request) bool {
		if head := method == http.MethodGet && r.Method == http.MethodHead; method != "*" && r.Method != method && !head {
			return false
		}
		return r.URL.Path == path || subtree && strings.HasPrefix(r.URL.Path, below)
	}
}

// AnyOf selects what one of several select.
func AnyOf(matches ...Match) Match {
	return func(r *http.Request) bool {
		for _, one := range matches {
			if one(r) {
				return true
			}
		}
		return false
	}
}

// With narrows a match down to one method.
func (m Match) With(method string) Match {
	return func(r *http.Request) bool { return m(r) && r.Method == method }
}

// All selects every request.
func All(*http.Request) bool { return true }

// NotClock selects every request but those that move the server's clock.
func NotClock(r *http.Request) bool { return !strings.HasPrefix(r.URL.Path, "/_dragoman/") }
