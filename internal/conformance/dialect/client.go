// Package dialect is a small client of each dialect for the judge: how one logs
// in, sends a token and renews it, so that the steps of the SEC rows and the
// doctor are written once for all dialects. It sends what a well-behaved client
// sends, and judges nothing; what a dialect's own steps send beside that, stands
// with them.
package dialect

import (
	"context"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// Client is a client of one dialect. Its methods may run at once; they keep
// their exchanges as evidence and change nothing else.
type Client interface {
	// LogIn sends the dialect's login and reads the grant where it succeeded.
	// A refused login is no error: the answer says so, and the grant is nil.
	LogIn(ctx context.Context, who Credentials) (*exchange.Answer, *Grant, error)
	// LoginRequest is the request that LogIn sends, for steps that change it.
	LoginRequest(who Credentials) exchange.Request
	// Access sends a request to the protected resource with this access token,
	// or without any for "".
	Access(ctx context.Context, token string) (*exchange.Answer, error)
	// Protected is the request that Access sends, without a token.
	Protected() exchange.Request
	// Authorize puts an access token on any request, where the dialect wants it.
	Authorize(r exchange.Request, token string) exchange.Request
	// Renew refreshes, extends or renews a grant in the dialect's way. Where
	// the dialect has none (scoped), it issues another token with this one.
	Renew(ctx context.Context, g *Grant) (*exchange.Answer, *Grant, error)
	// Full is the account with all rights.
	Full() Credentials
	// Locked says whether an answer is the dialect's own code for a locked or
	// throttled account.
	Locked(a *exchange.Answer) bool
}

// Credentials are a login name (or an e-mail address) and a password.
type Credentials struct {
	Login, Password string
}

// Grant is what a login obtained.
type Grant struct {
	Access  string
	Refresh string // only in the session dialect
}

// New makes the client of c's dialect: a Session, a Form, an *RPC, which its
// owner closes, or a Scoped. The error says that the manifest does not declare
// the dialect.
func New(c *exchange.Client) (Client, error) {
	if !c.Subject.Manifest.Speaks(c.DialectName) {
		return nil, fmt.Errorf("the manifest does not declare the dialect %q", c.DialectName)
	}
	switch declared := c.Subject.Manifest.Dialects; c.DialectName {
	case "session":
		return Session{c, declared.Session}, nil
	case "form":
		return Form{c, declared.Form}, nil
	case "rpc":
		return newRPC(c, declared.RPC), nil
	default:
		return Scoped{c, declared.Scoped}, nil
	}
}
