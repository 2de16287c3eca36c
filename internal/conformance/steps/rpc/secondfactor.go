package rpc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/tokens"
)

// secondFactor is a login that waits for a code.
type secondFactor struct {
	who     dialect.Credentials
	session string           // its id
	answer  *exchange.Answer // that gave it
	code    string           // the right one that was sent last

	refusals []*exchange.Answer // of the codes that were sent for it
}

// registerSecondFactor binds the steps of RPC-29 and RPC-30.
func (r *steps) registerSecondFactor() {
	r.Step(`^the account with a second factor logs in over (HTTP|gRPC)$`, r.beginsSecondFactor)
	r.Step(`^the authenticator shows a new code$`, r.newCode)
	r.Step(`^the right verification code is sent over (HTTP|gRPC)$`, r.sendsRightCode)
	r.Step(`^the right verification code is sent over (HTTP|gRPC) for an unknown login$`, r.sendsRightCodeElsewhere)
	r.Step(`^the right verification code obtains a token over (HTTP|gRPC)$`, r.rightCodeObtains)
	r.Step(`^the used verification code is sent over (HTTP|gRPC)$`, func(ctx context.Context, transport string) error {
		return r.sendsCode(ctx, transport, r.second.code)
	})
	r.Step(`^a wrong verification code is sent over (HTTP|gRPC)$`, func(ctx context.Context, transport string) error {
		return r.sendsWrongCodes(ctx, 1, transport)
	})
	r.Step(`^(\d+) wrong verification codes are sent over (HTTP|gRPC)$`, r.sendsWrongCodes)
	r.Step(`^one of the refusals is "([A-Z_]+)", or a throttle's$`, r.oneRefusalIs)
	r.Step(`^it is past "auth_second_factor_info.session_expires_at"$`, r.pastTheWait)
}

// guarded are the credentials of the account with a second factor.
func (r *steps) guarded() dialect.Credentials {
	return dialect.Credentials{Login: r.declared.SecondFactor.Login, Password: r.declared.SecondFactor.Password}
}

// beginsSecondFactor sends the password, and keeps the id of the login that waits.
func (r *steps) beginsSecondFactor(ctx context.Context, transport string) error {
	return r.beginsLogin(ctx, transport, r.guarded())
}

// beginsLogin sends the password of an account that needs more.
func (r *steps) beginsLogin(ctx context.Context, transport string, who dialect.Credentials) error {
	answer, err := r.TryLogin(ctx, func() (*exchange.Answer, error) {
		return r.call(ctx, transport, dialect.LoginCall(dialect.AuthenticateEx, who))
	})
	if err != nil {
		return err
	}
	r.second = secondFactor{who: who, answer: answer, code: r.second.code}
	r.second.session, _ = answer.Text("auth_second_factor_info.session_id") // later steps want it
	return nil
}

// step is for how long an authenticator shows a code.
const step = 30 * time.Second

// newCode lets the time of the codes pass that earlier scenarios have used: each is
// good once.
func (r *steps) newCode(ctx context.Context) error {
	if err := r.Wait(ctx, step+time.Second); err != nil {
		return fmt.Errorf("wait for a new code: %w", err)
	}
	return nil
}

func (r *steps) sendsRightCode(ctx context.Context, transport string) error {
	if err := r.Subject.KnowsTime(); err != nil {
		return err
	}
	code, err := totp.GenerateCode(r.declared.SecondFactor.Secret, r.Subject.Clock.Now())
	if err != nil {
		return fmt.Errorf("make a code of dialects.rpc.second_factor.secret: %w", err)
	}
	r.second.code = code
	return r.sendsCode(ctx, transport, code)
}

// sendsRightCodeElsewhere sends the code with an id that looks like that of the login,
// and is another one whatever alphabet ids have.
func (r *steps) sendsRightCodeElsewhere(ctx context.Context, transport string) error {
	own := r.second.session
	defer func() { r.second.session = own }()
	r.second.session = tokens.Garble(own)
	return r.sendsRightCode(ctx, transport)
}

func (r *steps) sendsCode(ctx context.Context, transport, code string) error {
	if r.second.session == "" {
		return errors.New("no login waits for a code")
	}
	who := r.second.who
	answer, err := r.call(ctx, transport, dialect.RPCCall{
		Method: dialect.BySecondFactor, Basic: &who,
		Data: map[string]string{"session_id": r.second.session, "verification_code": code},
	})
	if err != nil {
		return err
	}
	r.second.refusals = append(r.second.refusals, answer)
	r.token, _ = r.TokenIn(answer) // what is missing in it, later steps say
	return nil
}

// oneRefusalIs allows for a throttle that counts wrong codes as wrong passwords, and for
// a server that forgets a login at its limit, so that the next code is for no login.
func (r *steps) oneRefusalIs(code string) error {
	for _, a := range r.second.refusals {
		if got, _ := a.ErrorCode(); got == code || a.Status == http.StatusTooManyRequests || r.Locked(a) {
			return nil
		}
	}
	a, err := r.Answer()
	if err != nil {
		return err
	}
	return fmt.Errorf("expected one of %d codes to be refused with %s, or by a throttle, got at last %s", len(r.second.refusals), code, a.Brief())
}

func (r *steps) rightCodeObtains(ctx context.Context, transport string) error {
	if err := r.sendsRightCode(ctx, transport); err != nil {
		return err
	}
	if r.token == nil {
		return fmt.Errorf("expected the right verification code to obtain a token, got %s", r.Last.Brief())
	}
	return nil
}

// sendsWrongCodes sends codes that the authenticator does not show by now.
func (r *steps) sendsWrongCodes(ctx context.Context, count int, transport string) error {
	right := map[string]bool{}
	for around := -3; around <= 3; around++ {
		code, err := totp.GenerateCode(r.declared.SecondFactor.Secret, r.Subject.Clock.Now().Add(time.Duration(around)*step))
		if err != nil {
			return fmt.Errorf("make a code of dialects.rpc.second_factor.secret: %w", err)
		}
		right[code] = true
	}
	for number := 0; count > 0; number++ {
		code := fmt.Sprintf("%06d", 271828+number)
		if right[code] {
			continue
		}
		if err := r.sendsCode(ctx, transport, code); err != nil {
			return err
		}
		count--
	}
	return nil
}

// pastTheWait moves the time past what the login said about itself.
func (r *steps) pastTheWait(ctx context.Context) error {
	if err := r.Subject.KnowsTime(); err != nil {
		return err
	}
	text, err := r.second.answer.Text("auth_second_factor_info.session_expires_at")
	if err != nil {
		return err
	}
	end, err := compactTime("session_expires_at", text)
	if err != nil {
		return err
	}
	return r.Advance(ctx, end.Sub(r.Subject.Clock.Now())+2*time.Second)
}
