package scoped

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

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
	switch d := client.Dialect().(type) {
	case *password:
		api.settings = &d.settings
	case *static:
		api.settings = &d.settings
	}
	return api
}

// IssueRequest is what a further token is to be like.
type IssueRequest struct {
	// Life is in words, as for [WithLifetime]; empty means one day.
	Life string
	// Name is for those who look at the list of tokens; empty means none.
	Name string
	// Scopes are as for [WithScopes]; empty means all that the user may do. A
	// token never gets more than the one that issues it (SCP-18).
	Scopes []string
}

// Issue issues a further token, beside the client's own (SCP-15).
func (a API) Issue(ctx context.Context, request IssueRequest) (IssuedToken, error) {
	const op = "issue token"
	wanted := settings{methods: "/", life: request.Life, scopes: request.Scopes}
	if err := wanted.validate(); err != nil {
		return IssuedToken{}, fmt.Errorf("%s: %w", op, err)
	}
	reply, err := a.do(ctx, op, http.MethodPost, wire.ScopedTokensPath,
		wire.ScopedIssue{ExpiresIn: request.Life, Name: request.Name, Scopes: request.Scopes})
	if err != nil {
		return IssuedToken{}, err
	}
	return readIssued(reply)
}

// List returns the issued tokens, without their values (SCP-13).
func (a API) List(ctx context.Context) ([]ListedToken, error) {
	reply, err := a.do(ctx, "list tokens", http.MethodGet, wire.ScopedTokensPath, nil)
	if err != nil {
		return nil, err
	}
	return readListed(reply)
}

// Revoke ends a token permanently (SCP-20). An unknown id gives an error that wraps
// [sdk.ErrNotFound]. A client that revokes its own token logs in again when it
// is used next.
func (a API) Revoke(ctx context.Context, id string) error {
	const op = "revoke token"
	if id == "" || id == "." || id == ".." {
		return fmt.Errorf("%s: %q is no token id: %w", op, id, sdk.ErrConfig)
	}
	_, err := a.do(ctx, op, http.MethodDelete, wire.ScopedTokensPath+"/"+url.PathEscape(id), nil)
	return err
}

// Methods returns the names that scopes may use, as in "GET /objects/:id"
// (SCP-26).
func (a API) Methods(ctx context.Context) ([]string, error) {
	path := ""
	if a.settings != nil {
		path = a.settings.methods
	}
	reply, err := a.do(ctx, "list methods", http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	var answer any
	if err := reply.JSON(&answer); err != nil {
		return nil, err
	}
	return readMethods(answer), nil
}

func (a API) do(ctx context.Context, op, method, path string, body any) (*sdk.Reply, error) {
	if a.settings == nil {
		return nil, a.client.Unsupported(op)
	}
	return a.client.Do(ctx, sdk.Call{Op: op, Method: method, Path: a.settings.prefix + path, JSON: body})
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
