package scoped

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/reference/scope"
)

var errNoScope = errors.New("no scope")

// matcher is the reference's reading of scopes but for the functions that are
// set.
type matcher struct {
	scope.Grammar
	check func(scopes []string) error
	// allows names more requests than the grammar does.
	allows func(scope, method, escapedPath string) bool
	// reads says which scopes name a request at all; nil is all of them.
	reads  func(scope string) bool
	covers func(have, want []string) bool
}

func (m matcher) Check(scopes []string) error {
	if m.check != nil {
		return m.check(scopes)
	}
	return m.Grammar.Check(scopes)
}

func (m matcher) Allows(scopes []string, method, escapedPath string) bool {
	if m.reads != nil {
		scopes = slices.DeleteFunc(slices.Clone(scopes), func(text string) bool { return !m.reads(text) })
	}
	return m.Grammar.Allows(scopes, method, escapedPath) ||
		m.allows != nil && slices.ContainsFunc(scopes, func(text string) bool { return m.allows(text, method, escapedPath) })
}

func (m matcher) Covers(have, want []string) bool {
	if m.covers != nil {
		return m.covers(have, want)
	}
	return m.Grammar.Covers(have, want)
}

// allows makes scopes name more than they should.
func allows(more func(scope, method, escapedPath string) bool) func(*mutation.Server) {
	return func(s *mutation.Server) { s.ScopeMatcher = matcher{allows: more} }
}

// coversPrefix compares scopes by the beginnings of their paths.
func coversPrefix(have, want []string) bool {
	return !slices.ContainsFunc(want, func(asked string) bool {
		return !slices.ContainsFunc(have, func(owned string) bool { return strings.HasPrefix(asked, owned) })
	})
}

// unprefixed is a path without the version.
func unprefixed(path string) string { return strings.TrimPrefix(path, "/api/v1") }

func decoded(escaped string) string {
	plain, err := url.PathUnescape(escaped)
	if err != nil {
		return escaped
	}
	return plain
}

func starred(g *granted) bool {
	return slices.ContainsFunc(g.scopes, func(text string) bool { return strings.HasSuffix(text, "/*") })
}

// routesAs routes a path after it was brought into another form. The check of
// scopes has let it pass, because it did not know the form it came in.
func routesAs(normal func(escapedPath string) string) func(*mutation.Server) {
	return func(s *mutation.Server) {
		l := newLedger(s)
		s.OnRequest(func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/v1/") }, func(r *http.Request) {
			came := r.URL.EscapedPath()
			leads := normal(came)
			if leads == came {
				return
			}
			l.with(mutation.Bearer(r), func(g *granted) {
				if g != nil && !g.revoked {
					r.URL = &url.URL{Path: leads, RawQuery: r.URL.RawQuery}
				}
			})
			if r.URL.Path == leads {
				mutation.SetBearer(r, l.freshToken())
			}
		})
	}
}

// believes accepts tokens that were not given out and that somebody believes.
func believes(token func(l *ledger, token string) bool) func(*mutation.Server) {
	return func(s *mutation.Server) {
		l := newLedger(s)
		s.OnRequest(resources, func(r *http.Request) {
			shown := mutation.Bearer(r)
			known := false
			l.with(shown, func(g *granted) { known = g != nil })
			if !known && mutation.IsJWT(shown) && token(l, shown) {
				mutation.SetBearer(r, l.freshToken())
			}
		})
	}
}

// filtersMethods shortens the list of methods.
func filtersMethods(s *mutation.Server, shown func(method string) bool) {
	s.OnAnswer(mutation.At("GET", "/api/v1/methods"), func(a *mutation.Reply) {
		if a.OK() {
			a.Write(slices.DeleteFunc(a.Texts(), func(method string) bool { return !shown(method) }))
		}
	})
}
