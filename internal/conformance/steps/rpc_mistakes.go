package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/cucumber/godog"
)

// registerMistakes binds the words about wrong logins and wrong requests.
func (r *rpcWords) registerMistakes(sc *godog.ScenarioContext) {
	r.step(sc, `^the full account's AuthenticateEx is sent over HTTP without authorization$`, r.sentWithoutAuthorization)
	r.step(sc, `^the same AuthenticateEx with Basic buys a token$`, func(ctx context.Context) error { return r.rightPasswordBuys(ctx, viaHTTP) })
	r.step(sc, `^the full account logs in over (HTTP|gRPC) (with right Basic and a wrong password in the data|with a wrong password in Basic and in the data|with a wrong password)$`, r.wrongPassword)
	for what := range bends {
		r.step(sc, `^the full account logs in over (HTTP|gRPC) with `+what+`$`, func(ctx context.Context, transport string) error {
			return r.nearlyRight(ctx, transport, what)
		})
	}
	r.step(sc, `^AuthenticateEx2 is called over (HTTP|gRPC) with a wrong password$`, r.wrongPasswordBySecondName)
	r.step(sc, `^an unknown account logs in over (HTTP|gRPC)( beside right Basic)?$`, r.unknownAccount)
	r.step(sc, `^the login says no OK$`, r.loginSaysNoOK)
	r.step(sc, `^wrong passwords and unknown users are sent over (HTTP|gRPC)( beside right Basic| in Basic and in the data)?$`, r.eachKindTwice)
	r.step(sc, `^the two kinds of answer look alike$`, r.kindsLookAlike)
	r.step(sc, `^the full account sends (.+) over HTTP$`, r.sendsBody)
	r.step(sc, `^it is refused with a 4xx or 501$`, r.isRefusedWith4xxOr501)
}

func (r *rpcWords) sentWithoutAuthorization(ctx context.Context) error {
	_, err := r.call(ctx, viaHTTP, rpcCall{method: authenticateEx, data: loginData(r.full())})
	return err
}

func (r *rpcWords) wrongPassword(ctx context.Context, transport, where string) error {
	wrong := credentials{r.full().login, madeUpPassword()}
	basic := wrong
	if where == "with right Basic and a wrong password in the data" {
		basic = r.full()
	}
	return r.tryLogin(ctx, transport, rpcCall{method: authenticateEx, data: loginData(wrong), basic: &basic})
}

// nearlyRight sends a password that is nearly right, over HTTP in Basic too.
func (r *rpcWords) nearlyRight(ctx context.Context, transport, what string) error {
	wrong := credentials{r.full().login, bends[what](r.full().password)}
	return r.tryLogin(ctx, transport, rpcCall{method: authenticateEx, data: loginData(wrong), basic: &wrong})
}

// tryLogin sends a login that is to be refused, but not by a throttle.
func (r *rpcWords) tryLogin(ctx context.Context, transport string, c rpcCall) error {
	_, err := r.patiently(ctx, func() (*Answer, error) { return r.call(ctx, transport, c) })
	return err
}

// wrongPasswordBySecondName sends right Basic credentials over HTTP, so that
// it is the method which has to refuse.
func (r *rpcWords) wrongPasswordBySecondName(ctx context.Context, transport string) error {
	full := r.full()
	wrong := credentials{full.login, madeUpPassword()}
	return r.tryLogin(ctx, transport, rpcCall{method: authenticateEx2, data: loginData(wrong), basic: &full})
}

func (r *rpcWords) unknownAccount(ctx context.Context, transport, _ string) error {
	full := r.full()
	unknown := credentials{unknownLike(full.login), madeUpPassword()}
	return r.tryLogin(ctx, transport, rpcCall{method: authenticateEx, data: loginData(unknown), basic: &full})
}

func (r *rpcWords) loginSaysNoOK() error {
	a, err := r.answer()
	if err != nil {
		return err
	}
	if !refusal(a) {
		return fmt.Errorf("expected a refusal by status, or an error_code other than AUTHENTICATE_CODE_OK, got %s", a.brief())
	}
	return nil
}

// eachKindTwice sends logins of both kinds in turn, each twice, so that what
// changes from one to the next of the same kind is known to be volatile.
func (r *rpcWords) eachKindTwice(ctx context.Context, transport, where string) error {
	full, password := r.full(), madeUpPassword()
	r.wrong = attempts{kind: "a wrong password", login: full.login}
	r.unknown = attempts{kind: "an unknown user", login: unknownLike(full.login)}
	for i := range 2 {
		for _, kind := range []*attempts{&r.wrong, &r.unknown} {
			sent := credentials{kind.login, password}
			basic := sent
			if where == " beside right Basic" {
				basic = full
			}
			answer, err := r.patiently(ctx, func() (*Answer, error) {
				return r.call(ctx, transport, rpcCall{method: authenticateEx, data: loginData(sent), basic: &basic})
			})
			if err != nil {
				return err
			}
			kind.answers[i] = answer
		}
	}
	return nil
}

func (r *rpcWords) kindsLookAlike() error {
	if r.wrong.answers[0] == nil {
		return errors.New("no logins were sent before this step")
	}
	return lookAlike(r.wrong, r.unknown)
}

// sendsBody posts a text as it stands, with the right Basic credentials.
func (r *rpcWords) sendsBody(ctx context.Context, body string) error {
	wrong := request("POST", r.config.HTTP.Path, "Authorization", r.basic(r.full())).withBody("application/json", body)
	_, err := r.send(ctx, wrong)
	return err
}

func (r *rpcWords) isRefusedWith4xxOr501() error {
	a, err := r.answer()
	if err != nil {
		return err
	}
	if a.Status != 501 {
		return r.itIsRefusedWith4xx()
	}
	return nil
}
