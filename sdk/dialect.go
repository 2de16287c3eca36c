package sdk

import (
	"context"
	"net/http"
)

// Dialect is how one kind of back office is logged in to. The packages session,
// form, rpc and scoped make the four that we know; a fifth is one package that
// implements this interface and passes sdktest.RunDialect.
//
// Implementations are safe for concurrent use and keep no token: the [Client]
// does. They may also implement [Renewer], [Revoker], [Inspector],
// [Prober], [Keyed], [Validator] and [ErrorCoder].
type Dialect interface {
	// Name is the dialect's one word, as in "session".
	Name() string

	// Login obtains a token with credentials. It goes through x for every
	// exchange, and returns a token whose Access is not zero, or an error:
	// best an [*Error], which is what x returns. An error that is not
	// Temporary says that asking again will not help.
	Login(ctx context.Context, x *TokenClient) (Token, error)

	// Authorize sets the headers that present the token. It must depend on its
	// arguments only: the client keeps the result for as long as the token.
	Authorize(header http.Header, token Token)

	// Rejected says whether a response means that the token was not accepted,
	// so that another one may help: 401 in most dialects, never 403. An
	// implementation that looks into the body uses [PeekBody].
	Rejected(response *http.Response) bool
}

// Renewer is a [Dialect] that can obtain a token with a token.
//
// A token with a refresh token is renewed whether it lives or not, and its
// refresh token is used once: after a renewal whose outcome is not known, the
// client logs in instead. A token without one is renewed only while it lives
// and was not rejected.
type Renewer interface {
	Renew(ctx context.Context, x *TokenClient, token Token) (Token, error)
}

// Revoker is a [Dialect] that can end a token at its server.
type Revoker interface {
	// Revoke ends the token. A token that the server does not know any more
	// is no error.
	Revoke(ctx context.Context, x *TokenClient, token Token) error
}

// Inspector is a [Dialect] that can ask its server about a token.
type Inspector interface {
	// Inspect returns the token as the server describes it. A token that does
	// not live gives an error that wraps [ErrRefused] or [ErrNotFound].
	Inspect(ctx context.Context, x *TokenClient, token Token) (Token, error)
}

// Prober is an [Inspector] whose servers do not all answer a dead token with a
// rejection. After an answer that is MaybeRejected the client asks about its token,
// once a minute at most, and takes one that does not live for rejected.
type Prober interface {
	Inspector
	// MaybeRejected says whether a response that is no rejection may be due to a
	// token that does not live, as 403 may.
	MaybeRejected(response *http.Response) bool
}

// Keyed is a [Dialect] that tells its tokens apart.
type Keyed interface {
	// Key differs between logins whose tokens must not stand in for each other
	// in a shared [Store]: another user, other scopes. It holds no secrets.
	Key() string
}

// Validator is a [Dialect] that checks its own settings. [New] calls it.
type Validator interface {
	Validate() error
}

// ErrorCoder is a [Dialect] whose servers put a code of their own into the body
// of an error.
type ErrorCoder interface {
	// ErrorCode finds the code in a body, or returns "".
	ErrorCode(body []byte) string
}

// Bearer is the part of a [Dialect] whose token travels as "Authorization:
// Bearer" (RFC 6750 section 2.1) and is rejected with 401. A dialect embeds it,
// and replaces Rejected where its servers reject in other ways, too.
type Bearer struct{}

// Authorize implements [Dialect].
func (Bearer) Authorize(header http.Header, token Token) {
	header.Set("Authorization", "Bearer "+token.Access.Reveal())
}

// Rejected implements [Dialect].
func (Bearer) Rejected(response *http.Response) bool {
	return response.StatusCode == http.StatusUnauthorized
}
