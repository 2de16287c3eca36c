package security

import (
	"net/http"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// Endpoints is where a dialect logs in and renews, what it protects, and how
// its tokens travel.
type Endpoints struct {
	Dialect         string
	LoginPath       string
	Undeclared      []string       // methods that the login path does not offer
	Login           mutation.Match // a login with credentials
	Renew, Resource mutation.Match
	TokenMember     string // the member that answers a token
	// Token is the token that a request shows, and ShowToken makes it show one.
	Token     func(r *http.Request) string
	ShowToken func(r *http.Request, token string)
	// Renewed is the token that a renewal renews.
	Renewed func(r *http.Request) string
	// DrawTokens makes tokens, or the signatures of JWTs, out of what is drawn.
	DrawTokens func(draw func() string) func(*mutation.Server)
	// LockCode says that the dialect has a code of its own for an account that
	// is locked.
	LockCode bool
	// WrongPassword is the dialect's own row about wrong passwords.
	WrongPassword string
	// Oversized are rows of the dialect's own about a body that is too long.
	Oversized  []string
	AcceptsAll AcceptsAll
}

// isThrottled says whether an answer is a throttle's, or the dialect's own code
// for a locked account.
func isThrottled(a *mutation.Reply) bool {
	return a.Status == http.StatusTooManyRequests || strings.HasSuffix(a.Member("error_code"), "USER_LOCKED")
}

// isUndeclared selects requests to the login path by methods that it does not
// offer.
func (e Endpoints) isUndeclared(r *http.Request) bool {
	return r.URL.Path == e.LoginPath && slices.Contains(e.Undeclared, r.Method)
}

// bodyStart is the beginning of a request's body.
func bodyStart(r *http.Request) string {
	read := mutation.Body(r)
	return string(read[:min(len(read), 1000)])
}
