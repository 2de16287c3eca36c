package steps

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// rpcWords are the words of the rpc dialect, and what a scenario in it knows.
// "over HTTP" is the {method,data} endpoint, "over gRPC" the service itself;
// an answer from either is the last one, so that the words about answers hold
// for both.
type rpcWords struct {
	*World
	config *manifest.RPC

	token   *rpcToken // "the token"
	other   *rpcToken // "the other token"
	renewed *rpcToken // "the renewed token"

	wrong, unknown     attempts // two kinds of refused logins
	overHTTP, overGRPC *Answer  // answers to the same over each transport

	direct func() (*grpcClient, error) // opens the connection once
	names  sync.Map                    // token value to the name it travels under
}

// The full names of the dialect's methods.
const (
	authService     = "axxonsoft.bl.auth.AuthenticationService."
	authenticateEx  = authService + "AuthenticateEx"
	authenticateEx2 = authService + "AuthenticateEx2"
	renewSession    = authService + "RenewSession"
)

// transports are the words for the two.
const (
	viaHTTP = "HTTP"
	viaGRPC = "gRPC"
)

func registerRPC(w *World, sc *godog.ScenarioContext) speaker {
	r := &rpcWords{World: w, config: w.subject.Manifest.Dialects.RPC}
	r.direct = sync.OnceValues(func() (*grpcClient, error) { return newGRPCClient(w.subject, r.config.GRPC) })
	sc.After(func(ctx context.Context, _ *godog.Scenario, err error) (context.Context, error) {
		return ctx, errors.Join(err, r.hangUp())
	})
	r.step(sc, `^the full account logs in over (HTTP|gRPC)$`, r.logIn)
	r.step(sc, `^a token bought over (HTTP|gRPC)$`, r.tokenBought)
	r.step(sc, `^another token bought over (HTTP|gRPC)$`, r.anotherTokenBought)
	r.step(sc, `^the right password buys a token over (HTTP|gRPC)$`, r.rightPasswordBuys)
	r.step(sc, `^AuthenticateEx2 is called over (HTTP|gRPC) with the full account's password$`, r.logInBySecondName)
	r.step(sc, `^the answer has the members that AuthenticateEx over (HTTP|gRPC) answers with$`, r.hasMembersOfLogin)
	r.step(sc, `^(RenewSession2?|CloseSession|the protected method) is called over (HTTP|gRPC) without a token$`, r.calledWithout)
	r.step(sc, `^(RenewSession2?|CloseSession|the protected method) is called over (HTTP|gRPC) with (.+)$`, r.calledWith)
	r.step(sc, `^the call succeeds$`, r.callSucceeds)
	r.step(sc, `^the call is refused$`, r.callIsRefused)
	r.step(sc, `^the gRPC status is "([A-Z_]+)"$`, r.grpcStatusIs)
	if r.config != nil {
		r.registerForget(sc, r.config.Throttle)
	}
	r.registerMistakes(sc)
	r.registerTokens(sc)
	r.registerTransports(sc)
	return &rpcSpeaker{r}
}

// hangUp closes the connection of direct gRPC, where one was opened.
func (r *rpcWords) hangUp() error {
	if r.config == nil || r.config.GRPC == nil {
		return nil
	}
	client, err := r.direct()
	if err != nil {
		return nil // told by the step that wanted it
	}
	return client.Close()
}

func (r *rpcWords) full() credentials {
	full := r.config.Accounts.Full
	return credentials{full.Login, full.Password}
}

func (r *rpcWords) logIn(ctx context.Context, transport string) error {
	return r.logInBy(ctx, transport, authenticateEx)
}

func (r *rpcWords) logInBySecondName(ctx context.Context, transport string) error {
	return r.logInBy(ctx, transport, authenticateEx2)
}

// logInBy sends the right login; what it buys becomes the token.
func (r *rpcWords) logInBy(ctx context.Context, transport, method string) error {
	full := r.full()
	answer, err := r.patiently(ctx, func() (*Answer, error) {
		return r.call(ctx, transport, rpcCall{method: method, data: loginData(full), basic: &full})
	})
	if err != nil {
		return err
	}
	r.token, _ = r.tokenIn(answer) // what is missing in it, later steps say
	return nil
}

