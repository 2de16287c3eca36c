// Package rpc makes the mutants and variants of the rpc dialect, over HTTP and
// over direct gRPC: its logins, what its tokens say and grant access to, and how
// sessions are renewed and closed.
package rpc

import (
	"slices"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/security"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// Mutants are all of them. The slice is fresh on every call.
func Mutants() []mutation.Mutant {
	return slices.Concat(logins(), authorization(), mistakes(), otherNames(), sessions(), prolonging(), access(), secondFactors(), supervised(), security.Mutants(endpoints))
}

var endpoints = security.Endpoints{
	Dialect: "rpc", WrongPassword: "RPC-12", LoginPath: "/grpc", Undeclared: []string{"PUT", "PATCH", "DELETE"},
	Login: Calls("AuthenticateEx"), Renew: Calls("RenewSession"), Resource: Calls("GetVersion"), TokenMember: "token_value",
	Token: mutation.Bearer, ShowToken: mutation.SetBearer, Renewed: mutation.Bearer,
	DrawTokens: func(draw func() string) func(*mutation.Server) {
		return func(s *mutation.Server) { s.RPCSigner = mutation.SignsWith(s.RPCSigner, draw) }
	},
	LockCode: true,
	AcceptsAll: security.AcceptsAll{
		Breaks: []string{"RPC-02", "RPC-25"}, Hides: []string{"RPC-07", "RPC-08", "RPC-21", "RPC-24", "RPC-28"}, // all of its tokens end together
		Login: func(now time.Time) map[string]any {
			return map[string]any{
				"token_name": wire.RPCTokenName, "token_value": mutation.StrayToken, "expires_at": now.Add(4 * time.Hour).Format(compactTime),
				"is_unrestricted": true, "user_id": "1", "roles_ids": []string{"1"}, "error_code": wire.RPCCodeOK,
			}
		},
	},
}
