package rpc

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
)

// registerSessionInfo binds the steps about GetSessionInfo.
func (r *steps) registerSessionInfo() {
	r.Step(`^GetSessionInfo is called over (HTTP|gRPC) about the token(, with the other token)?$`, r.asksAboutToken)
	r.Step(`^it names the full account's login$`, r.namesLogin)
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

func (r *steps) namesLogin() error {
	a, err := r.Answer()
	if err != nil {
		return err
	}
	login, err := a.Text("login")
	if err != nil {
		return err
	}
	if login != r.Full().Login {
		return fmt.Errorf("expected the login of the full account, got %q", login)
	}
	return nil
}

// namesEnd compares with expires_at of the login, to the second.
func (r *steps) namesEnd() error {
	a, err := r.Answer()
	if err != nil {
		return err
	}
	value, found, err := a.Member("expires_at")
	if err != nil || !found {
		return fmt.Errorf("expected the member \"expires_at\", got %s", a.Brief())
	}
	got, err := readTimestamp(value)
	if err != nil {
		return err
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

// readTimestamp reads a google.protobuf.Timestamp: as proto JSON writes it, which is
// RFC 3339, or by its members, as the judge reads it over gRPC.
func readTimestamp(value any) (time.Time, error) {
	switch v := value.(type) {
	case string:
		return time.Parse(time.RFC3339Nano, v)
	case map[string]any:
		if text, ok := v["seconds"].(string); ok {
			seconds, err := strconv.ParseInt(text, 10, 64)
			return time.Unix(seconds, 0).UTC(), err
		}
	}
	return time.Time{}, fmt.Errorf("expected a time as proto JSON writes it, got %v", value)
}
