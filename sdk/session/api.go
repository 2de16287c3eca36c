package session

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/wire"
)

// API is the dialect's own verbs over a client. Where the client speaks another
// dialect, every verb fails with [sdk.ErrUnsupported].
type API struct {
	client *sdk.Client
	paths  Paths
}

// Of gives the verbs of client.
func Of(client *sdk.Client) API {
	api := API{client: client}
	switch d := client.Dialect().(type) {
	case *password:
		api.paths = d.paths
	case *apiKey:
		api.paths = d.paths
	}
	return api
}

// Session is one session of the user, as the server shows it (SES-18). Members
// that the server does not have are zero.
type Session struct {
	ID        string
	IPAddress string
	UserAgent string
	User      string
	CreatedAt time.Time
}

// List returns the user's sessions. Their shape is not documented; this reads
// the reference server's.
func (a API) List(ctx context.Context) ([]Session, error) {
	var infos []wire.SessionInfo
	if err := a.do(ctx, sdk.Call{Op: "list sessions", Path: a.paths.Sessions}, &infos); err != nil {
		return nil, err
	}
	sessions := make([]Session, len(infos))
	for i, info := range infos {
		sessions[i] = Session(info)
	}
	return sessions, nil
}

// Get returns one session.
func (a API) Get(ctx context.Context, id string) (Session, error) {
	var info wire.SessionInfo
	call, err := a.one("get session", http.MethodGet, id)
	if err != nil {
		return Session{}, err
	}
	err = a.do(ctx, call, &info)
	return Session(info), err
}

// End ends a session: neither its access nor its refresh token opens anything
// any more (SES-20). A client that ends its own session logs in again when it
// is used next.
func (a API) End(ctx context.Context, id string) error {
	call, err := a.one("end session", http.MethodDelete, id)
	if err != nil {
		return err
	}
	return a.do(ctx, call, nil)
}

// one is a call about one session.
func (a API) one(op, method, id string) (sdk.Call, error) {
	if id == "" || id == "." || id == ".." {
		return sdk.Call{}, fmt.Errorf("%s: %q is no session id: %w", op, id, sdk.ErrConfig)
	}
	return sdk.Call{Op: op, Method: method, Path: a.paths.Sessions + "/" + url.PathEscape(id)}, nil
}

// do sends a call and reads its answer into out, unless out is nil.
func (a API) do(ctx context.Context, call sdk.Call, out any) error {
	if a.paths.Sessions == "" {
		return &sdk.Error{Op: call.Op, Dialect: a.client.Dialect().Name(), Err: sdk.ErrUnsupported}
	}
	reply, err := a.client.Do(ctx, call)
	if err != nil || out == nil {
		return err
	}
	return reply.JSON(out)
}
