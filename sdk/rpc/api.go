package rpc

import (
	"context"
	"fmt"
	"net/http"

	"github.com/dragoman-auth/dragoman/sdk"
)

// API is the dialect's own verbs over a client. Where the client speaks another
// dialect, every verb fails with [sdk.ErrUnsupported].
type API struct {
	client *sdk.Client
}

// Of gives the verbs of client.
func Of(client *sdk.Client) API { return API{client} }

// Renew renews the session now (RPC-07).
func (a API) Renew(ctx context.Context) (sdk.Token, error) {
	if _, err := a.dialect("renew"); err != nil {
		return sdk.Token{}, err
	}
	return a.client.Renew(ctx)
}

// Close closes the session at the server (RPC-09). The client logs in again when
// it is used next.
func (a API) Close(ctx context.Context) error {
	if _, err := a.dialect("close"); err != nil {
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
	d, err := a.dialect(op)
	switch {
	case err != nil:
		return err
	case method == "":
		return fmt.Errorf("call: the method has no name: %w", sdk.ErrConfig)
	case in == nil:
		in = struct{}{}
	}
	reply, err := a.client.Do(ctx, sdk.Call{Op: op, Method: http.MethodPost, Path: d.path, JSON: envelope{method, in}})
	if err != nil || out == nil {
		return err
	}
	return reply.JSON(out)
}

func (a API) dialect(op string) (*password, error) {
	if d, ok := a.client.Dialect().(*password); ok {
		return d, nil
	}
	return nil, a.client.Unsupported(op)
}
