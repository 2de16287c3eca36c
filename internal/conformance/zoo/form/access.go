package form

import (
	"net/http"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// access are mistakes in what a token grants access to, and until when.
func access() []mutation.Mutant {
	gone := map[string]any{"error": "no such token"}
	return []mutation.Mutant{
		{
			Name: "form/bearer-ignored", Breaks: []string{"FRM-05"},
			Why: "The header was renamed to Authorization in the new version.",
			Change: func(s *mutation.Server) {
				s.OnRequest(resource, func(r *http.Request) { r.Header.Del("X-Auth-Bearer") })
			},
		},
		{
			Name: "form/resource-redirects", Breaks: []string{"FRM-05"},
			Why:    "The resource answers with a redirect to its new place.",
			Change: mutation.ChangesStatus(resource, http.StatusOK, http.StatusFound),
		},
		{
			Name: "form/resource-public", Breaks: []string{"FRM-06"},
			Why: "The filter that demands a token was not put on this route.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(resource, func(a *mutation.Reply) {
					if shownToken(a.Request) == "" {
						a.Status = http.StatusOK
					}
				})
			},
		},
		{
			Name: "form/token-front-unread", Breaks: []string{"FRM-06", "FRM-07"},
			Why: "Tokens are looked up by their last characters, where the random part was thought to be.",
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.OnRequest(resource, func(r *http.Request) {
					shown := shownToken(r)
					known.each(func(token string, _ *grant) {
						if len(shown) == len(token) && strings.HasSuffix(shown, token[len(token)/2:]) {
							showToken(r, token)
						}
					})
				})
			},
		},
		{
			Name: "form/no-token-is-403", Breaks: []string{"FRM-07"},
			Why: "401 and 403 are mixed up.", Change: mutation.ChangesStatus(resource, http.StatusUnauthorized, http.StatusForbidden),
		},
		{
			Name: "form/garbled-token-to-login-page", Breaks: []string{"FRM-07"},
			Why: "Whoever has no valid token is sent to the login form.",
			Change: mutation.ChangesStatus(func(r *http.Request) bool { return resource(r) && shownToken(r) != "" },
				http.StatusUnauthorized, http.StatusFound),
		},
		{
			Name: "form/late-expiry", Breaks: []string{"FRM-16"},
			Why: "The filter reads tokens from a cache that is emptied once an hour.",
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.OnAnswer(resource, func(a *mutation.Reply) {
					known.with(shownToken(a.Request), func(g *grant) {
						if g != nil && !g.deleted && s.Clock.Now().Before(g.ends.Add(time.Hour)) {
							a.Replace(http.StatusOK, []any{})
						}
					})
				})
			},
		},
		{
			Name: "form/early-expiry", Breaks: []string{"FRM-16"},
			Why: "The filter wants a token that is good for another minute.",
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.OnAnswer(resource, func(a *mutation.Reply) {
					known.with(shownToken(a.Request), func(g *grant) {
						if g != nil && !s.Clock.Now().Before(g.ends.Add(-time.Minute)) {
							a.Replace(http.StatusUnauthorized, gone)
						}
					})
				})
			},
		},
		{
			Name: "form/long-token-dies-early", Breaks: []string{"FRM-16"},
			Why: "The table of live tokens is emptied every night, long ones included.",
			Change: func(s *mutation.Server) {
				known := newLedger(s)
				s.OnAnswer(resource, func(a *mutation.Reply) {
					known.with(shownToken(a.Request), func(g *grant) {
						if g != nil && g.long && s.Clock.Now().After(g.issued.Add(24*time.Hour)) {
							a.Replace(http.StatusUnauthorized, gone)
						}
					})
				})
			},
		},
	}
}
