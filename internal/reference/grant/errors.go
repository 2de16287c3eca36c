package grant

import (
	"errors"
	"fmt"
)

// The errors that callers branch on. Failures of the store wrap
// [store.ErrUnavailable]; they say nothing about the token.
var (
	// ErrInvalid says that a token is rejected: it is unknown, garbled or
	// revoked. The other errors about tokens wrap it.
	ErrInvalid = errors.New("the token is not valid")
	// ErrExpired says that the token has reached its end.
	ErrExpired = fmt.Errorf("%w: it has expired", ErrInvalid)
	// ErrReplayed says that a refresh token was used again after its
	// successor; the whole session has ended.
	ErrReplayed = fmt.Errorf("%w: it was used before, so its session has ended", ErrInvalid)
	// ErrBearer says that a refresh came without an access token of the same
	// session.
	ErrBearer = fmt.Errorf("%w: a refresh needs an access token of the same session beside it", ErrInvalid)

	// ErrNotFound says that the user has no live grant with this id.
	ErrNotFound = errors.New("no such session or token")
	// ErrWider says that the requested scopes allow more than the issuing token
	// does.
	ErrWider = errors.New("the scopes go beyond those of the issuing token")
)
