// Package scoped makes the mutants and variants of the scoped dialect: how its
// tokens are issued, listed, changed and revoked, and what their scopes grant
// access to.
package scoped

import (
	"net/http"
	"slices"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/security"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
)

// The requests of the dialect.
var (
	login     = mutation.At("POST", "/api/v1/auth/token")
	issue     = mutation.At("POST", "/api/v1/tokens")
	list      = mutation.At("GET", "/api/v1/tokens")
	item      = mutation.At("*", "/api/v1/tokens/*")
	revoke    = mutation.At("DELETE", "/api/v1/tokens/*")
	objects   = mutation.At("*", "/api/v1/objects/*")
	resources = mutation.AnyOf(mutation.At("*", "/api/v1/objects"), objects, mutation.At("*", "/api/v1/geofences"))
	newToken  = mutation.AnyOf(login, issue)
)

// Mutants are all of them. The slice is fresh on every call.
func Mutants() []mutation.Mutant {
	return slices.Concat(tokens(), managed(), access(), members(), unguarded(), security.Mutants(endpoints))
}

var endpoints = security.Endpoints{
	Dialect: "scoped", WrongPassword: "SCP-23", LoginPath: "/api/v1/auth/token", Undeclared: []string{"PUT", "PATCH", "DELETE"},
	Login: login, Renew: issue, Resource: mutation.At("GET", "/api/v1/objects"), TokenMember: "token",
	Token: mutation.Bearer, ShowToken: mutation.SetBearer, Renewed: mutation.Bearer,
	DrawTokens: func(draw func() string) func(*mutation.Server) {
		return func(s *mutation.Server) { s.ScopedSigner = mutation.SignsWith(sharedKey(), draw) }
	},
	AcceptsAll: security.AcceptsAll{
		Breaks: []string{"SCP-06"}, Hides: []string{"SCP-07", "SCP-15"}, // all of its tokens end together
		Login: func(now time.Time) map[string]any {
			return map[string]any{
				"_id": "0123456789abcdef01234567", "token": mutation.StrayToken, "user": map[string]string{"name": "root"},
				"issuedAt": now.UnixMilli(), "expiresAt": now.Add(24 * time.Hour).UnixMilli(),
			}
		},
	},
}

// sharedKey signs with HS256.
func sharedKey() grant.Signer {
	signer, err := grant.HS256([]byte("a key of the zoo, which is nobody's secret"))
	if err != nil {
		panic(err) // the key is long enough
	}
	return signer
}

// isKnown selects logins that name the full account.
func isKnown(r *http.Request) bool { return mutation.SentText(r, "username") == "root" }
