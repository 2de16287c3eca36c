package zoo

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

// rpcVariants differ in the rpc dialect.
func rpcVariants() []Variant {
	only := []string{"rpc"}
	return []Variant{
		{
			Name: "rpc-http-only", Dialects: only,
			Differs: "There is no direct gRPC.",
			Change:  func(s *Server) { s.Manifest.Dialects.RPC.GRPC = nil },
		},
		{
			Name: "rpc-grpc-only", Dialects: only,
			Differs: "There is nothing but direct gRPC.",
			Change:  func(s *Server) { s.Manifest.Dialects.RPC.HTTP = nil },
		},
		{
			Name: "rpc-renewal-ends-old", Dialects: only,
			Differs: "A renewal ends the token that it was asked with.",
			Change: func(s *Server) {
				var mu sync.Mutex
				ended := map[string]time.Time{}
				s.rpcTokens(overBoth, func(_, token string) string {
					mu.Lock()
					defer mu.Unlock()
					if since, known := ended[token]; known && s.Clock.Now().Sub(since) > 0 {
						return "ended"
					}
					return token
				})
				s.rpcAnswers(overBoth, func(c *call) {
					if strings.HasPrefix(c.Method, "Renew") && c.bought() {
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
			Change: func(s *Server) {
				s.Lifetimes.RPC = 5 * time.Minute
				s.Manifest.Dialects.RPC.TokenLife = 5 * time.Minute
			},
		},
		{
			Name: "rpc-fraction", Dialects: only,
			Differs: "expires_at has a fraction, and expires_in is absent.",
			Change: func(s *Server) {
				s.rpcAnswers(overBoth, func(c *call) {
					if c.bought() {
						c.login().ExpiresAt += ".250"
						c.login().ExpiresIn = 0
					}
				})
				s.answers(rpcPost, func(a *reply) { a.drop("expires_in") })
			},
		},
		{
			Name: "rpc-number-as-number", Dialects: only,
			Differs: "expires_in is a JSON number.",
			Change: func(s *Server) {
				s.answers(rpcPost, func(a *reply) {
					if a.member("expires_in") != "" {
						a.set("expires_in", 14400)
					}
				})
			},
		},
		{
			Name: "rpc-refuses-by-status", Dialects: only,
			Differs: "Wrong credentials are refused by status over both transports.",
			Change: func(s *Server) {
				s.rpcAnswers(overBoth, func(c *call) {
					if c.login().GetErrorCode() == codeWrongLogin {
						c.Message, c.Err = nil, errRefused
					}
				})
			},
		},
		{
			Name: "rpc-other-token-name", Dialects: only,
			Differs: "The token travels as metadata under another name.",
			Change:  func(s *Server) { s.tokenNamed("x-video-session") },
		},
		{
			Name: "rpc-many-roles", Dialects: only,
			Differs: "The user has several roles, which come in any order.",
			Change: func(s *Server) {
				s.Accounts[0].Roles = []string{"c3", "a1", "b2"}
				s.answers(rpcPost, func(a *reply) {
					if roles := a.texts("roles_ids"); len(roles) > 0 {
						slices.Sort(roles)
						a.set("roles_ids", roles)
					}
				})
			},
		},
		{
			Name: "rpc-no-roles", Dialects: only,
			Differs: "The user has no roles and is restricted.",
			Change:  func(s *Server) { s.Accounts[0].Roles, s.Accounts[0].Unrestricted = nil, false },
		},
		{
			Name: "rpc-unknown-method-is-501", Dialects: only,
			Differs: "An unknown method answers 501.",
			Change:  changesStatus(rpcPost, http.StatusNotFound, http.StatusNotImplemented),
		},
	}
}

// tokenNamed gives tokens another name in answers and in metadata.
func (s *Server) tokenNamed(name string) {
	s.renamesMetadata(name, wire.RPCTokenName)
	s.rpcAnswers(overBoth, func(c *call) {
		if c.login().GetTokenName() != "" {
			c.login().TokenName = name
		}
	})
}
