package rpc

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// access are mistakes in what tokens grant access to, and over which transport.
func access() []mutation.Mutant {
	return []mutation.Mutant{
		{
			Name: "rpc/token-in-authorization-over-grpc", Breaks: []string{"RPC-15"},
			Why: "The interceptor reads authorization, as every other one does, and not the name that the login gave.",
			Change: func(s *mutation.Server) {
				onToken(s, overGRPC, func(_, token string) string {
					if token != "" {
						return "unread"
					}
					return token
				})
			},
		},
		{
			Name: "rpc/renewal-refused-over-grpc", Breaks: []string{"RPC-07", "RPC-15"},
			Why: "The older name of the renewal is no longer served directly.",
			Change: func(s *mutation.Server) {
				onCall(s, overGRPC, func(c *call) {
					if c.Method == "RenewSession" && c.Err == nil {
						c.Message, c.Err = nil, status.Error(codes.Unimplemented, "use RenewSession2")
					}
				})
			},
		},
		{
			Name: "rpc/protected-open-over-grpc", Breaks: []string{"RPC-16"},
			Why:    "The interceptor stands before one service, and the other was registered without it.",
			Change: acceptsWithout(overGRPC, "GetVersion"),
		},
		{
			Name: "rpc/renewal-open-over-grpc", Breaks: []string{"RPC-16"},
			Why:    "A call without metadata gets the session of the connection.",
			Change: acceptsWithout(overGRPC, "RenewSession"),
		},
		{
			Name: "rpc/close-open-over-grpc", Breaks: []string{"RPC-16"},
			Why: "To close without a session is a success.",
			Change: func(s *mutation.Server) {
				onCall(s, overGRPC, func(c *call) {
					if c.Method == "CloseSession" && c.Token == "" {
						c.Message, c.Err = &rpcpb.CloseSessionResponse{}, nil
					}
				})
			},
		},
		{
			Name: "rpc/garbled-accepted-over-grpc", Breaks: []string{"RPC-16", "RPC-19", "RPC-22"},
			Why: "Over gRPC the token is only decoded: a proxy is supposed to verify it.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				onToken(s, overGRPC, func(method, token string) string {
					known := false
					l.with(token, func(g *granted) { known = g != nil })
					if !known && mutation.IsJWT(token) {
						return l.freshToken()
					}
					return token
				})
				onCall(s, overGRPC, func(c *call) {
					if c.Method == "CloseSession" && mutation.IsJWT(c.Token) {
						c.Message, c.Err = &rpcpb.CloseSessionResponse{}, nil
					}
				})
			},
		},
		{
			Name: "rpc/no-token-is-permission-denied", Breaks: []string{"RPC-17", "RPC-19"},
			Why: "The two codes are mixed up.",
			Change: func(s *mutation.Server) {
				onCall(s, overGRPC, func(c *call) {
					if c.Err != nil && c.Token == "" {
						c.Err = status.Error(codes.PermissionDenied, "no token")
					}
				})
			},
		},
		{
			Name: "rpc/no-token-is-unknown", Breaks: []string{"RPC-17", "RPC-19"},
			Why: "The interceptor returns a plain error, and gRPC makes UNKNOWN of it.",
			Change: func(s *mutation.Server) {
				onCall(s, overGRPC, func(c *call) {
					if c.Err != nil && c.Token == "" {
						c.Err = status.Error(codes.Unknown, "no token")
					}
				})
			},
		},
		{
			Name: "rpc/http-token-unknown-to-grpc", Breaks: []string{"RPC-18"},
			Why: "The gateway has a store of sessions of its own.", Change: unknownElsewhere(overHTTP, overGRPC),
		},
		{
			Name: "rpc/grpc-token-unknown-to-http", Breaks: []string{"RPC-18"},
			Why: "The gateway has a store of sessions of its own.", Change: unknownElsewhere(overGRPC, overHTTP),
		},
		{
			Name: "rpc/grpc-close-leaves-http", Breaks: []string{"RPC-18", "RPC-19"},
			Why:    "The gateway caches sessions and learns of no close but its own.",
			Change: acceptsClosed(overGRPC, overHTTP, "GetVersion", "RenewSession"),
		},
		{
			Name: "rpc/http-close-leaves-grpc", Breaks: []string{"RPC-18"},
			Why:    "A close over HTTP ends the gateway's session, not the service's.",
			Change: acceptsClosed(overHTTP, overGRPC, "GetVersion", "RenewSession"),
		},
		{
			Name: "rpc/late-expiry", Breaks: []string{"RPC-21"},
			Why: "Clocks differ, so tokens are given some leeway.", Change: acceptsExpired(overHTTP, "GetVersion"),
		},
		{
			Name: "rpc/late-expiry-over-grpc", Breaks: []string{"RPC-21"},
			Why: "Clocks differ, so tokens are given some leeway.", Change: acceptsExpired(overGRPC, "GetVersion"),
		},
		{
			Name: "rpc/early-expiry", Breaks: []string{"RPC-21"},
			Why: "The server ends tokens early, by a margin that is for clients to apply.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				onToken(s, overBoth, func(method, token string) string {
					l.with(token, func(g *granted) {
						if g != nil && method == "GetVersion" && s.Clock.Now().After(g.ends.Add(-30*time.Second)) {
							token = "unknown"
						}
					})
					return token
				})
			},
		},
		{
			Name: "rpc/alg-none", Breaks: []string{"RPC-22"},
			Why:    "The library reads the algorithm from the token, and accepts \"none\" as one.",
			Change: trusts(func(_ *ledger, token string) bool { return mutation.IsAlg(token, "none") }),
		},
		{
			Name: "rpc/payload-unverified", Breaks: []string{"RPC-16", "RPC-22", "RPC-25"},
			Why: "The signature is looked up among those that were given out, and the claims are believed.",
			Change: trusts(func(l *ledger, token string) bool {
				return l.has(func(known string) bool {
					return mutation.Signature(known) == mutation.Signature(token) && !mutation.IsAlg(token, "none")
				})
			}),
		},
		{
			Name: "rpc/signature-unverified", Breaks: []string{"RPC-16", "RPC-19", "RPC-22", "RPC-25"},
			Why: "The token is decoded, and the call that verifies it was left out.",
			Change: trusts(func(l *ledger, token string) bool {
				return l.has(func(known string) bool {
					return strings.HasPrefix(token, strings.TrimSuffix(known, mutation.Signature(known)))
				})
			}),
		},
		{
			Name: "rpc/hs256-by-known-key", Breaks: []string{"RPC-22"},
			Why: "Another algorithm is accepted for a test environment, with the key of the examples.",
			Change: trusts(func(_ *ledger, token string) bool {
				signed := strings.TrimSuffix(token, "."+mutation.Signature(token))
				mac := hmac.New(sha256.New, []byte("secret"))
				mac.Write([]byte(signed))
				return mutation.IsAlg(token, "HS256") && mutation.Signature(token) == base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
			}),
		},
		{
			Name: "rpc/hs256-by-public-key", Breaks: []string{"RPC-22"},
			Why: "The file of the public key is handed to the library, which takes it for a secret where a token says HS256.",
			Change: trusts(func(_ *ledger, token string) bool {
				mac := hmac.New(sha256.New, mutation.PublicKeyFile())
				mac.Write([]byte(strings.TrimSuffix(token, "."+mutation.Signature(token))))
				return mutation.IsAlg(token, "HS256") && mutation.Signature(token) == base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
			}),
		},
		{
			Name: "rpc/protected-open-over-http", Breaks: []string{"RPC-25"},
			Why:    "The gateway asks for authorization where a session is needed, and this method needs none.",
			Change: acceptsWithout(overHTTP, "GetVersion"),
		},
		{
			Name: "rpc/garbled-accepted-over-http", Breaks: []string{"RPC-22", "RPC-25"},
			Why: "The gateway only checks that there is a bearer.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				onToken(s, overHTTP, func(method, token string) string {
					known := false
					l.with(token, func(g *granted) { known = g != nil })
					if method == "GetVersion" && !known && mutation.IsJWT(token) {
						return l.freshToken()
					}
					return token
				})
			},
		},
	}
}
