package zoo

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// rpcLedger knows the tokens and sessions of the rpc dialect that were
// answered. Mutants use it to judge a token otherwise than the reference would.
type rpcLedger struct {
	server *Server

	mu       sync.Mutex
	sessions map[string]*rpcSession // by sid
	grants   map[string]*rpcGrant   // by token
}

type rpcSession struct {
	closed bool
	via    transport // over which it was closed
}

type rpcGrant struct {
	token   string
	message *rpcpb.AuthenticateResponseEx
	session *rpcSession
	via     transport // over which it was bought
	ends    time.Time
	renewed bool // bought by a renewal
}

// rpcLedger starts to watch logins, renewals and closes.
func (s *Server) rpcLedger() *rpcLedger {
	l := &rpcLedger{server: s, sessions: map[string]*rpcSession{}, grants: map[string]*rpcGrant{}}
	s.rpcAnswers(overBoth, func(c *call) {
		l.mu.Lock()
		defer l.mu.Unlock()
		switch {
		case c.bought():
			l.note(c)
		case c.Method == "CloseSession" && c.Err == nil && l.grants[c.Token] != nil:
			closed := l.grants[c.Token].session
			closed.closed, closed.via = true, c.Via
		}
	})
	return l
}

func (l *rpcLedger) note(c *call) {
	token := c.login().GetTokenValue()
	sid, _ := claims(token)["sid"].(string)
	if l.sessions[sid] == nil {
		l.sessions[sid] = &rpcSession{}
	}
	ends, err := time.Parse("20060102T150405", c.login().GetExpiresAt())
	if err != nil {
		ends = l.server.Clock.Now().Add(4 * time.Hour)
	}
	message, _ := proto.Clone(c.login()).(*rpcpb.AuthenticateResponseEx)
	l.grants[token] = &rpcGrant{
		token: token, message: message, session: l.sessions[sid], via: c.Via, ends: ends,
		renewed: strings.HasPrefix(c.Method, "Renew"),
	}
}

// with does something to a token's grant, nil for none, while nobody else
// touches any.
func (l *rpcLedger) with(token string, do func(*rpcGrant)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do(l.grants[token])
}

// expired says whether a token was good and has reached its end.
func (l *rpcLedger) expired(token string) (over bool) {
	now := l.server.Clock.Now()
	l.with(token, func(g *rpcGrant) { over = g != nil && !g.session.closed && !now.Before(g.ends) })
	return over
}

// closed says over which transport the session of a token was closed; 0 is
// not at all.
func (l *rpcLedger) closed(token string) (via transport) {
	l.with(token, func(g *rpcGrant) {
		if g != nil && g.session.closed {
			via = g.session.via
		}
	})
	return via
}

// opener is a token of a session of its own, which opens whoever comes.
func (l *rpcLedger) opener() string {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "/grpc", strings.NewReader(
		`{"method":"`+wire.RPCAuthenticateEx+`","data":{"user_name":"root","password":"root"}}`))
	if err != nil {
		panic(err) // it is always the same request
	}
	r.SetBasicAuth("root", "root")
	return l.server.inner(r).member("token_value")
}

// claims reads the payload of a JWT, signed or not; nil is for anything else.
func claims(token string) map[string]any {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil
	}
	var members map[string]any
	if json.Unmarshal(text, &members) != nil {
		return nil
	}
	return members
}

// header reads the first part of a JWT.
func header(token string) map[string]any {
	head, _, _ := strings.Cut(token, ".")
	return claims("." + head + ".")
}
