package rpc

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// mistakes are mistakes in how wrong logins and wrong requests are answered,
// and where the two transports or the two sets of names differ.
func mistakes() []mutation.Mutant {
	logsIn := Calls("AuthenticateEx")
	anonymous := func(r *http.Request) bool { return logsIn(r) && r.Header.Get("Authorization") == "" }
	return []mutation.Mutant{
		{
			Name: "rpc/data-ignored", Breaks: []string{"RPC-12", "RPC-19", "RPC-20"},
			Why: "The gateway has checked Basic, and the login asks nobody once more.",
			Change: func(s *mutation.Server) {
				s.OnRequest(logsIn, func(r *http.Request) {
					data, _ := mutation.Sent(r)["data"].(map[string]any)
					if name, password, ok := r.BasicAuth(); ok && data["password"] != nil && mutation.Sent(r)["method"] == wire.RPCAuthenticateEx {
						mutation.SetBody(r, mutation.JSON(map[string]any{
							"method": wire.RPCAuthenticateEx, "data": map[string]string{"user_name": name, "password": password},
						}))
					}
				})
			},
		},
		{
			Name: "rpc/password-in-any-case-behind-gateway", Breaks: []string{"RPC-12"},
			Why: "The gateway compares Basic as it should, and the login behind it ignores letter case.",
			Change: func(s *mutation.Server) {
				s.OnRequest(logsIn, func(r *http.Request) {
					data, _ := mutation.Sent(r)["data"].(map[string]any)
					_, right, _ := r.BasicAuth()
					if sent, _ := data["password"].(string); sent != right && strings.EqualFold(sent, right) {
						data["password"] = right
						mutation.SetBody(r, mutation.JSON(map[string]any{"method": mutation.Sent(r)["method"], "data": data}))
					}
				})
			},
		},
		{
			Name: "rpc/wrong-password-says-ok", Breaks: []string{"RPC-12", "RPC-19"},
			Why: "The code is set by the caller of the check, who forgot the other branch.",
			Change: func(s *mutation.Server) {
				onCall(s, overHTTP, func(c *call) {
					if c.Method == "AuthenticateEx" && c.login().GetErrorCode() == codeWrongLogin {
						c.login().ErrorCode = codeOK
					}
				})
			},
		},
		{
			Name: "rpc/wrong-password-says-ok-over-grpc", Breaks: []string{"RPC-12", "RPC-19"},
			Why: "The code is set by the caller of the check, who forgot the other branch.",
			Change: func(s *mutation.Server) {
				onCall(s, overGRPC, func(c *call) {
					if c.Method == "AuthenticateEx" && c.login().GetErrorCode() == codeWrongLogin {
						c.login().ErrorCode = codeOK
					}
				})
			},
		},
		{
			Name: "rpc/token-beside-wrong-password", Breaks: []string{"RPC-12"},
			Why: "The token is made before the password is checked, and stays in the answer.",
			Change: func(s *mutation.Server) {
				onCall(s, overBoth, func(c *call) {
					if c.Method == "AuthenticateEx" && c.login().GetErrorCode() == codeWrongLogin {
						c.login().TokenValue = mutation.StrayToken
					}
				})
				s.OnAnswer(func(r *http.Request) bool { return logsIn(r) && !anonymous(r) }, func(a *mutation.Reply) {
					data, _ := mutation.Sent(a.Request)["data"].(map[string]any)
					if a.Status == http.StatusUnauthorized && data["password"] != "root" {
						a.Set("token_value", mutation.StrayToken)
					}
				})
			},
		},
		{
			Name: "rpc/wrong-basic-is-200", Breaks: []string{"RPC-12", "RPC-19"},
			Why: "A refusal of the gateway has no error_code, and a status that always says 200.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(func(r *http.Request) bool { return logsIn(r) && !anonymous(r) }, func(a *mutation.Reply) {
					if a.Status == http.StatusUnauthorized {
						a.Replace(http.StatusOK, map[string]any{"error_code": wire.RPCCodeOK})
					}
				})
			},
		},
		{
			Name: "rpc/refusal-is-kept-for-the-next", Breaks: []string{"RPC-12"},
			Why: "The verdict on a password is kept for the account, and the next login gets it, whatever password it has.",
			Change: func(s *mutation.Server) {
				var refused atomic.Pointer[mutation.Reply]
				s.OnAnswer(func(*http.Request) bool { return true }, func(a *mutation.Reply) {
					before := refused.Swap(nil)
					name, _, _ := a.Request.BasicAuth()
					switch {
					case !logsIn(a.Request) || name != "root":
					case a.Member("error_code") == wire.RPCCodeWrongCredentials:
						refused.Store(&mutation.Reply{Status: a.Status, Header: a.Header.Clone(), Body: a.Body})
					case before != nil:
						a.Status, a.Header, a.Body = before.Status, before.Header, before.Body
					}
				})
			},
		},
		{
			Name: "rpc/unknown-user-is-general-error", Breaks: []string{"RPC-13"},
			Why: "The directory's own error comes out where the user is not in it.",
			Change: func(s *mutation.Server) {
				onUnknownUser(s, func(c *call) {
					if c.login().GetErrorCode() == codeWrongLogin {
						c.login().ErrorCode = codeGeneral
					}
				})
			},
		},
		{
			Name: "rpc/unknown-user-named-in-basic", Breaks: []string{"RPC-13"},
			Why: "The gateway's message tells that the user is unknown.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(logsIn, func(a *mutation.Reply) {
					if name, _, _ := a.Request.BasicAuth(); a.Status == http.StatusUnauthorized && name != "root" && name != "" {
						a.Set("errorMessage", "no such user")
					}
				})
			},
		},
		{
			Name: "rpc/grpc-login-wants-token", Breaks: []string{"RPC-14"},
			Why: "The interceptor that demands a token has no list of open methods.",
			Change: func(s *mutation.Server) {
				onCall(s, overGRPC, func(c *call) {
					if strings.HasPrefix(c.Method, "Authenticate") {
						c.Message, c.Err = nil, errRejected
					}
				})
			},
		},
		{
			Name: "rpc/grpc-login-without-end", Breaks: []string{"RPC-04", "RPC-14", "RPC-19"},
			Why: "Over gRPC the token itself says when it ends, so the member was left empty.",
			Change: func(s *mutation.Server) {
				onCall(s, overGRPC, func(c *call) {
					if c.Method == "AuthenticateEx" && c.grants() {
						c.login().ExpiresAt = ""
					}
				})
			},
		},
		{
			Name: "rpc/other-user-id-over-grpc", Breaks: []string{"RPC-19"},
			Why: "One transport answers the user's id in the directory, the other the one in the database.",
			Change: func(s *mutation.Server) {
				onCall(s, overHTTP, func(c *call) {
					if strings.HasPrefix(c.Method, "AuthenticateEx") && c.grants() {
						c.login().IsUnrestricted = false
					}
				})
			},
		},
		{
			Name: "rpc/wrong-password-has-two-names", Breaks: []string{"RPC-19"},
			Why: "The transports map the errors of the service each by a table of its own.",
			Change: func(s *mutation.Server) {
				onCall(s, overGRPC, func(c *call) {
					if c.Method == "AuthenticateEx" && c.login().GetErrorCode() == codeWrongLogin {
						c.login().ErrorCode = codeGeneral
					}
				})
			},
		},
		{
			Name: "rpc/dead-token-has-two-names", Breaks: []string{"RPC-19"},
			Why: "Over HTTP a renewal without a session is not allowed, over gRPC not authenticated.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(Calls("RenewSession"), func(a *mutation.Reply) {
					if a.Status == http.StatusUnauthorized {
						a.Replace(http.StatusForbidden, map[string]any{"errorMessage": "no session", "grpcErrorCode": int(codes.PermissionDenied)})
					}
				})
			},
		},
		{
			Name: "rpc/unknown-method-is-500", Breaks: []string{"RPC-20"},
			Why: "The table of methods is read without a look whether the entry is there.", Change: mutation.ChangesStatus(post, http.StatusNotFound, http.StatusInternalServerError),
		},
		{
			Name: "rpc/malformed-is-500", Breaks: []string{"RPC-20"},
			Why: "An exception of the JSON parser is not caught.", Change: mutation.CrashesOnBadRequest(post),
		},
		{
			Name: "rpc/token-beside-mistake", Breaks: []string{"RPC-20"},
			Why: "The gateway logs in with Basic first, and shows what it got with every error.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(post, func(a *mutation.Reply) {
					if a.Status == http.StatusBadRequest || a.Status == http.StatusNotFound {
						a.Set("token_value", mutation.StrayToken)
					}
				})
			},
		},
		{
			Name: "rpc/login-cacheable", Breaks: []string{"RPC-23"},
			Why: "Nobody thought of caches.", Change: mutation.Cacheable(logsIn),
		},
		{
			Name: "rpc/renewal-cacheable", Breaks: []string{"RPC-23"},
			Why: "Only the login was hardened.", Change: mutation.Cacheable(Calls("RenewSession")),
		},
		{
			Name: "rpc/second-login-with-other-roles", Breaks: []string{"RPC-24"},
			Why: "The younger login fills in the roles on the next call only.",
			Change: func(s *mutation.Server) {
				onCall(s, overBoth, func(c *call) {
					if c.Method == "AuthenticateEx2" && c.grants() {
						c.login().RolesIds = []string{"role-of-nobody"}
					}
				})
			},
		},
		{
			Name: "rpc/wrong-types-are-500", Breaks: []string{"RPC-20"},
			Why: "The data are cast before they are looked at.",
			Change: func(s *mutation.Server) {
				s.Instead(func(r *http.Request) bool { return post(r) && wrongTypes(mutation.Body(r)) },
					mutation.Answer(http.StatusInternalServerError, map[string]any{"errorMessage": "cannot read", "grpcErrorCode": 13}))
			},
		},
		{
			Name: "rpc/second-login-missing", Breaks: []string{"RPC-24"},
			Why: "The younger names were not put on the gateway's list.",
			Change: func(s *mutation.Server) {
				s.Instead(Calls("AuthenticateEx2"), mutation.Answer(http.StatusNotFound, map[string]any{"grpcErrorCode": int(codes.Unimplemented)}))
			},
		},
		{
			Name: "rpc/second-login-unimplemented-over-grpc", Breaks: []string{"RPC-24"},
			Why: "The younger names are served by the gateway alone.",
			Change: func(s *mutation.Server) {
				onCall(s, overGRPC, func(c *call) {
					if c.Method == "AuthenticateEx2" {
						c.Message, c.Err = nil, status.Error(codes.Unimplemented, "unknown method")
					}
				})
			},
		},
		{
			Name: "rpc/second-login-shorter", Breaks: []string{"RPC-24"},
			Why: "The younger login answers what the clients of its day read.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(Calls("AuthenticateEx2"), func(a *mutation.Reply) { a.Drop("roles_ids") })
			},
		},
		{
			Name: "rpc/second-login-without-life", Breaks: []string{"RPC-24"},
			Why: "The younger login tells the end only, and leaves it to the client to count.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(Calls("AuthenticateEx2"), func(a *mutation.Reply) { a.Drop("expires_in") })
			},
		},
		{
			Name: "rpc/second-login-issues-anyway", Breaks: []string{"RPC-24"},
			Why: "The younger login trusts a check that the older one makes.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				onCall(s, overBoth, func(c *call) {
					if c.Method == "AuthenticateEx2" && !c.grants() {
						c.Err, c.Message = nil, &rpcpb.AuthenticateResponseEx{TokenName: wire.RPCTokenName, TokenValue: l.freshToken()}
					}
				})
			},
		},
		{
			Name: "rpc/second-renewal-only-prolongs", Breaks: []string{"RPC-24"},
			Why: "The younger renewal prolongs the session on the server and answers no token.",
			Change: func(s *mutation.Server) {
				onCall(s, overBoth, func(c *call) {
					if c.Method == "RenewSession2" && c.grants() {
						c.Message = &rpcpb.AuthenticateResponseEx{}
					}
				})
			},
		},
		{
			Name: "rpc/second-renewal-open", Breaks: []string{"RPC-24"},
			Why: "The younger name is missing on the list of methods that need a token.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				onToken(s, overBoth, func(method, token string) string {
					if method == "RenewSession2" && token == "" {
						return l.freshToken()
					}
					return token
				})
			},
		},
	}
}

