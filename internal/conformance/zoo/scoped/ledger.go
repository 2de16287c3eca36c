package scoped

import (
	"context"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// ledger knows the tokens that were answered. Mutants use it to judge a token
// otherwise than the reference would.
type ledger struct {
	server *mutation.Server

	mu     sync.Mutex
	grants map[string]*granted // by token
	byID   map[string]*granted
}

type granted struct {
	token, id string
	at, ends  time.Time
	scopes    []string // nil is all rights
	name      string
	issued    bool // with another token
	revoked   bool
}

// newLedger starts to watch issues and revocations.
func newLedger(s *mutation.Server) *ledger {
	l := &ledger{server: s, grants: map[string]*granted{}, byID: map[string]*granted{}}
	s.OnAnswer(mutation.AnyOf(newToken, revoke), func(a *mutation.Reply) {
		if !a.OK() {
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if revoke(a.Request) {
			if g := l.byID[path.Base(a.Request.URL.Path)]; g != nil {
				g.revoked = true
			}
			return
		}
		g := &granted{
			token: a.Member("token"), id: a.Member("_id"), name: a.Member("name"), at: s.Clock.Now(), ends: millis(a, "expiresAt"),
			scopes: a.MemberTexts("scopes"), issued: issue(a.Request),
		}
		l.grants[g.token], l.byID[g.id] = g, g
	})
	return l
}

// with does something to a token's grant, nil for none, while nobody else
// touches any.
func (l *ledger) with(token string, do func(*granted)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do(l.grants[token])
}

// has says whether a live token that was answered is such a one.
func (l *ledger) has(which func(token string) bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for token, g := range l.grants {
		if !g.revoked && which(token) {
			return true
		}
	}
	return false
}

// freshToken is a new token with all rights, for a request that is to be
// accepted whoever makes it.
func (l *ledger) freshToken() string {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "/api/v1/auth/token",
		strings.NewReader(`{"username":"root","password":"root"}`))
	if err != nil {
		panic(err) // it is always the same request
	}
	return l.server.Inner(r).Member("token")
}

// accepts lets requests through whose token fits, whatever the reference would
// say to it.
func accepts(s *mutation.Server, where mutation.Match, fits func(g *granted, r *http.Request) bool) {
	l := newLedger(s)
	s.OnRequest(where, func(r *http.Request) {
		accepted := false
		l.with(mutation.Bearer(r), func(g *granted) { accepted = g != nil && fits(g, r) })
		if accepted {
			mutation.SetBearer(r, l.freshToken())
		}
	})
}

// rejects answers a status to requests whose token fits, whatever the reference
// would say to it.
func rejects(s *mutation.Server, where mutation.Match, status int, fits func(g *granted, r *http.Request) bool) {
	l := newLedger(s)
	s.Instead(func(r *http.Request) (rejected bool) {
		l.with(mutation.Bearer(r), func(g *granted) { rejected = where(r) && g != nil && fits(g, r) })
		return rejected
	}, mutation.Answer(status, refusal))
}

// refusal is a body in the vendor's shape of errors, as far as anybody reads it.
var refusal = map[string]any{"success": false, "name": "RicError"}
