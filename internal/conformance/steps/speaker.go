package steps

import "context"

// speaker is a dialect in the words that all dialects share, so that the SEC
// rows are written once. Each dialect's registration returns one. Its methods
// may run at once; they log their exchanges and touch nothing else.
type speaker interface {
	// login sends the dialect's login and reads the grant where it succeeded.
	// A refused login is no error: the answer says so, and the grant is nil.
	login(ctx context.Context, who credentials) (*Answer, *grant, error)
	// loginRequest is the request that login sends, for steps that bend it.
	loginRequest(who credentials) Request
	// open sends a request to the protected resource with this access token,
	// or without any for "".
	open(ctx context.Context, token string) (*Answer, error)
	// protected is the request that open sends, without a token.
	protected() Request
	// authorize puts an access token on any request, where the dialect wants it.
	authorize(r Request, token string) Request
	// renew refreshes, extends or renews a grant in the dialect's way. Where
	// the dialect has none (scoped), it issues another token with this one.
	renew(ctx context.Context, g *grant) (*Answer, *grant, error)
	// full is the account with all rights.
	full() credentials
	// garble changes characters inside a token, so that it is well-formed and
	// wrong.
	garble(token string) string
	// variable is the part of a token that has to be unguessable: of a JWT the
	// signature, of the Rails envelope what follows it, else the whole.
	variable(token string) string
	// locked says whether an answer is the dialect's own code for a locked or
	// throttled account.
	locked(a *Answer) bool
}

// credentials are a login name (or an e-mail address) and a password.
type credentials struct {
	login, password string
}

// grant is what a login bought.
type grant struct {
	access  string
	refresh string // only in the session dialect
}
