package session_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/wiretest"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

func newClient(t *testing.T, server http.Handler, dialect sdk.Dialect) *sdk.Client {
	t.Helper()
	client, err := sdk.New("https://office.example/base", dialect, sdk.WithHTTPTransport(memhttp.Transport(server)), sdk.WithoutBackgroundRenewal())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Stop(context.Background()) })
	return client
}

func password(options ...session.Option) sdk.Dialect {
	return session.Password("me@example.com", sdk.NewSecret("pass"), options...)
}

func TestOnTheWire(t *testing.T) {
	t.Parallel()
	server := wiretest.New(
		wiretest.Answer{Status: http.StatusCreated, Body: `{"token_type":"bearer","expires_in":600,"access_token":"a1","refresh_token":"r1","more":{}}`},
		wiretest.JSON(`{"token_type":"Bearer","expires_in":600,"access_token":"a2"}`),
		wiretest.JSON(`{"token_type":"Bearer","expires_in":600,"access_token":"a3","refresh_token":"r3"}`),
		wiretest.JSON(`[{"id":"1","ip_address":"192.0.2.1","user_agent":"me","user":"root","created_at":"2026-01-02T03:04:05Z","more":1}]`),
		wiretest.Answer{Status: http.StatusNoContent},
	)
	client := newClient(t, server, password(session.WithPaths(session.Paths{Sessions: "/sessioni"})))
	for range 2 {
		if _, err := client.Renew(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if token, err := client.Renew(t.Context()); err != nil || token.Refresh.Reveal() != "r3" || token.Life() != 10*time.Minute {
		t.Errorf("got %v, %v", token, err)
	}
	list, err := session.Of(client).List(t.Context())
	want := session.Session{ID: "1", IPAddress: "192.0.2.1", UserAgent: "me", User: "root", CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	if err != nil || len(list) != 1 || list[0] != want {
		t.Errorf("list: %+v, %v", list, err)
	}
	if err := session.Of(client).End(t.Context(), "a/b"); err != nil {
		t.Errorf("end: %v", err)
	}
	asked := []string{
		`POST /base/sessioni {"session":{"email":"me@example.com","password":"pass"}}`,
		`POST /base/tokens [Bearer a1] {"refresh_token":"r1"}`,
		`POST /base/tokens [Bearer a2] {"refresh_token":"r1"}`,
		`GET /base/sessioni [Bearer a3]`,
		`DELETE /base/sessioni/a%2Fb [Bearer a3]`,
	}
	if got := server.Asked(); !slices.Equal(got, asked) {
		t.Errorf("asked\n%q\nwant\n%q", got, asked)
	}
}

func TestSessionsThatAreShownInAnotherWay(t *testing.T) {
	t.Parallel()
	server := wiretest.New(
		wiretest.JSON(`{"access_token":"a"}`),
		wiretest.JSON(`[{"key":7,"address":"192.0.2.1","agent":"me","owner":{"name":"root"},"since":"2026-01-02T03:04:05Z"},null,{}]`),
		wiretest.JSON(`{"key":7,"address":"192.0.2.1"}`),
		wiretest.JSON(`{}`),
		wiretest.JSON(`{"count":1,"devices":[{"key":"8","since":1767323045}],"more":null,"next":[1]}`),
		wiretest.JSON(`{"count":1,"more":null}`),
	)
	verbs := session.Of(newClient(t, server, password(session.WithSessions(session.Sessions{
		List: "/devices", Item: "/devices/{id}", EndMethod: http.MethodPost, EndPath: "/devices/{id}/end",
		ID: "key", IPAddress: "address", UserAgent: "agent", User: "owner", CreatedAt: "since",
	}))))
	list, err := verbs.List(t.Context())
	want := session.Session{ID: "7", IPAddress: "192.0.2.1", UserAgent: "me", CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	if err != nil || len(list) != 3 || list[0] != want || list[1] != (session.Session{}) {
		t.Errorf("list: %+v, %v", list, err)
	}
	if one, err := verbs.Get(t.Context(), "7"); err != nil || one.ID != "7" || one.IPAddress != "192.0.2.1" {
		t.Errorf("get: %+v, %v", one, err)
	}
	if err := verbs.End(t.Context(), "7"); err != nil {
		t.Errorf("end: %v", err)
	}
	want = session.Session{ID: "8", CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	if list, err := verbs.List(t.Context()); err != nil || len(list) != 1 || list[0] != want {
		t.Errorf("a list inside an object: %+v, %v", list, err)
	}
	if list, err := verbs.List(t.Context()); !errors.Is(err, sdk.ErrProtocol) {
		t.Errorf("no list: %+v, %v", list, err)
	}
	asked := []string{
		`POST /base/sessions {"session":{"email":"me@example.com","password":"pass"}}`,
		`GET /base/devices [Bearer a]`, `GET /base/devices/7 [Bearer a]`, `POST /base/devices/7/end [Bearer a] {}`,
		`GET /base/devices [Bearer a]`, `GET /base/devices [Bearer a]`,
	}
	if got := server.Asked(); !slices.Equal(got, asked) {
		t.Errorf("asked\n%q\nwant\n%q", got, asked)
	}
}

func TestAnswersToALogin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		life time.Duration // 0: an error
	}{
		"as documented":         {`{"token_type":"Bearer","expires_in":600,"access_token":"a","refresh_token":"r"}`, 600 * time.Second},
		"another life":          {`{"token_type":"Bearer","expires_in":60,"access_token":"a","refresh_token":"r"}`, time.Minute},
		"no life":               {`{"access_token":"a"}`, 600 * time.Second},
		"no end in sight":       {`{"access_token":"a","expires_in":9223372036854775807}`, 600 * time.Second},
		"a negative life":       {`{"access_token":"a","expires_in":-1}`, 600 * time.Second},
		"no token":              {`{"token_type":"Bearer","expires_in":600,"refresh_token":"r"}`, 0},
		"another kind of token": {`{"token_type":"mac","access_token":"a"}`, 0},
		"a life in a string":    {`{"access_token":"a","expires_in":"60"}`, time.Minute},
		"a life in words":       {`{"access_token":"a","expires_in":"60 s"}`, 0},
		"an array":              {`[]`, 0},
	} {
		token, err := newClient(t, wiretest.New(wiretest.JSON(c.body)), password()).Token(t.Context())
		if (err == nil) != (c.life > 0) || token.Life() != c.life || err != nil && !errors.Is(err, sdk.ErrProtocol) {
			t.Errorf("%s: %v of %v, %v", name, token, token.Life(), err)
		}
	}
}

func TestAPIKey(t *testing.T) {
	t.Parallel()
	server := wiretest.New(wiretest.JSON(`{}`), wiretest.Answer{Status: http.StatusUnauthorized, Body: "no"}, wiretest.Answer{Status: http.StatusForbidden})
	client := newClient(t, server, session.APIKey(sdk.NewSecret("the-key")))
	for _, want := range []int{200, 401, 403} {
		response, err := client.R(t.Context()).Get("/users")
		if err != nil || response.StatusCode() != want {
			t.Errorf("got %v, %v; want %d", response.Status(), err, want)
		}
	}
	asked := []string{"GET /base/users [the-key]", "GET /base/users [the-key]", "GET /base/users [the-key]"}
	if got := server.Asked(); !slices.Equal(got, asked) {
		t.Errorf("asked %q: a key that was rejected must not be tried again", got)
	}
}

func TestBadSettings(t *testing.T) {
	t.Parallel()
	for name, dialect := range map[string]sdk.Dialect{
		"no e-mail":   session.Password("", sdk.NewSecret("x")),
		"no password": session.Password("me", sdk.Secret{}),
		"no key":      session.APIKey(sdk.Secret{}),
		"bad path":    password(session.WithPaths(session.Paths{Tokens: "tokens"})),
		"bad list":    password(session.WithSessions(session.Sessions{List: "devices"})),
		"no id":       session.APIKey(sdk.NewSecret("x"), session.WithSessions(session.Sessions{EndPath: "/end"})),
	} {
		if _, err := sdk.New("https://office.example", dialect); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("%s: %v, want ErrConfig", name, err)
		}
	}
	for _, id := range []string{"", ".", ".."} {
		if err := session.Of(newClient(t, wiretest.New(), password())).End(t.Context(), id); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("id %q: %v, want ErrConfig", id, err)
		}
	}
}
