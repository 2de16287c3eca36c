package zoo

import (
	"context"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// The requests of the scoped dialect.
var (
	scopedLogin  = at("POST", "/api/v1/auth/token")
	scopedIssue  = at("POST", "/api/v1/tokens")
	scopedList   = at("GET", "/api/v1/tokens")
	scopedToken  = at("*", "/api/v1/tokens/*")
	scopedRevoke = at("DELETE", "/api/v1/tokens/*")
	scopedPark   = anyOf(at("*", "/api/v1/objects"), at("*", "/api/v1/objects/*"), at("*", "/api/v1/geofences"))
	scopedNew    = anyOf(scopedLogin, scopedIssue)
)

// scopedLedger knows the scoped tokens that were answered. Mutants use it to
// judge a token otherwise than the reference would.
type scopedLedger struct {
	server *Server

	mu     sync.Mutex
	grants map[string]*scopedGrant // by token
	byID   map[string]*scopedGrant
}

type scopedGrant struct {
	token, id string
	ends      time.Time
	scopes    []string // nil is all rights
	name      string
	issued    bool // with another token
	revoked   bool
}

// scopedLedger starts to watch issues and revocations.
func (s *Server) scopedLedger() *scopedLedger {
	l := &scopedLedger{server: s, grants: map[string]*scopedGrant{}, byID: map[string]*scopedGrant{}}
	s.answers(anyOf(scopedNew, scopedRevoke), func(a *reply) {
		if !a.ok() {
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if scopedRevoke(a.Request) {
			if g := l.byID[path.Base(a.Request.URL.Path)]; g != nil {
				g.revoked = true
			}
			return
		}
		g := &scopedGrant{
			token: a.member("token"), id: a.member("_id"), name: a.member("name"), ends: a.millis("expiresAt"),
			scopes: a.texts("scopes"), issued: scopedIssue(a.Request),
		}
		l.grants[g.token], l.byID[g.id] = g, g
	})
	return l
}

// with does something to a token's grant, nil for none, while nobody else
// touches any.
func (l *scopedLedger) with(token string, do func(*scopedGrant)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do(l.grants[token])
}

// has says whether a live token that was answered is such a one.
func (l *scopedLedger) has(which func(token string) bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for token, g := range l.grants {
		if !g.revoked && which(token) {
			return true
		}
	}
	return false
}

// opener is a new token with all rights, which opens whoever comes.
func (l *scopedLedger) opener() string {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "/api/v1/auth/token",
		strings.NewReader(`{"username":"root","password":"root"}`))
	if err != nil {
		panic(err) // it is always the same request
	}
	return l.server.inner(r).member("token")
}

// opens lets requests through whose token fits, whatever the reference would
// say to it.
func (s *Server) opens(where match, fits func(g *scopedGrant, r *http.Request) bool) {
	l := s.scopedLedger()
	s.requests(where, func(r *http.Request) {
		opens := false
		l.with(bearer(r), func(g *scopedGrant) { opens = g != nil && fits(g, r) })
		if opens {
			setBearer(r, l.opener())
		}
	})
}

// shuts refuses requests whose token fits, whatever the reference would say to
// it.
func (s *Server) shuts(where match, status int, fits func(g *scopedGrant, r *http.Request) bool) {
	l := s.scopedLedger()
	s.instead(func(r *http.Request) (shut bool) {
		l.with(bearer(r), func(g *scopedGrant) { shut = where(r) && g != nil && fits(g, r) })
		return shut
	}, answer(status, scopedRefusal))
}

// scopedRefusal is a refusal in the vendor's shape, as far as anybody reads it.
var scopedRefusal = map[string]any{"success": false, "name": "RicError"}

// texts is a member that is a list of texts; nil is for anything else.
func (a *reply) texts(name string) []string {
	list, ok := a.members()[name].([]any)
	if !ok {
		return nil
	}
	texts := make([]string, 0, len(list))
	for _, element := range list {
		if text, ok := element.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}
