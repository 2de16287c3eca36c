package zoo

import (
	"net/http"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// rpcMistakes are mistakes in how wrong logins and wrong requests are answered,
// and where the two transports or the two sets of names differ.
func rpcMistakes() []Mutant {
	logsIn := rpcCalls("AuthenticateEx")
	anonymous := func(r *http.Request) bool { return logsIn(r) && r.Header.Get("Authorization") == "" }
	return []Mutant{
		{
			Name: "rpc/data-ignored", Breaks: []string{"RPC-12", "RPC-19"},
			Why: "The gateway has checked Basic, and the login asks nobody once more.",
			Change: func(s *Server) {
				s.requests(logsIn, func(r *http.Request) {
					data, _ := sent(r)["data"].(map[string]any)
					if name, password, ok := r.BasicAuth(); ok && data["password"] != nil && sent(r)["method"] == wire.RPCAuthenticateEx {
						setBody(r, encoded(map[string]any{
							"method": wire.RPCAuthenticateEx, "data": map[string]string{"user_name": name, "password": password},
						}))
					}
				})
			},
		},
		{
			Name: "rpc/wrong-password-says-ok", Breaks: []string{"RPC-12", "RPC-19"},
			Why: "The code is set by the caller of the check, who forgot the other branch.",
			Change: func(s *Server) {
				s.rpcAnswers(overHTTP, func(c *call) {
					if c.Method == "AuthenticateEx" && c.login().GetErrorCode() == codeWrongLogin {
						c.login().ErrorCode = codeOK
					}
				})
			},
		},
		{
			Name: "rpc/wrong-password-says-ok-over-grpc", Breaks: []string{"RPC-12", "RPC-19"},
			Why: "The code is set by the caller of the check, who forgot the other branch.",
			Change: func(s *Server) {
				s.rpcAnswers(overGRPC, func(c *call) {
					if c.Method == "AuthenticateEx" && c.login().GetErrorCode() == codeWrongLogin {
						c.login().ErrorCode = codeOK
					}
				})
			},
		},
		{
			Name: "rpc/token-beside-wrong-password", Breaks: []string{"RPC-12"},
			Why: "The token is made before the password is checked, and stays in the answer.",
			Change: func(s *Server) {
				s.rpcAnswers(overBoth, func(c *call) {
					if c.Method == "AuthenticateEx" && c.login().GetErrorCode() == codeWrongLogin {
						c.login().TokenValue = strayToken
					}
				})
				s.answers(func(r *http.Request) bool { return logsIn(r) && !anonymous(r) }, func(a *reply) {
					if a.Status == http.StatusUnauthorized {
						a.set("token_value", strayToken)
					}
				})
			},
		},
		{
			Name: "rpc/wrong-basic-is-200", Breaks: []string{"RPC-12", "RPC-19"},
			Why: "A refusal of the gateway has no error_code, and a status that always says 200.",
			Change: func(s *Server) {
				s.answers(func(r *http.Request) bool { return logsIn(r) && !anonymous(r) }, func(a *reply) {
					if a.Status == http.StatusUnauthorized {
						a.refuse(http.StatusOK, map[string]any{"error_code": wire.RPCCodeOK})
					}
				})
			},
		},
		{
			Name: "rpc/stranger-is-general-error", Breaks: []string{"RPC-13"},
			Why: "The directory's own error comes out where the user is not in it.",
			Change: func(s *Server) {
				s.strangers(func(c *call) {
					if c.login().GetErrorCode() == codeWrongLogin {
						c.login().ErrorCode = codeGeneral
					}
				})
			},
		},
		{
			Name: "rpc/stranger-named-in-basic", Breaks: []string{"RPC-13"},
			Why: "The gateway's message tells that the user is unknown.",
			Change: func(s *Server) {
				s.answers(logsIn, func(a *reply) {
					if name, _, _ := a.Request.BasicAuth(); a.Status == http.StatusUnauthorized && name != "root" && name != "" {
						a.set("errorMessage", "no such user")
					}
				})
			},
		},
		{
			Name: "rpc/grpc-login-wants-token", Breaks: []string{"RPC-04", "RPC-05", "RPC-07", "RPC-08", "RPC-09", "RPC-10", "RPC-11", "RPC-12", "RPC-13", "RPC-14", "RPC-15", "RPC-16", "RPC-17", "RPC-18", "RPC-19", "RPC-21", "RPC-22", "RPC-24"},
			Why: "The interceptor that demands a token has no list of open methods.",
			Change: func(s *Server) {
				s.rpcAnswers(overGRPC, func(c *call) {
					if strings.HasPrefix(c.Method, "Authenticate") {
						c.Message, c.Err = nil, errRefused
					}
				})
			},
		},
		{
			Name: "rpc/grpc-login-without-end", Breaks: []string{"RPC-04", "RPC-14", "RPC-19"},
			Why: "Over gRPC the token itself says when it ends, so the member was left empty.",
			Change: func(s *Server) {
				s.rpcAnswers(overGRPC, func(c *call) {
					if c.Method == "AuthenticateEx" && c.bought() {
						c.login().ExpiresAt = ""
					}
				})
			},
		},
		{
			Name: "rpc/other-user-id-over-grpc", Breaks: []string{"RPC-19"},
			Why: "One transport answers the user's id in the directory, the other the one in the database.",
			Change: func(s *Server) {
				s.rpcAnswers(overHTTP, func(c *call) {
					if c.Method == "AuthenticateEx" && c.bought() {
						c.login().IsUnrestricted = false
					}
				})
			},
		},
		{
			Name: "rpc/wrong-password-has-two-names", Breaks: []string{"RPC-19"},
			Why: "The transports map the errors of the service each by a table of its own.",
			Change: func(s *Server) {
				s.rpcAnswers(overGRPC, func(c *call) {
					if c.Method == "AuthenticateEx" && c.login().GetErrorCode() == codeWrongLogin {
						c.login().ErrorCode = codeGeneral
					}
				})
			},
		},
		{
			Name: "rpc/dead-token-has-two-names", Breaks: []string{"RPC-19"},
			Why: "Over HTTP a renewal without a session is not allowed, over gRPC not authenticated.",
			Change: func(s *Server) {
				s.answers(rpcCalls("RenewSession"), func(a *reply) {
					if a.Status == http.StatusUnauthorized {
						a.refuse(http.StatusForbidden, map[string]any{"errorMessage": "no session", "grpcErrorCode": int(codes.PermissionDenied)})
					}
				})
			},
		},
		{
			Name: "rpc/unknown-method-is-500", Breaks: []string{"RPC-20"},
			Why: "The table of methods is read without a look whether the entry is there.", Change: changesStatus(rpcPost, http.StatusNotFound, http.StatusInternalServerError),
		},
		{
			Name: "rpc/malformed-is-500", Breaks: []string{"RPC-20"},
			Why: "An exception of the JSON parser is not caught.", Change: crashesOnBadRequest(rpcPost),
		},
		{
			Name: "rpc/token-beside-mistake", Breaks: []string{"RPC-20"},
			Why: "The gateway logs in with Basic first, and shows what it got with every error.",
			Change: func(s *Server) {
				s.answers(rpcPost, func(a *reply) {
					if a.Status == http.StatusBadRequest || a.Status == http.StatusNotFound {
						a.set("token_value", strayToken)
					}
				})
			},
		},
		{
			Name: "rpc/login-cacheable", Breaks: []string{"RPC-23"},
			Why: "Nobody thought of caches.", Change: cacheable(logsIn),
		},
		{
			Name: "rpc/renewal-cacheable", Breaks: []string{"RPC-23"},
			Why: "Only the login was hardened.", Change: cacheable(rpcCalls("RenewSession")),
		},
		{
			Name: "rpc/second-login-missing", Breaks: []string{"RPC-24"},
			Why: "The younger names were not put on the gateway's list.",
			Change: func(s *Server) {
				s.instead(rpcCalls("AuthenticateEx2"), answer(http.StatusNotFound, map[string]any{"grpcErrorCode": int(codes.Unimplemented)}))
			},
		},
		{
			Name: "rpc/second-login-unimplemented-over-grpc", Breaks: []string{"RPC-24"},
			Why: "The younger names are served by the gateway alone.",
			Change: func(s *Server) {
				s.rpcAnswers(overGRPC, func(c *call) {
					if c.Method == "AuthenticateEx2" {
						c.Message, c.Err = nil, status.Error(codes.Unimplemented, "unknown method")
					}
				})
			},
		},
		{
			Name: "rpc/second-login-shorter", Breaks: []string{"RPC-24"},
			Why: "The younger login answers what the clients of its day read.",
			Change: func(s *Server) {
				s.answers(rpcCalls("AuthenticateEx2"), func(a *reply) { a.drop("roles_ids") })
			},
		},
		{
			Name: "rpc/second-login-sells-anyway", Breaks: []string{"RPC-24"},
			Why: "The younger login trusts a check that the older one makes.",
			Change: func(s *Server) {
				l := s.rpcLedger()
				s.rpcAnswers(overBoth, func(c *call) {
					if c.Method == "AuthenticateEx2" && !c.bought() {
						c.Err, c.Message = nil, &rpcpb.AuthenticateResponseEx{TokenName: wire.RPCTokenName, TokenValue: l.opener()}
					}
				})
			},
		},
		{
			Name: "rpc/second-renewal-only-prolongs", Breaks: []string{"RPC-24"},
			Why: "The younger renewal prolongs the session on the server and answers no token.",
			Change: func(s *Server) {
				s.rpcAnswers(overBoth, func(c *call) {
					if c.Method == "RenewSession2" && c.bought() {
						c.Message = &rpcpb.AuthenticateResponseEx{}
					}
				})
			},
		},
		{
			Name: "rpc/second-renewal-open", Breaks: []string{"RPC-24"},
			Why: "The younger name is missing on the list of methods that need a token.",
			Change: func(s *Server) {
				l := s.rpcLedger()
				s.rpcTokens(overBoth, func(method, token string) string {
					if method == "RenewSession2" && token == "" {
						return l.opener()
					}
					return token
				})
			},
		},
	}
}