// onUnknownUser changes what logins of unknown users are answered.
func onUnknownUser(s *mutation.Server, change func(*call)) {
	s.Intercept(func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		answered, err := next(ctx, request)
		if who, ok := request.(*rpcpb.AuthenticateRequest); ok && who.GetUserName() != "root" {
			c := &call{Via: overGRPC, Err: err}
			c.Message, _ = answered.(proto.Message)
			change(c)
			return c.Message, c.Err
		}
		return answered, err
	})
	s.OnAnswer(Calls("AuthenticateEx"), func(a *mutation.Reply) {
		data, _ := mutation.Sent(a.Request)["data"].(map[string]any)
		c := &call{Via: overHTTP, Method: "AuthenticateEx"}
		if c.read(a); data["user_name"] != "root" && c.Err == nil {
			change(c)
			c.write(a)
		}
	})
}

// wrongTypes says whether a body is JSON, and no call whose data are texts.
func wrongTypes(body []byte) bool {
	var value any
	if json.Unmarshal(body, &value) != nil {
		return false
	}
	call, is := value.(map[string]any)
	data, isObject := call["data"].(map[string]any)
	if !is || !isObject {
		return true
	}
	for _, member := range data {
		if _, isText := member.(string); !isText {
			return true
		}
	}
	return false
}
