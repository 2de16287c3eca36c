package rpc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/sdk"
)

// ErrSecondFactor is the error of a login whose password is right, and whose
// server wants a second factor. [errors.As] finds a [*SecondFactorError], which carries the challenge.
var ErrSecondFactor = errors.New("a second factor is needed; use rpc.WithSecondFactor")

// Challenge is what the server says about the second factor that it wants.
type Challenge struct {
	// Session names the login that is to be gone on with.
	Session sdk.Secret
	// Kind is the kind of factor: "GOOGLE_AUTHENTICATOR", "SUPERVISOR", or what
	// the server calls it.
	Kind string
	// Expires is when the challenge ends, by the client's clock; zero: not known.
	Expires time.Time
}

// SecondFactorError is a login that stopped at the second factor. It wraps
// [ErrSecondFactor] and [sdk.ErrRefused].
type SecondFactorError struct{ Challenge Challenge }

// Error implements error.
func (e *SecondFactorError) Error() string { return ErrSecondFactor.Error() }

// Unwrap gives its causes to [errors.Is].
func (e *SecondFactorError) Unwrap() []error { return []error{ErrSecondFactor, sdk.ErrRefused} }

// WithSecondFactor goes on with a login that needs a second factor: ask returns
// the verification code, from a generator or a person. It may take as long as
// [sdk.WithLoginTimeout] less what the login has taken, and should end with ctx.
func WithSecondFactor(ask func(ctx context.Context, challenge Challenge) (code string, err error)) Option {
	return func(s *settings) { s.factor = ask }
}

// aboutSecondFactor says whether a code of a login is of the second factor, and so
// says nothing against the password.
func aboutSecondFactor(code wire.RPCCode) bool {
	switch code {
	case wire.RPCCodeSecondFactor, "AUTHENTICATE_CODE_WRONG_SUPERVISOR_ROLE":
		return true
	}
	return strings.HasPrefix(string(code), "AUTHENTICATE_CODE_TFA_")
}

// bySecondFactor goes on with a login.
func (d *password) bySecondFactor(ctx context.Context, x *sdk.TokenClient, secret sdk.Secret, a answer) (sdk.Token, error) {
	challenge := Challenge{Session: sdk.NewSecret(a.SecondFactor.SessionID), Kind: string(a.SecondFactor.Type)}
	if end, err := wire.ParseCompactTime(a.SecondFactor.SessionExpiresAt); err == nil {
		challenge.Expires = a.local(end)
	}
	if d.settings.factor == nil || challenge.Session.IsZero() {
		return sdk.Token{}, &sdk.Error{Op: a.op, Dialect: wire.RPC, Code: shownCode(a.ErrorCode), Err: &SecondFactorError{challenge}}
	}
	code, err := d.settings.factor(ctx, challenge)
	if err == nil && code == "" {
		err = fmt.Errorf("it is empty: %w", sdk.ErrConfig)
	}
	if err != nil {
		return sdk.Token{}, &sdk.Error{Op: "ask for the second factor", Dialect: wire.RPC, Temporary: true, Err: err}
	}
	next, err := d.ask(ctx, x, secret, wire.RPCBySecondFactor, wire.RPCSecondFactorAnswer{SessionID: challenge.Session.Reveal(), VerificationCode: code})
	if err != nil {
		return sdk.Token{}, err
	}
	return next.token()
}
