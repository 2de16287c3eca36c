package rpc

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// ledger knows the tokens and sessions that were answered. Mutants use it to judge a token otherwise than the reference would.
type ledger struct {
	server *mutation.Server

	mu       sync.Mutex
	sessions map[string]*session // by sid
	grants   map[string]*granted // by token
}

type session struct {
	closed bool
	via    transport // over which it was closed
}

type granted struct {
	token   string
	message *rpcpb.AuthenticateResponseEx
	session *session
	via     transport // over which it was obtained
	ends    time.Time
	renewed bool // obtained by a renewal
}

// newLedger starts to watch logins, renewals and closes.
func newLedger(s *mutation.Server) *ledger {
	l := &ledger{server: s, sessions: map[string]*session{}, grants: map[string]*granted{}}
	onCall(s, overBoth, func(c *call) {
		l.mu.Lock()
		defer l.mu.Unlock()
		switch {
		case c.grants():
			l.note(c)
		case c.Method == "CloseSession" && c.Err == nil && l.grants[c.Token] != nil:
			closed := l.grants[c.Token].session
			closed.closed, closed.via = true, c.Via
		}
	})
	return l
}

func (l *ledger) note(c *call) {
	token := c.login().GetTokenValue()
	sid, _ := mutation.Claims(token)["sid"].(string)
	if l.sessions[sid] == nil {
		l.sessions[sid] = &session{}
	}
	ends, err := time.Parse(compactTime, c.login().GetExpiresAt())
	if err != nil {
		ends = l.server.Clock.Now().Add(4 * time.Hour)
	}
	message, _ := proto.Clone(c.login()).(*rpcpb.AuthenticateResponseEx)
	l.grants[token] = &granted{
		token: token, message: message, session: l.sessions[sid], via: c.Via, ends: ends,
		renewed: strings.HasPrefix(c.Method, "Renew"),
	}
}

// with does something to a token's grant, nil for none, while nobody else
// touches any.
func (l *ledger) with(token string, do func(*granted)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do(l.grants[token])
}

// knows says whether a token was given out.
func (l *ledger) knows(token string) (known bool) {
	l.with(token, func(g *granted) { known = g != nil })
	return known
}

// expired says whether a token was good and has reached its end.
func (l *ledger) expired(token string) (over bool) {
	now := l.server.Clock.Now()
	l.with(token, func(g *granted) { over = g != nil && !g.session.closed && !now.Before(g.ends) })
	return over
}

// closed says over which transport the session of a token was closed; 0 is
// not at all.
func (l *ledger) closed(token string) (via transport) {
	l.with(token, func(g *granted) {
		if g != nil && g.session.closed {
			via = g.session.via
		}
	})
	return via
}

// freshToken is a token of a session of its own, for a call that is to be
// accepted whoever makes it.
func (l *ledger) freshToken() string {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "/grpc", strings.NewReader(
		`{"method":"`+wire.RPCAuthenticateEx+`","data":{"user_name":"root","password":"root"}}`))
	if err != nil {
		panic(err) // it is always the same request
	}
	r.SetBasicAuth("root", "root")
	return l.server.Inner(r).Member("token_value")
}

// has says whether a token is among those that were given out.
func (l *ledger) has(which func(token string) bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for token, g := range l.grants {
		if !g.session.closed && which(token) {
			return true
		}
	}
	return false
}
