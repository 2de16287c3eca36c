package rpc

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/sdk"
)

// API is the dialect's own verbs over a client. Where the client speaks another
// dialect, every verb fails with [sdk.ErrUnsupported].
type API struct {
	client   *sdk.Client
	settings *settings
}

// Of gives the verbs of client.
func Of(client *sdk.Client) API {
	api := API{client: client}
	if d, ok := client.Dialect().(*password); ok {
		api.settings = &d.settings
	}
	return api
}

// Renew renews the session now (RPC-07).
func (a API) Renew(ctx context.Context) (sdk.Token, error) {
	if err := a.check("renew"); err != nil {
		return sdk.Token{}, err
	}
	return a.client.Renew(ctx)
}

// Close closes the session at the server (RPC-09). The client logs in again when
// it is used next.
func (a API) Close(ctx context.Context) error {
	if err := a.check("close"); err != nil {
		return err
	}
	return a.client.Logout(ctx)
}

// Call calls a method over HTTP by its full name, as in
// "axxonsoft.bl.domain.DomainService.GetVersion". in becomes the data, {} if
// nil; the answer is read into out unless that is nil. Both are what
// encoding/json takes.
func (a API) Call(ctx context.Context, method string, in, out any) error {
	op := "call"
	switch err := a.check(op); {
	case err != nil:
		return err
	case method == "":
		return fmt.Errorf("call: the method has no name: %w", sdk.ErrConfig)
	case in == nil:
		in = struct{}{}
	}
	reply, err := a.client.Do(ctx, sdk.Call{Op: op, Method: http.MethodPost, Path: a.settings.path, JSON: envelope{method, in}})
	if err != nil || out == nil {
		return err
	}
	return reply.JSON(out)
}

// Inspect asks the server about the token in use (RPC-31): its user and its end. A
// token that does not live gives an error that wraps [sdk.ErrRefused], a server
// that does not know the question one that wraps [sdk.ErrUnsupported].
func (a API) Inspect(ctx context.Context) (sdk.Token, error) {
	if err := a.check("inspect"); err != nil {
		return sdk.Token{}, err
	}
	return a.client.Inspect(ctx)
}

// Inspect implements [sdk.Inspector].
func (d *password) Inspect(ctx context.Context, x *sdk.TokenClient, token sdk.Token) (sdk.Token, error) {
	const op = "inspect"
	var info wire.RPCSessionInfo
	local := func(end time.Time) time.Time { return end }
	if d.settings.channel != nil {
		var err error
		if info, err = d.settings.channel.GetSessionInfo(ctx, wire.RPCGetSessionInfo, token); err != nil {
			return sdk.Token{}, err
		}
	} else {
		reply, err := x.Do(ctx, d.call(op, wire.RPCGetSessionInfo, wire.RPCSessionQuery{SessionToken: token.Access.Reveal()}, nil, token))
		switch {
		case unauthenticatedBy(reply, err):
			return sdk.Token{}, reply.Refused(wire.GRPCCodeName(unauthenticated))
		case err != nil && reply != nil && grpcCode(reply.Body()) == unimplemented:
			return sdk.Token{}, &sdk.Error{Op: op, Dialect: wire.RPC, Status: reply.Status, Err: sdk.ErrUnsupported}
		case err != nil:
			return sdk.Token{}, err
		}
		if err := reply.JSON(&info); err != nil {
			return sdk.Token{}, err
		}
		local = reply.ExpiresAt
	}
	if end, err := time.Parse(time.RFC3339Nano, info.ExpiresAt); err == nil {
		token.Expires = local(end)
	}
	if info.Login != "" {
		token.Subject = info.Login
	}
	return token, nil
}

func (a API) check(op string) error {
	if a.settings == nil {
		return a.client.Unsupported(op)
	}
	return nil
}
