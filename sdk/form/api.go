package form

import (
	"context"

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

// Validate asks the server whether the token in use lives, and returns it with
// the end and the user that the server names (FRM-08). A token that does not
// live gives an error that wraps [sdk.ErrNotFound].
func (a API) Validate(ctx context.Context) (sdk.Token, error) {
	if err := a.check("validate"); err != nil {
		return sdk.Token{}, err
	}
	return a.client.Inspect(ctx)
}

// Extend extends the token now, for as long as it was issued for (FRM-11).
func (a API) Extend(ctx context.Context) (sdk.Token, error) {
	if err := a.check("extend"); err != nil {
		return sdk.Token{}, err
	}
	return a.client.Renew(ctx)
}

// Delete ends the token at the server (FRM-14). The client logs in again when it
// is used next.
func (a API) Delete(ctx context.Context) error {
	if err := a.check("delete"); err != nil {
		return err
	}
	return a.client.Logout(ctx)
}

func (a API) check(op string) error {
	if a.settings == nil {
		return a.client.Unsupported(op)
	}
	return nil
}
