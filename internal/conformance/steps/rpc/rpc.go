// Package rpc holds the steps of the rpc dialect.
package rpc

import (
	"context"
	"fmt"
	"strings"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
)

// steps are the dialect's own steps, and what a scenario knows. "over HTTP" is
// the {method,data} endpoint, "over gRPC" the service itself; an answer from
// either is the last one, so that the steps about answers hold for both.
type steps struct {
	*shared.World
	*dialect.RPC
	declared *manifest.RPC

	token   *dialect.RPCToken // "the token"
	other   *dialect.RPCToken // "the other token"
	renewed *dialect.RPCToken // "the renewed token"

	second secondFactor

	overHTTP, overGRPC *exchange.Answer // answers to the same over each transport
}

// Register binds the steps for one scenario. The client is closed at its end.
func Register(w *shared.World, client *dialect.RPC) {
	r := &steps{World: w, RPC: client, declared: w.Subject.Manifest.Dialects.RPC}
	w.AtEnd(client.Close)
	r.Step(`^the full account logs in over (HTTP|gRPC)$`, r.logIn)
	r.Step(`^a token obtained over (HTTP|gRPC)$`, r.tokenObtained)
	r.Step(`^another token obtained over (HTTP|gRPC)$`, r.anotherTokenObtained)
	r.Step(`^the right password obtains a token over (HTTP|gRPC)$`, r.rightPasswordObtains)
	r.Step(`^(AuthenticateEx2|Authenticate2?) is called over (HTTP|gRPC|REST) with the full account's password$`, r.logInByName)
	r.Step(`^the answer has the members that AuthenticateEx over (HTTP|gRPC) answers with$`, r.hasMembersOfLogin)
	r.Step(`^it says of the account what AuthenticateEx over (HTTP|gRPC) says$`, r.saysTheSame)
	r.Step(`^(RenewSession2?|CloseSession|the protected method) is called over (HTTP|gRPC|REST) without a token$`, r.calledWithout)
	r.Step(`^(RenewSession2?|CloseSession|the protected method) is called over (HTTP|gRPC|REST) with (.+)$`, r.calledWith)
	r.Step(`^the call succeeds$`, r.callSucceeds)
	r.Step(`^the call is refused$`, r.callIsRefused)
	r.Step(`^the gRPC status is "([A-Z_]+)"$`, r.grpcStatusIs)
	r.registerAuthorization()
	r.registerMistakes()
	r.registerTokens()
	r.registerTransports()
	r.registerSessionInfo()
	r.registerSecondFactor()
	r.registerSupervisor()
}

// call does one call and makes its answer the last one.
func (r *steps) call(ctx context.Context, transport string, c dialect.RPCCall) (*exchange.Answer, error) {
	answer, err := r.Call(ctx, transport, c)
	if err != nil {
		return nil, err
	}
	return answer, r.Keep(answer)
}

func (r *steps) logIn(ctx context.Context, transport string) error {
	return r.logInBy(ctx, transport, dialect.AuthenticateEx)
}

func (r *steps) logInByName(ctx context.Context, method, transport string) error {
	return r.logInBy(ctx, transport, dialect.AuthService+method)
}

// logInBy sends the right login; what it obtains becomes the token.
func (r *steps) logInBy(ctx context.Context, transport, method string) error {
	full := r.Full()
	answer, err := r.TryLogin(ctx, func() (*exchange.Answer, error) {
		return r.call(ctx, transport, dialect.LoginCall(method, full))
	})
	if err != nil {
		return err
	}
	r.token, _ = r.TokenIn(answer) // what is missing in it, later steps say
	return nil
}

// besideLogin is the last answer, and another login to compare it with.
func (r *steps) besideLogin(ctx context.Context, transport string) (*exchange.Answer, *dialect.RPCToken, error) {
	a, err := r.Answer()
	if err != nil {
		return nil, nil, err
	}
	token, err := r.obtain(ctx, transport)
	return a, token, err
}

// hasMembersOfLogin compares the names of members with those of another login.
func (r *steps) hasMembersOfLogin(ctx context.Context, transport string) error {
	a, token, err := r.besideLogin(ctx, transport)
	if err != nil {
		return err
	}
	value, err := token.Answer.JSON()
	if err != nil {
		return err
	}
	for name := range exchange.ByName(value.(map[string]any)) { // a token was found in it
		if _, found, err := a.Member(name); err != nil || !found {
			return fmt.Errorf("expected the member %q, which AuthenticateEx answers with, got %s", name, a.Brief())
		}
	}
	return nil
}

