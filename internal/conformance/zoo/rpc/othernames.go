package rpc

import (
	"bytes"
	"net/http"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

var (
	restLogin = mutation.At("POST", "/v1/authentication/authenticate_ex2")
	restRenew = mutation.At("GET", "/v1/authentication/renew2")
	restClose = mutation.At("GET", "/v1/authentication/close")
)

// otherNames are mistakes in what stands beside the documented methods: the logins
// that raise errors, REST, and the information on a session.
func otherNames() []mutation.Mutant {
	return []mutation.Mutant{
		{
			Name: "rpc/short-login-never-raises", Breaks: []string{"RPC-26"},
			Why: "The older login answers as the younger does, and has no error_code to say so.",
			Change: func(s *mutation.Server) {
				onCall(s, overBoth, func(c *call) {
					if isShortLogin(c.Method) && c.Err != nil {
						c.Err, c.Message = nil, &rpcpb.AuthenticateResponse{}
					}
				})
			},
		},
		{
			Name: "rpc/short-login-shorter", Breaks: []string{"RPC-26"},
			Why: "The older login answers the token and nothing about its user.",
			Change: func(s *mutation.Server) {
				onCall(s, overBoth, func(c *call) {
					if message, is := c.Message.(*rpcpb.AuthenticateResponse); is {
						message.UserId = ""
					}
				})
			},
		},
		{
			Name: "rpc/rest-login-needs-basic", Breaks: []string{"RPC-27"},
			Why: "One filter stands before all of the gateway.",
			Change: func(s *mutation.Server) {
				s.Instead(func(r *http.Request) bool { return restLogin(r) && r.Header.Get("Authorization") == "" },
					mutation.Answer(http.StatusUnauthorized, map[string]any{"errorMessage": "authorization is required", "grpcErrorCode": 16}))
			},
		},
		{
			Name: "rpc/rest-login-without-name", Breaks: []string{"RPC-27"},
			Why: "Over HTTP everybody knows the name of the header.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(restLogin, func(a *mutation.Reply) { a.Drop("token_name") })
			},
		},
		{
			Name: "rpc/http-names-another-token", Breaks: []string{"RPC-18", "RPC-19"},
			Why: "Over HTTP the member says which header the token goes into.",
			Change: func(s *mutation.Server) {
				onCall(s, overHTTP, func(c *call) {
					if c.login().GetTokenName() != "" {
						c.login().TokenName = "Authorization"
					}
				})
			},
		},
		{
			Name: "rpc/rest-takes-a-number", Breaks: []string{"RPC-20"},
			Why: "A name that is no text is none, and who names nobody is the user of the gateway.",
			Change: func(s *mutation.Server) {
				s.OnRequest(restLogin, func(r *http.Request) {
					if bytes.Contains(mutation.Body(r), []byte(`"user_name":7`)) {
						mutation.SetBody(r, mutation.JSON(map[string]string{"user_name": "root", "password": "root"}))
					}
				})
			},
		},
		{
			Name: "rpc/rest-malformed-is-500", Breaks: []string{"RPC-20"},
			Why: "What cannot be decoded is an exception, and the handler of exceptions answers 500.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(restLogin, func(a *mutation.Reply) { a.Becomes(http.StatusBadRequest, http.StatusInternalServerError) })
			},
		},
		{
			Name: "rpc/rest-token-unknown-elsewhere", Breaks: []string{"RPC-27"},
			Why: "The web gateway keeps sessions of its own.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(restLogin, func(a *mutation.Reply) {
					if a.OK() {
						a.Set("token_value", mutation.StrayToken)
					}
				})
			},
		},
		{
			Name: "rpc/rest-login-issues-anyway", Breaks: []string{"RPC-20", "RPC-27"},
			Why: "The web gateway trusts a check that /grpc makes.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				s.OnAnswer(restLogin, func(a *mutation.Reply) {
					a.Set("error_code", wire.RPCCodeOK)
					a.Set("token_value", l.freshToken())
				})
			},
		},
		{
			Name: "rpc/rest-renewal-unknown-elsewhere", Breaks: []string{"RPC-28"},
			Why: "The web gateway keeps renewed tokens to itself.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(restRenew, func(a *mutation.Reply) {
					if a.OK() {
						a.Set("token_value", mutation.StrayToken)
					}
				})
			},
		},
		{
			Name: "rpc/rest-renewal-open", Breaks: []string{"RPC-28"},
			Why: "The web gateway renews by a cookie, and does not look whether there is one.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				s.OnAnswer(restRenew, func(a *mutation.Reply) {
					if !a.OK() {
						a.Replace(http.StatusOK, map[string]any{
							"token_name": wire.RPCTokenName, "token_value": l.freshToken(), "error_code": wire.RPCCodeOK,
						})
					}
				})
			},
		},
		{
			Name: "rpc/rest-close-keeps", Breaks: []string{"RPC-28"},
			Why: "The web gateway forgets its cookie and tells nobody.",
			Change: func(s *mutation.Server) {
				s.Instead(restClose, mutation.Answer(http.StatusOK, map[string]any{"error_code": wire.RPCCloseOK}))
			},
		},
		{
			Name: "rpc/session-info-names-nobody", Breaks: []string{"RPC-31"},
			Why: "The login is in the session, and the token alone is looked at.",
			Change: onSessionInfo(func(c *call, info *rpcpb.GetSessionInfoResponse) {
				if info != nil {
					info.Login = ""
				}
			}),
		},
		{
			Name: "rpc/session-info-ends-late", Breaks: []string{"RPC-31"},
			Why: "The end of the session is told for that of the token.",
			Change: onSessionInfo(func(c *call, info *rpcpb.GetSessionInfoResponse) {
				if info != nil {
					info.ExpiresAt = timestamppb.New(info.GetExpiresAt().AsTime().Add(time.Hour))
				}
			}),
		},
		{
			Name: "rpc/session-info-on-closed", Breaks: []string{"RPC-31"},
			Why: "The token is read, and nobody asks whether its session lives.",
			Change: onSessionInfo(func(c *call, info *rpcpb.GetSessionInfoResponse) {
				if info == nil {
					c.Err, c.Message = nil, &rpcpb.GetSessionInfoResponse{Login: "root", ExpiresAt: timestamppb.Now()}
				}
			}),
		},
	}
}

func isShortLogin(method string) bool { return method == "Authenticate" || method == "Authenticate2" }

// onSessionInfo changes what GetSessionInfo answers; info is nil for a refusal.
func onSessionInfo(change func(c *call, info *rpcpb.GetSessionInfoResponse)) func(*mutation.Server) {
	return func(s *mutation.Server) {
		onCall(s, overBoth, func(c *call) {
			if c.Method == "GetSessionInfo" {
				info, _ := c.Message.(*rpcpb.GetSessionInfoResponse)
				change(c, info)
			}
		})
	}
}
