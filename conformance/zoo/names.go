package zoo

import (
	"net/http"
	"slices"
	"sync"
)

// tokenMembers are the members in which the dialects without JWTs carry tokens.
var tokenMembers = []string{"access_token", "refresh_token", "token"}

// renames gives every session and form token another value outside than it has
// inside: the same one whenever it is answered, and back again when it comes.
func (s *Server) renames(name func(inside string) string) {
	var mu sync.Mutex
	outside, inside := map[string]string{}, map[string]string{}
	enter := func(token string) string {
		mu.Lock()
		defer mu.Unlock()
		if known, ok := inside[token]; ok {
			return known
		}
		return token
	}
	leave := func(token string) string {
		mu.Lock()
		defer mu.Unlock()
		if outside[token] == "" {
			outside[token] = name(token)
			inside[outside[token]] = token
		}
		return outside[token]
	}
	s.requests(all, func(r *http.Request) { renameShown(r, enter) })
	s.answers(anyOf(sessionLogin, sessionRefresh, formTokens), func(a *reply) {
		members := a.members()
		for _, member := range tokenMembers {
			if token, ok := members[member].(string); ok && a.ok() && token != "" {
				a.set(member, leave(token))
			}
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
