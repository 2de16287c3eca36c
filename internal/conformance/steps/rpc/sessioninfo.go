package rpc

import (
	"context"
	"fmt"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// registerSessionInfo binds the steps about GetSessionInfo.
func (r *steps) registerSessionInfo() {
	r.Step(`^GetSessionInfo is called over (HTTP|gRPC) about the token(, with the other token)?$`, r.asksAboutToken)
	r.Step(`^it names the full account's login$`, func() error { return r.MemberIsText("login", r.Full().Login) })
	r.Step(`^it names the end of the token$`, r.namesEnd)
}

func (r *steps) asksAboutToken(ctx context.Context, transport, withOther string) error {
	bearer := r.token
	if withOther != "" {
		bearer = r.other
	}
	_, err := r.call(ctx, transport, dialect.RPCCall{
		Method: dialect.GetSessionInfo, Data: map[string]string{"session_token": r.token.Value}, Token: bearer,
	})
	return err
}

// namesEnd compares with expires_at of the login, to the second.
func (r *steps) namesEnd() error {
	a, err := r.Answer()
	if err != nil {
		return err
	}
	text, err := a.Text("expires_at")
	if err != nil {
		return err
	}
	got, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return fmt.Errorf("expected expires_at as proto JSON writes a Timestamp, in RFC 3339, got %s", exchange.Shown(text))
	}
	want, err := promisedEnd(r.token.Answer)
	if err != nil {
		return err
	}
	if difference := got.Sub(want); difference.Abs() >= time.Second {
		return fmt.Errorf("expected the end that the login told, %s, got %s", want.Format(time.RFC3339), got.Format(time.RFC3339Nano))
	}
	return nil
}
