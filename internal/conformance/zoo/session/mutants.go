// Package session makes the mutants and variants of the session dialect: its
// logins, refreshes, sessions, API keys and languages.
package session

import (
	"net/http"
	"slices"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/security"
)

// The requests of the dialect.
var (
	login      = mutation.AnyOf(mutation.At("POST", "/sessions"), mutation.At("POST", "/sessioni"))
	refresh    = mutation.At("POST", "/tokens")
	collection = mutation.At("GET", "/users")
)

// Mutants are all of them. The slice is fresh on every call.
func Mutants() []mutation.Mutant {
	return slices.Concat(logins(), access(), refreshes(), listed(), keys(), languages(), members(), security.Mutants(endpoints))
}

var endpoints = security.Endpoints{
	Dialect: "session", WrongPassword: "SES-10", LoginPath: "/sessions", Undeclared: []string{"PUT", "PATCH", "DELETE"},
	Login: mutation.At("POST", "/sessions"), Renew: refresh, Resource: collection, TokenMember: "access_token",
	Token: mutation.Bearer, ShowToken: mutation.SetBearer, Renewed: mutation.Bearer,
	DrawTokens: func(draw func() string) func(*mutation.Server) {
		return func(s *mutation.Server) { s.RenameTokens(tokens, draw) }
	},
	AcceptsAll: security.AcceptsAll{
		Breaks: []string{"SES-05"},
		Login: func(time.Time) map[string]any {
			return map[string]any{"token_type": "Bearer", "expires_in": 600, "access_token": mutation.StrayToken, "refresh_token": "to-refresh-" + mutation.StrayToken}
		},
	},
}

// tokens is where the dialect carries its tokens.
var tokens = mutation.Tokens{Answered: mutation.AnyOf(login, refresh), Members: tokenMembers, Shown: changeShown}

var tokenMembers = []string{"access_token", "refresh_token"}

// changeShown changes the tokens that a request shows.
func changeShown(r *http.Request, change func(token string) string) {
	if token := mutation.Bearer(r); token != "" {
		mutation.SetBearer(r, change(token))
	}
	if r.URL.Path == "/tokens" {
		mutation.RenameSent(r, tokenMembers, change)
	}
}
