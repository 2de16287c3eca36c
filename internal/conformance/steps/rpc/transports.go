package rpc

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/tokens"
)

// registerTransports binds the steps that compare the two transports.
func (r *steps) registerTransports() {
	r.Step(`^the full account logs in over HTTP and over gRPC$`, r.logInOverBoth)
	r.Step(`^a wrong password is sent over HTTP (beside right Basic|in Basic and in the data), and over gRPC$`, r.wrongPasswordOverBoth)
	r.Step(`^RenewSession is called over HTTP and over gRPC with (no token|a garbled token|a closed token)$`, r.renewOverBoth)
	r.Step(`^both answers have the same "([^"]*)"$`, r.sameMember)
	r.Step(`^both answers have a non-empty "([^"]*)"$`, r.bothHaveText)
	r.Step(`^both answers name the same error$`, r.sameMistake)
}

// overBoth does the same call over each transport.
func (r *steps) overBoth(ctx context.Context, c dialect.RPCCall) (err error) {
	if r.overHTTP, err = r.call(ctx, dialect.OverHTTP, c); err != nil {
		return err
	}
	r.overGRPC, err = r.call(ctx, dialect.OverGRPC, c)
	return err
}

func (r *steps) logInOverBoth(ctx context.Context) error {
	if err := r.overBoth(ctx, dialect.LoginCall(dialect.AuthenticateEx, r.Full())); err != nil {
		return err
	}
	for _, answer := range []*exchange.Answer{r.overHTTP, r.overGRPC} {
		if _, err := r.TokenIn(answer); err != nil {
			return err
		}
	}
	return nil
}

func (r *steps) wrongPasswordOverBoth(ctx context.Context, where string) error {
	wrong := dialect.LoginCall(dialect.AuthenticateEx, r.wrongCredentials())
	if where == "beside right Basic" {
		wrong = wrong.WithBasic(r.Full())
	}
	return r.overBoth(ctx, wrong)
}

// renewOverBoth shows first that RenewSession is there on both.
func (r *steps) renewOverBoth(ctx context.Context, noun string) error {
	for _, transport := range []string{dialect.OverHTTP, dialect.OverGRPC} {
		var err error
		if r.token, err = r.obtain(ctx, transport); err != nil {
			return err
		}
		answer, err := r.call(ctx, transport, dialect.RPCCall{Method: dialect.RenewSession, Token: r.token})
		if err != nil {
			return err
		}
		if dialect.Refused(answer) {
			return fmt.Errorf("expected RenewSession over %s to be accepted with a live token, got %s", transport, answer.Brief())
		}
	}
	c := dialect.RPCCall{Method: dialect.RenewSession}
	switch noun {
	case "a garbled token":
		c.Token = &dialect.RPCToken{Name: r.token.Name, Value: r.Forged(tokens.Garble(r.token.Value))}
	case "a closed token":
		c.Token = r.token
		if _, err := r.call(ctx, dialect.OverGRPC, dialect.RPCCall{Method: dialect.AuthService + "CloseSession", Token: r.token}); err != nil {
			return err
		}
	}
	return r.overBoth(ctx, c)
}

func (r *steps) both() ([2]*exchange.Answer, error) {
	if r.overHTTP == nil || r.overGRPC == nil {
		return [2]*exchange.Answer{}, errors.New("nothing was sent over both transports before this step")
	}
	return [2]*exchange.Answer{r.overHTTP, r.overGRPC}, nil
}

// sameMember compares a member; the order of a list does not count.
func (r *steps) sameMember(name string) error {
	answers, err := r.both()
	if err != nil {
		return err
	}
	var shown [2]string
	for i, answer := range answers {
		value, found, err := answer.Member(name)
		if err != nil {
			return err
		}
		if shown[i] = "nothing"; found {
			shown[i] = exchange.Shown(value)
		}
	}
	if shown[0] != shown[1] {
		return fmt.Errorf("expected the same %q over both transports, got %s over HTTP and %s over gRPC", name, shown[0], shown[1])
	}
	return nil
}

func (r *steps) bothHaveText(name string) error {
	answers, err := r.both()
	if err != nil {
		return err
	}
	for _, answer := range answers {
		if _, err := answer.Text(name); err != nil {
			return err
		}
	}
	return nil
}

func (r *steps) sameMistake() error {
	answers, err := r.both()
	if err != nil {
		return err
	}
	one, other := dialect.Mistake(answers[0]), dialect.Mistake(answers[1])
	switch {
	case one == "" || other == "":
		return fmt.Errorf("expected both transports to refuse, got %s over HTTP and %s over gRPC", answers[0].Brief(), answers[1].Brief())
	case one != other && !sameMeaning(one, other):
		return fmt.Errorf("expected both transports to name the same mistake, got %s over HTTP (%s) and %s over gRPC (%s)",
			one, answers[0].Brief(), other, answers[1].Brief())
	}
	return nil
}

// sameMeaning says whether a gRPC code and an error_code are two names of one
// mistake: a web server that checks Basic itself refuses with a status what the
// service refuses with an error_code.
func sameMeaning(one, other string) bool {
	says := map[string][]string{
		"UNAUTHENTICATED":    {"WRONG_CREDENTIALS", "PASSWORD_INVALID"},
		"PERMISSION_DENIED":  {"USER_LOCKED", "IP_BLOCKED"},
		"RESOURCE_EXHAUSTED": {"USER_LOCKED", "IP_BLOCKED"},
	}
	return slices.Contains(says[one], other) || slices.Contains(says[other], one)
}
