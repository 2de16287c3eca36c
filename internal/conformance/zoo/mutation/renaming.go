package mutation

import (
	"crypto/rand"
	"net/http"
	"sync"
)

// Renaming is which name a token has outside of which it has inside. It is safe
// for concurrent use.
type Renaming struct {
	mu              sync.Mutex
	outside, inside map[string]string
}

// NewRenaming returns a Renaming that knows no token.
func NewRenaming() *Renaming {
	return &Renaming{outside: map[string]string{}, inside: map[string]string{}}
}

// Rename gives a token another name outside; the one before is forgotten.
func (n *Renaming) Rename(token, name string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.inside, n.outside[token])
	n.outside[token], n.inside[name] = name, token
	return name
}

// Outside is a token's name outside, "" for none.
func (n *Renaming) Outside(token string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.outside[token]
}

// Inside is the token with a name; what is no name stays as it is.
func (n *Renaming) Inside(name string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if token, known := n.inside[name]; known {
		return token
	}
	return name
}

// Tokens says where a dialect carries its tokens.
type Tokens struct {
	// Answered selects the requests that are answered tokens, in Members.
	Answered Match
	Members  []string
	// Shown changes every token that a request shows, wherever it does.
	Shown func(r *http.Request, change func(token string) string)
}

// RenameTokens gives every token another value outside than it has inside: the
// same one whenever it is answered, and back again when it comes.
func (s *Server) RenameTokens(where Tokens, name func() string) {
	names := NewRenaming()
	s.OnRequest(All, func(r *http.Request) { where.Shown(r, names.Inside) })
	s.OnAnswer(where.Answered, func(a *Reply) {
		members := a.Members()
		for _, member := range where.Members {
			token, ok := members[member].(string)
			if !ok || !a.OK() || token == "" {
				continue
			}
			shown := names.Outside(token)
			if shown == "" {
				shown = names.Rename(token, name())
			}
			a.Set(member, shown)
		}
	})
}

// RenameSent changes the members of a request's JSON body that hold tokens.
func RenameSent(r *http.Request, members []string, change func(token string) string) {
	came := Sent(r)
	for _, member := range members {
		if token, ok := came[member].(string); ok {
			came[member] = change(token)
			SetBody(r, JSON(came))
		}
	}
}

// RandomText is random letters, digits, dashes and underscores.
func RandomText(size int) string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
	text := make([]byte, size)
	_, _ = rand.Read(text) // never fails
	for i := range text {
		text[i] = alphabet[text[i]%64]
	}
	return string(text)
}
