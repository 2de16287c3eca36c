package rpc

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// sessions are mistakes in what tokens grant access to, and in how sessions are
// renewed and closed.
func sessions() []mutation.Mutant {
	return []mutation.Mutant{
		{
			Name: "rpc/bearer-unread", Breaks: []string{"RPC-06"},
			Why: "Over HTTP, too, the token is expected under its own name.",
			Change: func(s *mutation.Server) {
				s.OnRequest(post, func(r *http.Request) {
					if mutation.Bearer(r) != "" && strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
						r.Header.Del("Authorization")
					}
				})
			},
		},
		{
			Name: "rpc/protected-by-basic-only", Breaks: []string{"RPC-06"},
			Why: "The gateway knows Basic alone for the methods that are not its own.",
			Change: func(s *mutation.Server) {
				s.Instead(func(r *http.Request) bool {
					return Calls("GetVersion")(r) && strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ")
				},
					mutation.Answer(http.StatusForbidden, map[string]any{"grpcErrorCode": int(codes.PermissionDenied)}))
			},
		},
		{
			Name: "rpc/renewal-is-token-only", Breaks: []string{"RPC-07"},
			Why: "A renewal changes the token alone, so the rest is not repeated.",
			Change: func(s *mutation.Server) {
				onCall(s, overBoth, func(c *call) {
					if c.Method == "RenewSession" && c.grants() {
						c.login().UserId, c.login().RolesIds = "", nil
					}
				})
			},
		},
		{
			Name: "rpc/renewal-shrinks", Breaks: []string{"RPC-07"},
			Why: "A renewal counts from the login, not from now.", Change: shrinks(overHTTP, "RenewSession"),
		},
		{
			Name: "rpc/renewal-shrinks-over-grpc", Breaks: []string{"RPC-07"},
			Why: "A renewal counts from the login, not from now.", Change: shrinks(overGRPC, "RenewSession"),
		},
		{
			Name: "rpc/renewed-token-unknown", Breaks: []string{"RPC-07"},
			Why: "The new token is signed and not stored.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				onToken(s, overBoth, func(_, token string) string {
					l.with(token, func(g *granted) {
						if g != nil && g.renewed {
							token = "unknown"
						}
					})
					return token
				})
			},
		},
		{
			Name: "rpc/renews-the-expired", Breaks: []string{"RPC-08"},
			Why:    "A renewal is what one needs when the token has expired, so its end is not looked at.",
			Change: acceptsExpired(overHTTP, "RenewSession"),
		},
		{
			Name: "rpc/renews-the-expired-over-grpc", Breaks: []string{"RPC-08"},
			Why:    "A renewal is what one needs when the token has expired, so its end is not looked at.",
			Change: acceptsExpired(overGRPC, "RenewSession"),
		},
		{
			Name: "rpc/renews-only-early", Breaks: []string{"RPC-07"},
			Why: "A token in the last minute of its life counts as expired where it is renewed.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				onToken(s, overBoth, func(method, token string) string {
					l.with(token, func(g *granted) {
						if g != nil && method == "RenewSession" && s.Clock.Now().After(g.ends.Add(-time.Minute)) {
							token = "unknown"
						}
					})
					return token
				})
			},
		},
		{
			Name: "rpc/close-answers-nothing", Breaks: []string{"RPC-09"},
			Why: "There is nothing to say about a session that is closed.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(Calls("CloseSession"), func(a *mutation.Reply) { a.Drop("error_code") })
			},
		},
		{
			Name: "rpc/close-says-login-code", Breaks: []string{"RPC-09"},
			Why: "The close answers with the enum of the login.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(Calls("CloseSession"), func(a *mutation.Reply) { a.SetWhereOK("error_code", "AUTHENTICATE_CODE_OK") })
			},
		},
		{
			Name: "rpc/close-fails-over-grpc", Breaks: []string{"RPC-09"},
			Why: "The code is computed before the session is ended, and says so.",
			Change: func(s *mutation.Server) {
				onCall(s, overGRPC, func(c *call) {
					if c.Method == "CloseSession" && c.Err == nil {
						c.Message = &rpcpb.CloseSessionResponse{ErrorCode: rpcpb.CloseSessionResponse_GENERAL_ERROR}
					}
				})
			},
		},
		{
			Name: "rpc/close-spares-methods", Breaks: []string{"RPC-10"},
			Why:    "Tokens are verified by their signature alone; a close only keeps them from being renewed.",
			Change: acceptsClosed(overHTTP, overHTTP, "GetVersion"),
		},
		{
			Name: "rpc/close-spares-methods-over-grpc", Breaks: []string{"RPC-10"},
			Why:    "Tokens are verified by their signature alone; a close only keeps them from being renewed.",
			Change: acceptsClosed(overGRPC, overGRPC, "GetVersion"),
		},
		{
			Name: "rpc/close-spares-renewal", Breaks: []string{"RPC-10"},
			Why:    "The renewal wants a signature and asks for no session.",
			Change: acceptsClosed(overHTTP, overHTTP, "RenewSession"),
		},
		{
			Name: "rpc/close-spares-renewal-over-grpc", Breaks: []string{"RPC-10", "RPC-19"},
			Why:    "The renewal wants a signature and asks for no session.",
			Change: acceptsClosed(overGRPC, overGRPC, "RenewSession"),
		},
		{
			Name: "rpc/close-spares-renewed", Breaks: []string{"RPC-10"},
			Why: "A close revokes the token of the login, and forgets those that came after it.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				onToken(s, overBoth, func(_, token string) string {
					spared := false
					l.with(token, func(g *granted) { spared = g != nil && g.renewed && g.session.closed })
					if spared {
						return l.freshToken()
					}
					return token
				})
			},
		},
		{
			Name: "rpc/closed-lives-a-second", Breaks: []string{"RPC-10", "RPC-18", "RPC-28", "RPC-31"},
			Why:    "Sessions are cached for a second, and a close does not reach the cache.",
			Change: mutation.DeletesLate("rpc"),
		},
		{
			Name: "rpc/close-logs-out-everywhere", Breaks: []string{"RPC-11"},
			Why: "A close ends by user instead of by session.", Change: closesAll(overHTTP),
		},
		{
			Name: "rpc/close-logs-out-everywhere-over-grpc", Breaks: []string{"RPC-11"},
			Why: "A close ends by user instead of by session.", Change: closesAll(overGRPC),
		},
	}
}

// shrinks answers an end after a renewal that lies before the one of the token
// which was renewed.
func shrinks(via transport, method string) func(*mutation.Server) {
	return func(s *mutation.Server) {
		onCall(s, via, func(c *call) {
			if c.Method == method && c.grants() {
				if end, err := time.Parse(compactTime, c.login().GetExpiresAt()); err == nil {
					c.login().ExpiresAt = end.Add(-time.Hour).Format(compactTime)
				}
			}
		})
	}
}

// closesAll makes a close over one transport end the sessions of everybody.
func closesAll(via transport) func(*mutation.Server) {
	return func(s *mutation.Server) {
		l := newLedger(s)
		var mu sync.Mutex
		ended := map[string]bool{}
		onToken(s, overBoth, func(_, token string) string {
			mu.Lock()
			defer mu.Unlock()
			if ended[token] {
				return "ended"
			}
			return token
		})
		onCall(s, via, func(c *call) {
			if c.Method != "CloseSession" || c.Err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			l.has(func(token string) bool {
				ended[token] = true
				return false
			})
		})
	}
}
