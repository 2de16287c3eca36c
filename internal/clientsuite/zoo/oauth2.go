package zoo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"github.com/dragoman-auth/dragoman/internal/clientsuite"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// OAuth2 is a client of the session dialect that is made with golang.org/x/oauth2: its
// transport sends the token of a source that logs in, and keeps it until its end. The
// library's own grants are not those of the dialect.
func OAuth2() clientsuite.Program {
	return clientsuite.Func(func(ctx context.Context, env clientsuite.Environment, in io.Reader, out, errors io.Writer) error {
		source := oauth2.ReuseTokenSource(nil, sessionLogin{env})
		c := oauth2Caller{env, &http.Client{Transport: &oauth2.Transport{Source: source, Base: env.HTTP.Transport}}}
		defer c.http.CloseIdleConnections()
		return speak(ctx, in, out, errors, c, clientsuite.Renew, clientsuite.Retry, clientsuite.Logout, clientsuite.Store)
	})
}

// sessionLogin obtains tokens with the password.
type sessionLogin struct{ env clientsuite.Environment }

// Token implements [oauth2.TokenSource].
func (s sessionLogin) Token() (*oauth2.Token, error) {
	body, err := json.Marshal(wire.SessionLogin{Session: wire.SessionCredentials{Email: s.env.Login, Password: s.env.Password}})
	if err != nil {
		return nil, err
	}
	response, err := s.env.HTTP.Post(s.env.URL+wire.SessionSessionsPath, "application/json", bytes.NewReader(body)) //nolint:noctx // the interface has no context
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	var token oauth2.Token
	if err := json.NewDecoder(response.Body).Decode(&token); err != nil {
		return nil, fmt.Errorf("read the token: %w", err)
	}
	if token.AccessToken == "" {
		return nil, errors.New("the answer has no token")
	}
	if token.ExpiresIn > 0 {
		token.Expiry = time.Now().Add(time.Duration(token.ExpiresIn) * time.Second)
	}
	return &token, nil
}

// oauth2Caller is such a client that commands steer.
type oauth2Caller struct {
	env  clientsuite.Environment
	http *http.Client
}

func (c oauth2Caller) call(ctx context.Context, method, path string, body payload) (int, error) {
	request, err := body.request(ctx, method, c.env.URL+path)
	if err != nil {
		return 0, err
	}
	status, _, err := fetch(c.http, request)
	return status, err
}

func (oauth2Caller) grpc(context.Context, string) (string, error) { return "", errors.New("no gRPC") }

func (oauth2Caller) receive(context.Context, string) (string, error) {
	return "", errors.New("no gRPC")
}

func (oauth2Caller) logout(context.Context) error { return nil }

func (oauth2Caller) close(context.Context) error { return nil }
