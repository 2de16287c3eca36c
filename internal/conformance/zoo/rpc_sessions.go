package zoo

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// rpcSessions are mistakes in what tokens open and in how sessions are renewed
// and closed.
func rpcSessions() []Mutant {
	return []Mutant{
		{
			Name: "rpc/bearer-unread", Breaks: []string{
				"RPC-06", "RPC-07", "RPC-08", "RPC-09", "RPC-10", "RPC-11", "RPC-18", "RPC-19", "RPC-21", "RPC-22", "RPC-23", "RPC-24", "RPC-25", "SEC-02", "SEC-05",
			},
			Why: "Over HTTP, too, the token is expected under its own name.",
			Change: func(s *Server) {
				s.requests(rpcPost, func(r *http.Request) {
					if bearer(r) != "" && strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
						r.Header.Del("Authorization")
					}
				})
			},
		},
		{
			Name: "rpc/protected-by-basic-only", Breaks: []string{
				"RPC-06", "RPC-07", "RPC-10", "RPC-11", "RPC-18", "RPC-21", "RPC-22", "RPC-24", "RPC-25", "SEC-02", "SEC-05",
			},
			Why: "The gateway knows Basic alone for the methods that are not its own.",
			Change: func(s *Server) {
				s.instead(func(r *http.Request) bool {
					return rpcCalls("GetVersion")(r) && strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ")
				},
					answer(http.StatusForbidden, map[string]any{"grpcErrorCode": int(codes.PermissionDenied)}))
			},
		},
		{
			Name: "rpc/renewal-is-token-only", Breaks: []string{"RPC-07"},
			Why: "A renewal changes the token alone, so the rest is not repeated.",
			Change: func(s *Server) {
				s.rpcAnswers(overBoth, func(c *call) {
					if c.Method == "RenewSession" && c.bought() {
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
			Name: "rpc/renewed-token-unknown", Breaks: []string{"RPC-07", "RPC-10", "RPC-24", "SEC-05"},
			Why: "The new token is signed and not stored.",
			Change: func(s *Server) {
				l := s.rpcLedger()
				s.rpcTokens(overBoth, func(_, token string) string {
					l.with(token, func(g *rpcGrant) {
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
			Change: opensExpired(overHTTP, "RenewSession"),
		},
		{
			Name: "rpc/renews-the-expired-over-grpc", Breaks: []string{"RPC-08"},
			Why:    "A renewal is what one needs when the token has expired, so its end is not looked at.",
			Change: opensExpired(overGRPC, "RenewSession"),
		},
		{
			Name: "rpc/renews-only-early", Breaks: []string{"RPC-08"},
			Why: "A token in the last minute of its life counts as expired where it is renewed.",
			Change: func(s *Server) {
				l := s.rpcLedger()
				s.rpcTokens(overBoth, func(method, token string) string {
					l.with(token, func(g *rpcGrant) {
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
			Change: func(s *Server) {
				s.answers(rpcCalls("CloseSession"), func(a *reply) { a.drop("error_code") })
			},
		},
		{
			Name: "rpc/close-says-login-code", Breaks: []string{"RPC-09"},
			Why: "The close answers with the enum of the login.",
			Change: func(s *Server) {
				s.answers(rpcCalls("CloseSession"), func(a *reply) { a.setWhereOK("error_code", "AUTHENTICATE_CODE_OK") })
			},
		},
		{
			Name: "rpc/close-fails-over-grpc", Breaks: []string{"RPC-09"},
			Why: "The code is computed before the session is ended, and says so.",
			Change: func(s *Server) {
				s.rpcAnswers(overGRPC, func(c *call) {
					if c.Method == "CloseSession" && c.Err == nil {
						c.Message = &rpcpb.CloseSessionResponse{ErrorCode: rpcpb.CloseSessionResponse_GENERAL_ERROR}
					}
				})
			},
		},
		{
			Name: "rpc/close-spares-methods", Breaks: []string{"RPC-10"},
			Why:    "Tokens are verified by their signature alone; a close only keeps them from being renewed.",
			Change: opensClosed(overHTTP, overHTTP, "GetVersion"),
		},
		{
			Name: "rpc/close-spares-methods-over-grpc", Breaks: []string{"RPC-10"},
			Why:    "Tokens are verified by their signature alone; a close only keeps them from being renewed.",
			Change: opensClosed(overGRPC, overGRPC, "GetVersion"),
		},
		{
			Name: "rpc/close-spares-renewal", Breaks: []string{"RPC-10"},
			Why:    "The renewal wants a signature and asks for no session.",
			Change: opensClosed(overHTTP, overHTTP, "RenewSession"),
		},
		{
			Name: "rpc/close-spares-renewal-over-grpc", Breaks: []string{"RPC-10", "RPC-19"},
			Why:    "The renewal wants a signature and asks for no session.",
			Change: opensClosed(overGRPC, overGRPC, "RenewSession"),
		},
		{
			Name: "rpc/close-spares-renewed", Breaks: []string{"RPC-10"},
			Why: "A close revokes the token of the login, and forgets those that came after it.",
			Change: func(s *Server) {
				l := s.rpcLedger()
				s.rpcTokens(overBoth, func(_, token string) string {
					opens := false
					l.with(token, func(g *rpcGrant) { opens = g != nil && g.renewed && g.session.closed })
					if opens {
						return l.opener()
					}
					return token
				})
			},
		},
		{
			Name: "rpc/closed-lives-a-second", Breaks: []string{"RPC-10", "RPC-18"},
			Why:    "Sessions are cached for a second, and a close does not reach the cache.",
			Change: func(s *Server) { s.Store = remembering(s.Store, "rpc") },
		},
		{
			Name: "rpc/close-logs-out-everywhere", Breaks: []string{"RPC-11"}, Serial: true,
			Why: "A close ends by user instead of by session.", Change: closesAll(overHTTP),
		},
		{
			Name: "rpc/close-logs-out-everywhere-over-grpc", Breaks: []string{"RPC-11"}, Serial: true,
			Why: "A close ends by user instead of by session.", Change: closesAll(overGRPC),
		},
	}
}

// has says whether a token is among those that were given out.
func (l *rpcLedger) has(which func(token string) bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for token, g := range l.grants {
		if !g.session.closed && which(token) {
			return true
		}
	}
	return false
}

// signature is the last part of a JWT.
func signature(token string) string { return token[strings.LastIndex(token, ".")+1:] }

func isAlg(token, alg string) bool {
	named, _ := header(token)["alg"].(string)
	return strings.EqualFold(named, alg)
}

// trusts opens to tokens that were not given out and that somebody trusts.
func trusts(token func(l *rpcLedger, token string) bool) func(*Server) {
	return func(s *Server) {
		l := s.rpcLedger()
		s.rpcTokens(overBoth, func(_, shown string) string {
			if header(shown) != nil && !l.has(func(known string) bool { return known == shown }) && l.closed(shown) == 0 && token(l, shown) {
				return l.opener()
			}
			return shown
		})
	}
}

// shrinks answers an end after a renewal that lies before the one of the token
// which was renewed.
func shrinks(via transport, method string) func(*Server) {
	return func(s *Server) {
		s.rpcAnswers(via, func(c *call) {
			if c.Method == method && c.bought() {
				if end, err := time.Parse(compactTime, c.login().GetExpiresAt()); err == nil {
					c.login().ExpiresAt = end.Add(-time.Hour).Format(compactTime)
				}
			}
		})
	}
}

// opensExpired lets an expired token through to a method.
func opensExpired(via transport, method string) func(*Server) {
	return func(s *Server) {
		l := s.rpcLedger()
		s.rpcTokens(via, func(called, token string) string {
			if called == method && l.expired(token) {
				return l.opener()
			}
			return token
		})
	}
}

// opensClosed lets tokens of sessions that were closed over one transport
// through to some methods over another.
func opensClosed(closedVia, via transport, methods ...string) func(*Server) {
	return func(s *Server) {
		l := s.rpcLedger()
		s.rpcTokens(via, func(called, token string) string {
			for _, method := range methods {
				if called == method && l.closed(token) == closedVia {
					return l.opener()
				}
			}
			return token
		})
	}
}

// opensWithout lets calls of a method through that come without a token.
func opensWithout(via transport, method string) func(*Server) {
	return func(s *Server) {
		l := s.rpcLedger()
		s.rpcTokens(via, func(called, token string) string {
			if called == method && token == "" {
				return l.opener()
			}
			return token
		})
	}
}

// bornElsewhere makes tokens that were bought over one transport unknown to
// the other.
func bornElsewhere(born, via transport) func(*Server) {
	return func(s *Server) {
		l := s.rpcLedger()
		s.rpcTokens(via, func(_, token string) string {
			l.with(token, func(g *rpcGrant) {
				if g != nil && g.via == born {
					token = "unknown"
				}
			})
			return token
		})
	}
}

// closesAll makes a close over one transport end the sessions of everybody.
func closesAll(via transport) func(*Server) {
	return func(s *Server) {
		l := s.rpcLedger()
		var mu sync.Mutex
		ended := map[string]bool{}
		s.rpcTokens(overBoth, func(_, token string) string {
			mu.Lock()
			defer mu.Unlock()
			if ended[token] {
				return "ended"
			}
			return token
		})
		s.rpcAnswers(via, func(c *call) {
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

// strangers changes what logins of unknown users are answered.
func (s *Server) strangers(change func(*call)) {
	s.intercept(func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		answered, err := next(ctx, request)
		if who, ok := request.(*rpcpb.AuthenticateRequest); ok && who.GetUserName() != "root" {
			c := &call{Via: overGRPC, Err: err}
			c.Message, _ = answered.(proto.Message)
			change(c)
			return c.Message, c.Err
		}
		return answered, err
	})
	s.answers(rpcCalls("AuthenticateEx"), func(a *reply) {
		data, _ := sent(a.Request)["data"].(map[string]any)
		c := &call{Via: overHTTP, Method: "AuthenticateEx"}
		if c.read(a); data["user_name"] != "root" && c.Err == nil {
			change(c)
			c.write(a)
		}
	})
}
