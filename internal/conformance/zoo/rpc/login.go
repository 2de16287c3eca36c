package rpc

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// The codes that logins answer.
const (
	codeOK         = rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_OK
	codeGeneral    = rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_GENERAL_ERROR
	codeWrongLogin = rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_WRONG_CREDENTIALS
)

// Layouts of expires_at: the right one and a wrong one.
const (
	compactTime     = "20060102T150405"
	compactWithZone = "20060102T150405Z"
)

// logins are mistakes in what a login takes and answers, and in what a
// token says.
func logins() []mutation.Mutant {
	logsIn := Calls("AuthenticateEx")
	anonymous := func(r *http.Request) bool { return logsIn(r) && r.Header.Get("Authorization") == "" }
	return []mutation.Mutant{
		{
			Name: "rpc/login-is-201", Breaks: []string{"RPC-01"},
			Why: "A login makes a session, and what is made is 201.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(logsIn, func(a *mutation.Reply) { a.Becomes(http.StatusOK, http.StatusCreated) })
			},
		},
		{
			Name: "rpc/login-as-text", Breaks: []string{"RPC-01"},
			Why: "The gateway does not know what it passes on.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(logsIn, func(a *mutation.Reply) { a.Header.Set("Content-Type", "application/octet-stream") })
			},
		},
		{
			Name: "rpc/zero-values-omitted", Breaks: []string{"RPC-01", "RPC-07", "RPC-09", "RPC-19"},
			Why: "The JSON printer of protocol buffers leaves zero values out unless it is told otherwise.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(post, func(a *mutation.Reply) {
					if code := a.Member("error_code"); code == "OK" || code == wire.RPCCodeOK {
						a.Drop("error_code")
					}
				})
			},
		},
		{
			Name: "rpc/error-code-as-number", Breaks: []string{"RPC-01", "RPC-07", "RPC-09", "RPC-19"},
			Why: "Enums are printed as numbers.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(post, func(a *mutation.Reply) {
					if code := a.Member("error_code"); code == "OK" || code == wire.RPCCodeOK {
						a.Set("error_code", 0)
					}
				})
			},
		},
		{
			Name: "rpc/roles-joined", Breaks: []string{"RPC-01", "RPC-05", "RPC-19", "RPC-24"},
			Why: "The roles stand in one column, with commas.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(logsIn, func(a *mutation.Reply) {
					if roles, ok := a.Members()["roles_ids"].([]any); ok && len(roles) > 0 {
						a.Set("roles_ids", roles[0])
					}
				})
			},
		},
		{
			Name: "rpc/user-id-missing", Breaks: []string{"RPC-01", "RPC-05", "RPC-07", "RPC-19"},
			Why: "The user's id is thought to be private.",
			Change: func(s *mutation.Server) {
				onCall(s, overHTTP, func(c *call) {
					if c.grants() {
						c.login().UserId = ""
					}
				})
			},
		},
		{
			Name: "rpc/unrestricted-as-text", Breaks: []string{"RPC-01", "RPC-07", "RPC-19"},
			Why: "A template prints every member in quotes.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(post, func(a *mutation.Reply) {
					if is, ok := a.Members()["is_unrestricted"].(bool); ok {
						a.Set("is_unrestricted", strconv.FormatBool(is))
					}
				})
			},
		},
		{
			Name: "rpc/anonymous-costs-next", Breaks: []string{"RPC-02", "RPC-03"},
			Why:    "Whoever comes without authorization is counted as a wrong password of the one who comes next.",
			Change: mutation.NextLoginPays(logsIn, anonymous),
		},
		{
			Name: "rpc/anonymous-over-http", Breaks: []string{"RPC-02", "RPC-03"},
			Why: "The credentials stand in the data, so the login was left open, as over gRPC.",
			Change: func(s *mutation.Server) {
				s.OnRequest(anonymous, func(r *http.Request) {
					data, _ := mutation.Sent(r)["data"].(map[string]any)
					name, _ := data["user_name"].(string)
					password, _ := data["password"].(string)
					r.SetBasicAuth(name, password)
				})
			},
		},
		{
			Name: "rpc/token-beside-401", Breaks: []string{"RPC-02"},
			Why: "The service has answered before the gateway finds that nobody was authorized.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(anonymous, func(a *mutation.Reply) { a.Set("token_value", mutation.StrayToken) })
			},
		},
		{
			Name: "rpc/anonymous-is-403", Breaks: []string{"RPC-03"},
			Why: "401 and 403 are mixed up.", Change: mutation.ChangesStatus(anonymous, http.StatusUnauthorized, http.StatusForbidden),
		},
		{
			Name: "rpc/anonymous-to-login-page", Breaks: []string{"RPC-03"},
			Why: "The gateway sends whoever is not known to its own login page.", Change: mutation.ChangesStatus(anonymous, http.StatusUnauthorized, http.StatusFound),
		},
		{
			Name: "rpc/expires-at-with-zone", Breaks: []string{"RPC-04"},
			Why:    "A Z was added, because UTC should be said.",
			Change: expiresAt(overHTTP, func(end time.Time) string { return end.Format(compactWithZone) }),
		},
		{
			Name: "rpc/expires-at-as-rfc3339", Breaks: []string{"RPC-04"},
			Why:    "The end is printed as every other time of this server.",
			Change: expiresAt(overGRPC, func(end time.Time) string { return end.Format(time.RFC3339) }),
		},
		{
			Name: "rpc/expires-at-local", Breaks: []string{"RPC-04", "RPC-05", "RPC-21"},
			Why:    "The end is written in the server's own time zone, which the shape has no place to say.",
			Change: expiresAt(overBoth, func(end time.Time) string { return end.Add(3 * time.Hour).Format(compactTime) }),
		},
		{
			Name: "rpc/expires-at-is-issue", Breaks: []string{"RPC-04", "RPC-05"}, Hides: []string{"RPC-07", "RPC-08", "RPC-21", "RPC-24", "RPC-28"},
			Why:    "The answer tells when the token was made, under the name of its end.",
			Change: expiresAt(overBoth, func(end time.Time) string { return end.Add(-4*time.Hour - time.Second).Format(compactTime) }),
		},
		{
			Name: "rpc/born-expired", Breaks: []string{"RPC-04"}, Hides: []string{"RPC-07", "RPC-08", "RPC-21", "RPC-24", "RPC-28"},
			Why: "The end is computed with the life in minutes taken for hours ago, in the answer and in the token, and nobody checks it.",
			Change: func(s *mutation.Server) {
				claimsAs(func(c map[string]any) { c["exp"] = c["exp"].(int64) - 5*60*60 })(s)
				onCall(s, overBoth, func(c *call) {
					if !c.grants() {
						return
					}
					if end, err := time.Parse(compactTime, c.login().GetExpiresAt()); err == nil {
						c.login().ExpiresAt, c.login().ExpiresIn = end.Add(-5*time.Hour).Format(compactTime), 0
					}
				})
			},
		},
		{
			Name: "rpc/hs256", Breaks: []string{"RPC-05"},
			Why: "A shared key is simpler to set up than a pair.",
			Change: func(s *mutation.Server) {
				shared, err := grant.HS256([]byte("a key that everybody who verifies has"))
				if err != nil {
					panic(err) // the key is long enough
				}
				s.RPCSigner = shared
			},
		},
		{
			Name: "rpc/exp-a-second-late", Breaks: []string{"RPC-05"},
			Why:    "The end is rounded up in the token and down in the answer.",
			Change: claimsAs(func(c map[string]any) { c["exp"] = c["exp"].(int64) + 1 }),
		},
		{
			Name: "rpc/sub-is-login", Breaks: []string{"RPC-05"},
			Why:    "The subject of a token is who logs in, and that is a name.",
			Change: claimsAs(func(c map[string]any) { c["sub"] = c["lgn"] }),
		},
		{
			Name: "rpc/rls-empty", Breaks: []string{"RPC-05"},
			Why:    "Roles are looked up when they are needed, so the token carries none.",
			Change: claimsAs(func(c map[string]any) { c["rls"] = []string{} }),
		},
		{
			Name: "rpc/lgn-upper-case", Breaks: []string{"RPC-05"},
			Why:    "Logins are brought into one form before they are compared, and stay in it.",
			Change: claimsAs(func(c map[string]any) { c["lgn"] = strings.ToUpper(c["lgn"].(string)) }),
		},
	}
}

// expiresAt writes the end that logins and renewals answer otherwise.
func expiresAt(via transport, write func(end time.Time) string) func(*mutation.Server) {
	return func(s *mutation.Server) {
		onCall(s, via, func(c *call) {
			if !c.grants() {
				return
			}
			if end, err := time.Parse(compactTime, c.login().GetExpiresAt()); err == nil {
				c.login().ExpiresAt = write(end)
			}
		})
	}
}

// claimsAs changes what a token says before it is signed.
func claimsAs(change func(claims map[string]any)) func(*mutation.Server) {
	return func(s *mutation.Server) {
		inner := s.RPCSigner
		s.RPCSigner = grant.SignerFunc(func(claims map[string]any) (string, error) {
			change(claims)
			return inner.Sign(claims)
		})
	}
}