// hasMembersOfLogin compares the names of members with those of another login.
func (r *rpcWords) hasMembersOfLogin(ctx context.Context, transport string) error {
	a, err := r.answer()
	if err != nil {
		return err
	}
	token, err := r.buy(ctx, transport)
	if err != nil {
		return err
	}
	value, err := token.answer.json()
	if err != nil {
		return err
	}
	for name := range value.(map[string]any) { // a token was found in it
		if _, found, err := a.member(name); err != nil || !found {
			return fmt.Errorf("expected the member %q, which AuthenticateEx answers with, got %s", name, a.brief())
		}
	}
	return nil
}

func (r *rpcWords) tokenBought(ctx context.Context, transport string) (err error) {
	r.token, err = r.buy(ctx, transport)
	return err
}

func (r *rpcWords) anotherTokenBought(ctx context.Context, transport string) (err error) {
	r.other, err = r.buy(ctx, transport)
	return err
}

// rightPasswordBuys is a control: it leaves the tokens alone.
func (r *rpcWords) rightPasswordBuys(ctx context.Context, transport string) error {
	_, err := r.buy(ctx, transport)
	return err
}

// buy logs in and takes a refusal for an error. It leaves the last answer
// alone.
func (r *rpcWords) buy(ctx context.Context, transport string) (*rpcToken, error) {
	full := r.full()
	answer, err := r.patiently(ctx, func() (*Answer, error) {
		return r.exchangeCall(ctx, transport, rpcCall{method: authenticateEx, data: loginData(full), basic: &full})
	})
	if err != nil {
		return nil, err
	}
	token, err := r.tokenIn(answer)
	if err != nil {
		return nil, fmt.Errorf("expected the right password to buy a token over %s: %w", transport, err)
	}
	return token, nil
}

func (r *rpcWords) calledWithout(ctx context.Context, method, transport string) error {
	_, err := r.call(ctx, transport, rpcCall{method: r.fullName(method)})
	return err
}

// calledWith calls a method with each token that a noun stands for: one, or
// several wrong ones. The first that is not refused ends it, so that the last
// answer is the one to judge.
func (r *rpcWords) calledWith(ctx context.Context, method, transport, noun string) error {
	tokens, err := r.tokensFor(ctx, noun)
	if err != nil {
		return err
	}
	for _, token := range tokens {
		answer, err := r.call(ctx, transport, rpcCall{method: r.fullName(method), token: token})
		if err != nil {
			return err
		}
		if refusal(answer) {
			continue
		}
		if next, err := r.tokenIn(answer); err == nil {
			r.renewed = next
		}
		return nil
	}
	return nil
}

// fullName is the name that a method has on the wire.
func (r *rpcWords) fullName(method string) string {
	if method == "the protected method" {
		return r.config.Protected
	}
	return authService + method
}

func (r *rpcWords) callSucceeds() error {
	a, err := r.answer()
	if err != nil {
		return err
	}
	if refusal(a) {
		return fmt.Errorf("expected the call to succeed, got %s", a.brief())
	}
	return nil
}

func (r *rpcWords) callIsRefused() error {
	a, err := r.answer()
	if err != nil {
		return err
	}
	if !refusal(a) {
		return fmt.Errorf("expected a refusal by status or by error_code, got %s", a.brief())
	}
	return r.noTokenIsInTheAnswer()
}

// refusal says whether a call of the authentication service was refused, by
// its status or by an error_code other than OK.
func refusal(a *Answer) bool {
	code, given := errorCode(a)
	return !a.success() || given && !isOK(code)
}

// isOK takes the number of OK as well, for RPC-01 alone wants its name.
func isOK(code string) bool { return code == "OK" || code == "AUTHENTICATE_CODE_OK" || code == "0" }

// errorCode is the error_code in an answer, and whether there is one.
func errorCode(a *Answer) (string, bool) {
	value, found, err := a.member("error_code")
	if err != nil || !found || value == nil {
		return "", false
	}
	return fmt.Sprint(value), true
}

func (r *rpcWords) grpcStatusIs(name string) error {
	a, err := r.answer()
	if err != nil {
		return err
	}
	if got := a.Header.Get(grpcStatusHeader); got != name {
		return fmt.Errorf("expected the gRPC status %s, got %s with %s", name, got, a.Body)
	}
	return nil
}
