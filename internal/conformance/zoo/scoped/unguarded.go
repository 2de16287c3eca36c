package scoped

import (
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// unguarded are mistakes in who may manage tokens, where the resources are
// guarded as they should be.
func unguarded() []mutation.Mutant {
	return []mutation.Mutant{
		{
			Name: "scoped/list-public", Breaks: []string{"SCP-06"},
			Why: "The filter that demands a token is put on the resources only; the list shows no secrets.", Change: public(list),
		},
		{
			Name: "scoped/issue-public", Breaks: []string{"SCP-06"},
			Why: "Whoever is not logged in passes as the first user.", Change: public(issue),
		},
		{
			Name: "scoped/revocation-public", Breaks: []string{"SCP-06"},
			Why: "Nobody can guess an id, so the id is enough.", Change: public(revoke),
		},
		{
			Name: "scoped/garbled-manages", Breaks: []string{"SCP-06"},
			Why: "The signature is verified in the filter of the resources, and the management of tokens reads the claims.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				s.OnRequest(mutation.AnyOf(list, issue), func(r *http.Request) {
					known := false
					l.with(mutation.Bearer(r), func(g *granted) { known = g != nil })
					if mutation.IsJWT(mutation.Bearer(r)) && !known {
						mutation.SetBearer(r, l.freshToken())
					}
				})
			},
		},
		{
			Name: "scoped/expired-issues", Breaks: []string{"SCP-07"},
			Why: "The end of a token is compared in the filter of the resources, and the issue looks for the token only.",
			Change: func(s *mutation.Server) {
				accepts(s, issue, func(g *granted, _ *http.Request) bool { return !g.revoked && !s.Clock.Now().Before(g.ends) })
			},
		},
		{
			Name: "scoped/revoked-issues", Breaks: []string{"SCP-20"},
			Why: "The issue reads the token from a replica that keeps revoked ones.",
			Change: func(s *mutation.Server) {
				accepts(s, issue, func(g *granted, _ *http.Request) bool { return g.revoked })
			},
		},
		{
			Name: "scoped/list-open-to-all-scopes", Breaks: []string{"SCP-08"},
			Why: "Whoever has a token may see which tokens there are.",
			Change: func(s *mutation.Server) {
				accepts(s, list, func(g *granted, _ *http.Request) bool { return !g.revoked && g.scopes != nil })
			},
		},
	}
}

// public lets requests without a token through, as if they had one with all rights.
func public(where mutation.Match) func(*mutation.Server) {
	return func(s *mutation.Server) {
		l := newLedger(s)
		s.OnRequest(where, func(r *http.Request) {
			if r.Header.Get("Authorization") == "" {
				mutation.SetBearer(r, l.freshToken())
			}
		})
	}
}
