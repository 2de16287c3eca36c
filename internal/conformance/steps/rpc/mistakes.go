package rpc

import (
	"context"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
)

// registerMistakes binds the steps about wrong logins and wrong requests.
func (r *steps) registerMistakes() {
	r.Step(`^the full account logs in over (HTTP|gRPC) (with right Basic and a wrong password in the data|with a wrong password in Basic and in the data|with a wrong password)$`, r.wrongPassword)
	for what, change := range shared.NearlyRight() {
		r.Step(`^the full account logs in over (HTTP|gRPC) with `+what+`$`, func(ctx context.Context, transport string) error {
			return r.nearlyRight(ctx, transport, change)
		})
	}
	r.Step(`^(AuthenticateEx2|Authenticate2?) is called over (HTTP|gRPC|REST) with a wrong password$`, r.wrongPasswordByName)
	r.Step(`^an unknown account logs in over (HTTP|gRPC)( beside right Basic)?$`, r.unknownAccount)
	r.Step(`^the login is refused$`, r.loginSaysNoOK)
	r.Step(`^wrong passwords and unknown users are sent over (HTTP|gRPC)( beside right Basic| in Basic and in the data)?$`, r.eachKindTwice)
	r.Step(`^the full account sends (.+) over HTTP$`, r.sendsBody)
	r.Step(`^the full account sends (.+) to the login over REST$`, r.sendsBodyOverREST)
	r.Step(`^it is refused with a 4xx or 501$`, r.isRefusedWith4xxOr501)
}

// wrongPassword is wrong in Basic too, unless that is to be right.
func (r *steps) wrongPassword(ctx context.Context, transport, where string) error {
	wrong := dialect.LoginCall(dialect.AuthenticateEx, r.wrongCredentials())
	if where == "with right Basic and a wrong password in the data" {
		wrong = wrong.WithBasic(r.Full())
	}
	return r.tryLogin(ctx, transport, wrong)
}

// wrongCredentials are those of the full account with a made-up password.
func (r *steps) wrongCredentials() dialect.Credentials {
	return dialect.Credentials{Login: r.Full().Login, Password: shared.MadeUpPassword()}
}

// nearlyRight sends a password that is made of the right one. Over HTTP, Basic is
// right: a gateway that refuses it would hide how the login itself compares.
func (r *steps) nearlyRight(ctx context.Context, transport string, change func(string) string) error {
	return r.tryLogin(ctx, transport, dialect.LoginCall(dialect.AuthenticateEx, r.NearlyRight(change)).WithBasic(r.Full()))
}

// tryLogin sends a login that is to be refused, but not by a throttle.
func (r *steps) tryLogin(ctx context.Context, transport string, c dialect.RPCCall) error {
	_, err := r.TryLogin(ctx, func() (*exchange.Answer, error) { return r.call(ctx, transport, c) })
	return err
}

// wrongPasswordByName sends right Basic credentials over HTTP, so that it is the
// method which has to refuse.
func (r *steps) wrongPasswordByName(ctx context.Context, method, transport string) error {
	return r.tryLogin(ctx, transport, dialect.LoginCall(dialect.AuthService+method, r.wrongCredentials()).WithBasic(r.Full()))
}

func (r *steps) unknownAccount(ctx context.Context, transport, _ string) error {
	unknown := dialect.Credentials{Login: shared.UnknownLike(r.Full().Login), Password: shared.MadeUpPassword()}
	return r.tryLogin(ctx, transport, dialect.LoginCall(dialect.AuthenticateEx, unknown).WithBasic(r.Full()))
}

func (r *steps) loginSaysNoOK() error {
	a, err := r.Answer()
	if err != nil {
		return err
	}
	if !dialect.Refused(a) {
		return fmt.Errorf("expected a refusal by status, or an error_code other than AUTHENTICATE_CODE_OK, got %s", a.Brief())
	}
	return nil
}

func (r *steps) eachKindTwice(ctx context.Context, transport, where string) error {
	return r.Refusals.Collect(r.Full().Login, func(who dialect.Credentials) (*exchange.Answer, error) {
		login := dialect.LoginCall(dialect.AuthenticateEx, who)
		if where == " beside right Basic" {
			login = login.WithBasic(r.Full())
		}
		return r.TryLogin(ctx, func() (*exchange.Answer, error) { return r.call(ctx, transport, login) })
	})
}

// sendsBody posts a text as it stands, with the right Basic credentials.
func (r *steps) sendsBody(ctx context.Context, body string) error {
	wrong := exchange.NewRequest("POST", r.declared.HTTP.Path, "Authorization", r.Basic(r.Full())).WithBody("application/json", body)
	_, err := r.Send(ctx, wrong)
	return err
}

// sendsBodyOverREST posts a text to the login, which is anonymous.
func (r *steps) sendsBodyOverREST(ctx context.Context, body string) error {
	wrong, err := r.OverREST(dialect.LoginCall(dialect.AuthenticateEx2, r.Full()))
	if err != nil {
		return err
	}
	_, err = r.Send(ctx, wrong.WithBody("application/json", body))
	return err
}

func (r *steps) isRefusedWith4xxOr501() error {
	a, err := r.Answer()
	if err != nil {
		return err
	}
	if a.Status != 501 {
		return r.ItIsRefusedWith4xx()
	}
	return nil
}
