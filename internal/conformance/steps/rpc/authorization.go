package rpc

import (
	"context"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
)

// registerAuthorization binds the steps about what calls over HTTP are authorized
// by: a login needs Basic beside its data, and other calls a Bearer.
func (r *steps) registerAuthorization() {
	const wrong = `(no authorization|.+ in Basic|a Bearer that was never issued)`
	r.Step(`^the full account's AuthenticateEx is sent over HTTP without authorization$`, func(ctx context.Context) error {
		return r.rightDataWith(ctx, "AuthenticateEx", "no authorization")
	})
	r.Step(`^the full account's AuthenticateEx is sent over HTTP with `+wrong+`$`, func(ctx context.Context, authorization string) error {
		return r.rightDataWith(ctx, "AuthenticateEx", authorization)
	})
	r.Step(`^(AuthenticateEx2|Authenticate2?) is called over HTTP with the right data and `+wrong+`$`, r.rightDataWith)
	r.Step(`^the same AuthenticateEx with Basic obtains a token$`, func(ctx context.Context) error { return r.rightPasswordObtains(ctx, dialect.OverHTTP) })
}

// rightDataWith sends a login whose data are right, and whose authorization is not.
func (r *steps) rightDataWith(ctx context.Context, method, authorization string) error {
	login := dialect.LoginCall(dialect.AuthService+method, r.Full())
	login.Basic = nil
	switch authorization {
	case "no authorization":
	case "a Bearer that was never issued":
		login.Token = &dialect.RPCToken{Value: shared.RandomHex(24)}
	default:
		who, err := r.wrongBasic(authorization)
		if err != nil {
			return err
		}
		login = login.WithBasic(who)
	}
	return r.tryLogin(ctx, dialect.OverHTTP, login)
}

// wrongBasic are the credentials that a text of the features names.
func (r *steps) wrongBasic(named string) (dialect.Credentials, error) {
	switch named {
	case "an empty password in Basic":
		return dialect.Credentials{Login: r.Full().Login}, nil
	case "a wrong password in Basic":
		return r.wrongCredentials(), nil
	case "an unknown user in Basic":
		return dialect.Credentials{Login: shared.UnknownLike(r.Full().Login), Password: shared.MadeUpPassword()}, nil
	}
	return dialect.Credentials{}, fmt.Errorf("no credentials are called %q", named)
}

// calledWithBasic calls a method with wrong Basic credentials in place of a token.
func (r *steps) calledWithBasic(ctx context.Context, method, named string) error {
	who, err := r.wrongBasic(named)
	if err != nil {
		return err
	}
	_, err = r.TryLogin(ctx, func() (*exchange.Answer, error) {
		return r.call(ctx, dialect.OverHTTP, dialect.RPCCall{Method: r.fullName(method), Basic: &who})
	})
	return err
}