// saysTheSame compares what does not change from one login to the next.
func (r *steps) saysTheSame(ctx context.Context, transport string) error {
	a, token, err := r.besideLogin(ctx, transport)
	if err != nil {
		return err
	}
	for _, name := range []string{"token_name", "user_id", "roles_ids", "is_unrestricted"} {
		want, _, err := token.Answer.Member(name)
		if err != nil {
			return err
		}
		got, _, err := a.Member(name)
		if err != nil {
			return err
		}
		if exchange.Canonical(got) != exchange.Canonical(want) {
			return fmt.Errorf("expected the member %q to be %s, as AuthenticateEx answers, got %s", name, exchange.Shown(want), exchange.Shown(got))
		}
	}
	return nil
}

func (r *steps) tokenObtained(ctx context.Context, transport string) (err error) {
	r.token, err = r.obtain(ctx, transport)
	r.renewed = nil // it is another token's
	return err
}

func (r *steps) anotherTokenObtained(ctx context.Context, transport string) (err error) {
	r.other, err = r.obtain(ctx, transport)
	return err
}

// rightPasswordObtains is a control: it leaves the tokens alone.
func (r *steps) rightPasswordObtains(ctx context.Context, transport string) error {
	return r.AfterWrongPasswords(func() (*exchange.Answer, error) {
		answer, _, err := r.answered(ctx, transport)
		return answer, err
	})
}

// obtain logs in and takes a refusal for an error. It leaves the last answer
// alone.
func (r *steps) obtain(ctx context.Context, transport string) (*dialect.RPCToken, error) {
	_, token, err := r.answered(ctx, transport)
	return token, err
}

func (r *steps) answered(ctx context.Context, transport string) (*exchange.Answer, *dialect.RPCToken, error) {
	full := r.Full()
	answer, err := r.TryLogin(ctx, func() (*exchange.Answer, error) {
		return r.Call(ctx, transport, dialect.LoginCall(dialect.AuthenticateEx, full))
	})
	if err != nil {
		return nil, nil, err
	}
	token, err := r.TokenIn(answer)
	if err != nil {
		return answer, nil, fmt.Errorf("expected the right password to obtain a token over %s: %w", transport, err)
	}
	return answer, token, nil
}

func (r *steps) calledWithout(ctx context.Context, method, transport string) error {
	_, err := r.call(ctx, transport, dialect.RPCCall{Method: r.fullName(method)})
	return err
}

// calledWith calls a method with each token that a noun stands for: one, or
// several wrong ones. The first that is not refused ends it, so that the last
// answer is the one to judge.
func (r *steps) calledWith(ctx context.Context, method, transport, noun string) error {
	if strings.HasSuffix(noun, " in Basic") {
		return r.calledWithBasic(ctx, method, noun)
	}
	tokens, err := r.tokensFor(ctx, noun)
	if err != nil {
		return err
	}
	for _, token := range tokens {
		answer, err := r.call(ctx, transport, dialect.RPCCall{Method: r.fullName(method), Token: token})
		if err != nil {
			return err
		}
		if dialect.Refused(answer) {
			continue
		}
		if next, err := r.TokenIn(answer); err == nil {
			r.renewed = next
		}
		return nil
	}
	return nil
}

// fullName is the name that a method has on the wire.
func (r *steps) fullName(method string) string {
	if method == "the protected method" {
		return r.declared.Protected
	}
	return dialect.AuthService + method
}

func (r *steps) callSucceeds() error {
	a, err := r.Answer()
	if err != nil {
		return err
	}
	if dialect.Refused(a) {
		return fmt.Errorf("expected the call to succeed, got %s", a.Brief())
	}
	return nil
}

func (r *steps) callIsRefused() error {
	a, err := r.Answer()
	if err != nil {
		return err
	}
	if !dialect.Refused(a) {
		return fmt.Errorf("expected a refusal by status or by error_code, got %s", a.Brief())
	}
	return r.NoTokenIsInTheAnswer()
}

func (r *steps) grpcStatusIs(name string) error {
	a, err := r.Answer()
	if err != nil {
		return err
	}
	if got := a.Header.Get(exchange.StatusHeader); got != name {
		return fmt.Errorf("expected the gRPC status %s, got %s with %s", name, got, exchange.Shown(a.Body))
	}
	return nil
}
