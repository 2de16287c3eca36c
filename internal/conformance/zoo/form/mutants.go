// Package form makes the mutants and variants of the form dialect: its logins,
// what its tokens grant access to, and how they are asked for, extended and
// deleted.
package form

import (
	"net/http"
	"slices"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/security"
)

// The requests of the dialect.
var (
	login        = mutation.At("POST", "/login")
	ask          = mutation.At("GET", "/login")
	extend       = mutation.At("PUT", "/login")
	remove       = mutation.At("DELETE", "/login")
	resource     = mutation.At("GET", "/items")
	answersToken = mutation.AnyOf(login, ask, extend)
)

// Mutants are all of them. The slice is fresh on every call.
func Mutants() []mutation.Mutant {
	return slices.Concat(logins(), access(), managed(), security.Mutants(endpoints))
}

var endpoints = security.Endpoints{
	Dialect: "form", WrongPassword: "FRM-17", LoginPath: "/login", Undeclared: []string{"PATCH"},
	Login: login, Renew: extend, Resource: resource, TokenMember: "token",
	Token: shownToken, ShowToken: showToken,
	Renewed: func(r *http.Request) string { return mutation.SentText(r, "token") },
	DrawTokens: func(draw func() string) func(*mutation.Server) {
		return func(s *mutation.Server) { s.RenameTokens(tokens, draw) }
	},
	Oversized: []string{"FRM-22"},
	AcceptsAll: security.AcceptsAll{
		Breaks: []string{"FRM-06"},
		Login: func(now time.Time) map[string]any {
			return map[string]any{"token": mutation.StrayToken, "validTo": now.Add(24 * time.Hour).Format(time.RFC3339), "user": map[string]string{"login": "root"}}
		},
	},
}

// tokens is where the dialect carries its tokens.
var tokens = mutation.Tokens{Answered: answersToken, Members: tokenMembers, Shown: changeShown}

var tokenMembers = []string{"token"}

func shownToken(r *http.Request) string { return r.Header.Get("X-Auth-Bearer") }

func showToken(r *http.Request, token string) { r.Header.Set("X-Auth-Bearer", token) }

// changeShown changes the tokens that a request shows.
func changeShown(r *http.Request, change func(token string) string) {
	if token := shownToken(r); token != "" {
		showToken(r, change(token))
	}
	if r.URL.Path != "/login" {
		return
	}
	if query := r.URL.Query(); query.Has("token") {
		query.Set("token", change(query.Get("token")))
		at := *r.URL
		at.RawQuery = query.Encode()
		r.URL = &at
	}
	mutation.RenameSent(r, tokenMembers, change)
}
