package rpc

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// registerSupervisor binds the steps about logins that a supervisor approves.
func (r *steps) registerSupervisor() {
	r.Step(`^the supervised account logs in over (HTTP|gRPC)$`, func(ctx context.Context, transport string) error {
		supervised := r.declared.Supervised
		return r.beginsLogin(ctx, transport, dialect.Credentials{Login: supervised.Login, Password: supervised.Password})
	})
	r.Step(`^the supervisor (approves|declines) the login over (HTTP|gRPC)$`, r.supervisorDecides)
	r.Step(`^the limited account approves the login over (HTTP|gRPC)$`, func(ctx context.Context, transport string) error {
		limited := r.declared.Accounts.Limited
		return r.decides(ctx, transport, dialect.Approve, dialect.Credentials{Login: limited.Login, Password: limited.Password})
	})
	r.Step(`^somebody without a token approves the login over (HTTP|gRPC)$`, func(ctx context.Context, transport string) error {
		return r.decidesWith(ctx, transport, dialect.Approve, nil)
	})
	r.Step(`^no code is in the answer$`, r.noCode)
	r.Step(`^a made-up code is sent over (HTTP|gRPC)$`, func(ctx context.Context, transport string) error {
		return r.sendsCode(ctx, transport, "271828")
	})
	r.Step(`^the code of the approval is sent over (HTTP|gRPC)$`, r.sendsApproved)
	r.Step(`^the code of the approval obtains a token over (HTTP|gRPC)$`, func(ctx context.Context, transport string) error {
		if err := r.sendsApproved(ctx, transport); err != nil {
			return err
		}
		if r.token == nil {
			return fmt.Errorf("expected the code of the approval to obtain a token, got %s", r.Last.Brief())
		}
		return nil
	})
}

func (r *steps) supervisorDecides(ctx context.Context, verb, transport string) error {
	method, who := dialect.Approve, r.Full()
	if verb == "declines" {
		method = dialect.Decline
	}
	if supervisor := r.declared.Supervised.Supervisor; supervisor != nil {
		who = dialect.Credentials{Login: supervisor.Login, Password: supervisor.Password}
	}
	return r.decides(ctx, transport, method, who)
}

// decides logs an account in and calls a method about the login that waits.
func (r *steps) decides(ctx context.Context, transport, method string, who dialect.Credentials) error {
	answer, err := r.TryLogin(ctx, func() (*exchange.Answer, error) {
		return r.Call(ctx, transport, dialect.LoginCall(dialect.AuthenticateEx, who))
	})
	if err != nil {
		return err
	}
	token, err := r.TokenIn(answer)
	if err != nil {
		return fmt.Errorf("log in who is to decide: %w", err)
	}
	return r.decidesWith(ctx, transport, method, token)
}

// decidesWith keeps the code that an approval answers.
func (r *steps) decidesWith(ctx context.Context, transport, method string, token *dialect.RPCToken) error {
	if r.second.session == "" {
		return errors.New("no login waits for a supervisor")
	}
	answer, err := r.call(ctx, transport, dialect.RPCCall{
		Method: method, Token: token, Data: map[string]string{"session_id": r.second.session},
	})
	if err != nil {
		return err
	}
	r.second.code, _ = answer.Text("verification_code") // what is missing in it, later steps say
	return nil
}

func (r *steps) noCode() error {
	a, err := r.Answer()
	if err != nil {
		return err
	}
	if _, err := a.Text("verification_code"); err == nil {
		return fmt.Errorf("expected no verification_code, got %s", a.Brief())
	}
	return nil
}

func (r *steps) sendsApproved(ctx context.Context, transport string) error {
	if r.second.code == "" {
		return errors.New("no approval has answered a code")
	}
	return r.sendsCode(ctx, transport, r.second.code)
}
