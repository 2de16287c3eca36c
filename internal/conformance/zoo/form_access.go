package zoo

import (
	"net/http"
	"strings"
	"time"
)

// formAccess are mistakes in what a token opens, and until when.
func formAccess() []Mutant {
	gone := map[string]any{"error": "no such token"}
	return []Mutant{
		{
			Name: "form/bearer-ignored", Breaks: []string{"FRM-05", "FRM-06", "FRM-07", "FRM-12", "FRM-15", "FRM-16", "FRM-21", "FRM-23", "SEC-02", "SEC-05"},
			Why:    "The header was renamed to Authorization in the new version.",
			Change: func(s *Server) { s.requests(formResource, func(r *http.Request) { r.Header.Del("X-Auth-Bearer") }) },
		},
		{
			Name: "form/resource-redirects", Breaks: []string{"FRM-05", "FRM-06", "FRM-07", "FRM-12", "FRM-15", "FRM-16", "FRM-21", "FRM-23", "SEC-02", "SEC-05"},
			Why:    "The resource answers with a redirect to its new place.",
			Change: changesStatus(formResource, http.StatusOK, http.StatusFound),
		},
		{
			Name: "form/resource-public", Breaks: []string{"FRM-06", "FRM-07"},
			Why: "The filter that demands a token was not put on this route.",
			Change: func(s *Server) {
				s.answers(formResource, func(a *reply) {
					if a.Request.Header.Get("X-Auth-Bearer") == "" {
						a.Status = http.StatusOK
					}
				})
			},
		},
		{
			Name: "form/token-front-unread", Breaks: []string{"FRM-06", "FRM-07"},
			Why: "Tokens are looked up by their last characters, where the random part was thought to be.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.requests(formResource, func(r *http.Request) {
					shown := r.Header.Get("X-Auth-Bearer")
					known.each(func(token string, _ *formGrant) {
						if len(shown) == len(token) && strings.HasSuffix(shown, token[len(token)/2:]) {
							r.Header.Set("X-Auth-Bearer", token)
						}
					})
				})
			},
		},
		{
			Name: "form/no-token-is-403", Breaks: []string{"FRM-07"},
			Why: "401 and 403 are mixed up.", Change: changesStatus(formResource, http.StatusUnauthorized, http.StatusForbidden),
		},
		{
			Name: "form/garbled-token-to-login-page", Breaks: []string{"FRM-07"},
			Why: "Whoever has no valid token is sent to the login form.",
			Change: changesStatus(func(r *http.Request) bool { return formResource(r) && r.Header.Get("X-Auth-Bearer") != "" },
				http.StatusUnauthorized, http.StatusFound),
		},
		{
			Name: "form/late-expiry", Breaks: []string{"FRM-16"},
			Why: "The filter reads tokens from a cache that is emptied once an hour.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.answers(formResource, func(a *reply) {
					known.with(a.Request.Header.Get("X-Auth-Bearer"), func(g *formGrant) {
						if g != nil && !g.deleted && s.Clock.Now().Before(g.ends.Add(time.Hour)) {
							a.refuse(http.StatusOK, []any{})
						}
					})
				})
			},
		},
		{
			Name: "form/early-expiry", Breaks: []string{"FRM-16"},
			Why: "The filter wants a token that is good for another minute.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.answers(formResource, func(a *reply) {
					known.with(a.Request.Header.Get("X-Auth-Bearer"), func(g *formGrant) {
						if g != nil && !s.Clock.Now().Before(g.ends.Add(-time.Minute)) {
							a.refuse(http.StatusUnauthorized, gone)
						}
					})
				})
			},
		},
		{
			Name: "form/long-token-dies-early", Breaks: []string{"FRM-16"},
			Why: "The table of live tokens is emptied every night, long ones included.",
			Change: func(s *Server) {
				known := s.formLedger()
				s.answers(formResource, func(a *reply) {
					known.with(a.Request.Header.Get("X-Auth-Bearer"), func(g *formGrant) {
						if g != nil && g.long && s.Clock.Now().After(g.issued.Add(24*time.Hour)) {
							a.refuse(http.StatusUnauthorized, gone)
						}
					})
				})
			},
		},
	}
}
