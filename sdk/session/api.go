package session

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
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
	switch d := client.Dialect().(type) {
	case *password:
		api.settings = &d.settings
	case *apiKey:
		api.settings = &d.settings
	}
	return api
}

// Session is one session of the user, as the server shows it (SES-18).
// Attributes that the server does not show are zero.
type Session struct {
	ID        string
	IPAddress string
	UserAgent string
	User      string
	CreatedAt time.Time
}

// List returns the user's sessions. See [WithSessions] for servers that show
// them in another way than the reference does.
func (a API) List(ctx context.Context) ([]Session, error) {
	const op = "list sessions"
	if a.settings == nil {
		return nil, a.client.Unsupported(op)
	}
	reply, err := a.client.Do(ctx, sdk.Call{Op: op, Path: a.settings.sessions.List})
	if err != nil {
		return nil, err
	}
	shown, err := listed(reply)
	if err != nil {
		return nil, err
	}
	sessions := make([]Session, len(shown))
	for i, one := range shown {
		sessions[i] = one.session(a.settings.sessions)
	}
	return sessions, nil
}

// Get returns one session.
func (a API) Get(ctx context.Context, id string) (Session, error) {
	const op = "get session"
	if a.settings == nil {
		return Session{}, a.client.Unsupported(op)
	}
	path, err := withID(op, a.settings.sessions.Item, id)
	if err != nil {
		return Session{}, err
	}
	reply, err := a.client.Do(ctx, sdk.Call{Op: op, Path: path})
	if err != nil {
		return Session{}, err
	}
	var shown members
	if err := reply.JSON(&shown); err != nil {
		return Session{}, err
	}
	return shown.session(a.settings.sessions), nil
}

// End ends a session: neither its access nor its refresh token opens anything
// any more (SES-20). A client that ends its own session logs in again when it
// is used next.
func (a API) End(ctx context.Context, id string) error {
	const op = "end session"
	if a.settings == nil {
		return a.client.Unsupported(op)
	}
	path, err := withID(op, a.settings.sessions.EndPath, id)
	if err != nil {
		return err
	}
	call := sdk.Call{Op: op, Method: a.settings.sessions.EndMethod, Path: path}
	if call.Method == http.MethodPost || call.Method == http.MethodPut || call.Method == http.MethodPatch {
		call.JSON = struct{}{}
	}
	_, err = a.client.Do(ctx, call)
	return err
}

// withID puts an id into a path.
func withID(op, path, id string) (string, error) {
	if id == "" || id == "." || id == ".." {
		return "", fmt.Errorf("%s: %q is no session id: %w", op, id, sdk.ErrConfig)
	}
	return strings.ReplaceAll(path, idMark, url.PathEscape(id)), nil
}

// listed reads the list of sessions: an array, or an object that holds one
// under a name of the server's own.
func listed(reply *sdk.Reply) ([]members, error) {
	var shown []members
	var around members
	if reply.JSON(&around) != nil || around == nil {
		return shown, reply.JSON(&shown)
	}
	for _, name := range slices.Sorted(maps.Keys(around)) {
		if err := json.Unmarshal(around[name], &shown); err == nil && shown != nil {
			return shown, nil
		}
	}
	return nil, reply.Protocol("there is no list in it")
}

// members are a session as a server shows it.
type members map[string]json.RawMessage

func (m members) session(names Sessions) Session {
	s := Session{ID: m.text(names.ID), IPAddress: m.text(names.IPAddress), UserAgent: m.text(names.UserAgent), User: m.text(names.User)}
	if created, err := wire.ParseValidTo(m[names.CreatedAt], nil); err == nil {
		s.CreatedAt = created // the format is not documented here either
	}
	return s
}

// text is a member that is a string or a number, else "".
func (m members) text(name string) string {
	var value any
	decoder := json.NewDecoder(strings.NewReader(string(m[name])))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return ""
	}
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}
