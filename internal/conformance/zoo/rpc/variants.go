package rpc

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// Variants differ in the rpc dialect.
func Variants() []mutation.Variant {
	only := []string{"rpc"}
	return []mutation.Variant{
		{
			Name: "rpc-http-only", Dialects: only,
			Differs: "There is no direct gRPC.",
			Change:  func(s *mutation.Server) { s.Manifest.Dialects.RPC.GRPC = nil },
		},
		{
			Name: "rpc-grpc-only", Dialects: only,
			Differs: "There is nothing but direct gRPC.",
			Change:  func(s *mutation.Server) { s.Manifest.Dialects.RPC.HTTP = nil },
		},
		{
			Name: "rpc-second-factor", Dialects: only,
			Differs: "An account has a second factor.",
			Change:  (*mutation.Server).AddSecondFactor,
		},
		{
			Name: "rpc-supervised", Dialects: only,
			Differs: "A supervisor approves the logins of an account, and there is no authenticator.",
			Change:  (*mutation.Server).AddSupervisor,
		},
		{
			Name: "rpc-renewal-ends-old", Dialects: only,
			Differs: "A renewal ends the token that it was asked with.",
			Change: func(s *mutation.Server) {
				var mu sync.Mutex
				ended := map[string]time.Time{}
				onToken(s, overBoth, func(_, token string) string {
					mu.Lock()
					defer mu.Unlock()
					if since, known := ended[token]; known && s.Clock.Now().Sub(since) > 0 {
						return "ended"
					}
					return token
				})
				onCall(s, overBoth, func(c *call) {
					if strings.HasPrefix(c.Method, "Renew") && c.grants() {
						mu.Lock()
						defer mu.Unlock()
						ended[c.Token] = s.Clock.Now()
					}
				})
			},
		},
		{
			Name: "rpc-short-life", Dialects: only,
			Differs: "Tokens live for 300 seconds, as on another installation.",
			Change: func(s *mutation.Server) {
				s.Lifetimes.RPC = 5 * time.Minute
				s.Manifest.Dialects.RPC.TokenLife = 5 * time.Minute
			},
		},
		{
			Name: "rpc-fraction", Dialects: only,
			Differs: "expires_at has a fraction, and expires_in is absent.",
			Change: func(s *mutation.Server) {
				onCall(s, overBoth, func(c *call) {
					if c.grants() {
						c.login().ExpiresAt += ".250"
						c.login().ExpiresIn = 0
					}
				})
				s.OnAnswer(post, func(a *mutation.Reply) { a.Drop("expires_in") })
			},
		},
		{
			Name: "rpc-number-as-number", Dialects: only,
			Differs: "expires_in is a JSON number.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(post, func(a *mutation.Reply) {
					if a.Member("expires_in") != "" {
						a.Set("expires_in", 14400)
					}
				})
			},
		},
		{
			Name: "rpc-refuses-by-status", Dialects: only,
			Differs: "Wrong credentials are refused by status over both transports.",
			Change: func(s *mutation.Server) {
				onCall(s, overBoth, func(c *call) {
					if c.login().GetErrorCode() == codeWrongLogin {
						c.Message, c.Err = nil, errRejected
					}
				})
			},
		},
		{
			Name: "rpc-other-token-name", Dialects: only,
			Differs: "The token travels as metadata under another name.",
			Change:  func(s *mutation.Server) { renameToken(s, "x-video-session") },
		},
		{
			Name: "rpc-many-roles", Dialects: only,
			Differs: "The user has several roles, which come in any order.",
			Change: func(s *mutation.Server) {
				s.Accounts[0].Roles = []string{"c3", "a1", "b2"}
				s.OnAnswer(post, func(a *mutation.Reply) {
					if roles := a.MemberTexts("roles_ids"); len(roles) > 0 {
						slices.Sort(roles)
						a.Set("roles_ids", roles)
					}
				})
			},
		},
		{
			Name: "rpc-no-roles", Dialects: only,
			Differs: "The user has no roles and is restricted.",
			Change:  func(s *mutation.Server) { s.Accounts[0].Roles, s.Accounts[0].Unrestricted = nil, false },
		},
		{
			Name: "rpc-unknown-method-is-501", Dialects: only,
			Differs: "An unknown method answers 501.",
			Change:  mutation.ChangesStatus(post, http.StatusNotFound, http.StatusNotImplemented),
		},
	}
}

// renameToken gives tokens another name in answers and in metadata.
func renameToken(s *mutation.Server, name string) {
	renameMetadata(s, name, wire.RPCTokenName)
	onCall(s, overGRPC, func(c *call) {
		switch message := c.Message.(type) {
		case *rpcpb.AuthenticateResponseEx:
			if message.GetTokenName() != "" {
				message.TokenName = name
			}
		case *rpcpb.AuthenticateResponse:
			message.TokenName = name
		}
	})
	s.OnAnswer(mutation.AnyOf(post, mutation.At("*", "/v1/*")), func(a *mutation.Reply) {
		if a.Member("token_name") != "" {
			a.Set("token_name", name)
		}
	})
}
