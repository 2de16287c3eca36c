package zoo

import (
	"crypto/rand"
	"net/http"
	"slices"
	"sync"
)

// tokenMembers are the members in which the dialects without JWTs carry tokens.
var tokenMembers = []string{"access_token", "refresh_token", "token"}

// renaming is which name a token has outside of which it has inside. It is safe
// for concurrent use.
type renaming struct {
	mu              sync.Mutex
	outside, inside map[string]string
}

func newRenaming() *renaming {
	return &renaming{outside: map[string]string{}, inside: map[string]string{}}
}

// rename gives a token another name outside; the one before is forgotten.
func (n *renaming) rename(token, name string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.inside, n.outside[token])
	n.outside[token], n.inside[name] = name, token
	return name
}

// leave is a token's name outside, "" for none.
func (n *renaming) leave(token string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.outside[token]
}

// enter is the token with a name; what is no name stays as it is.
func (n *renaming) enter(name string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if token, known := n.inside[name]; known {
		return token
	}
	return name
}

// renames gives every session and form token another value outside than it has
// inside: the same one whenever it is answered, and back again when it comes.
func (s *Server) renames(name func(inside string) string) {
	names := newRenaming()
	s.requests(all, func(r *http.Request) { renameShown(r, names.enter) })
	s.answers(anyOf(sessionLogin, sessionRefresh, formTokens), func(a *reply) {
		members := a.members()
		for _, member := range tokenMembers {
			token, ok := members[member].(string)
			if !ok || !a.ok() || token == "" {
				continue
			}
			shown := names.leave(token)
			if shown == "" {
				shown = names.rename(token, name(token))
			}
			a.set(member, shown)
		}
	})
}

// drawn is random letters and digits.
func drawn(size int) string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
	text := make([]byte, size)
	_, _ = rand.Read(text) // never fails
	for i := range text {
		text[i] = alphabet[text[i]%64]
	}
	return string(text)
}

// renamesPaths leads paths to others.
func (s *Server) renamesPaths(leads map[string]string) {
	s.requests(all, func(r *http.Request) {
		if path, known := leads[r.URL.Path]; known {
			at := *r.URL
			at.Path, at.RawPath = path, ""
			r.URL = &at
		}
	})
}

// renameShown changes the tokens that a request shows, wherever it does.
func renameShown(r *http.Request, change func(string) string) {
	if token := bearer(r); token != "" {
		setBearer(r, change(token))
	}
	if token := r.Header.Get("X-Auth-Bearer"); token != "" {
		r.Header.Set("X-Auth-Bearer", change(token))
	}
	if query := r.URL.Query(); query.Has("token") && r.URL.Path == "/login" {
		query.Set("token", change(query.Get("token")))
		at := *r.URL
		at.RawQuery = query.Encode()
		r.URL = &at
	}
	if !isLong(r) && slices.Contains([]string{"/tokens", "/login"}, r.URL.Path) {
		came := sent(r)
		for _, member := range tokenMembers {
			if token, ok := came[member].(string); ok {
				came[member] = change(token)
				setBody(r, encoded(came))
			}
		}
	}
}

// all selects every request.
func all(*http.Request) bool { return true }
