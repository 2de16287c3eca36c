package scoped_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/wiretest"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
)

func newClient(t *testing.T, server http.Handler, dialect sdk.Dialect) *sdk.Client {
	t.Helper()
	client, err := sdk.New("https://office.example", dialect, sdk.WithHTTPTransport(memhttp.Transport(server)), sdk.WithoutBackgroundRenewal())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Stop(context.Background()) })
	return client
}

func password(options ...scoped.Option) sdk.Dialect {
	return scoped.Password("me", sdk.NewSecret("pass"), options...)
}

const issued = `{"_id":"66a66b2207dfcec6494cd618","issuedAt":1722182434022,"expiresAt":1722268834022,"user":{"name":"me"},"token":"t1"}`

func TestOnTheWire(t *testing.T) {
	t.Parallel()
	server := wiretest.New(
		wiretest.JSON(issued),
		wiretest.JSON(`{"_id":"2","issuedAt":1722182434022,"expiresAt":1722184234022,"user":{"name":"me"},"token":"t2","scopes":["GET /objects"],"name":"n"}`),
		wiretest.JSON(`[{"_id":"2","name":"n","expiresAt":1722184234022,"scopes":["GET /objects"]},{"_id":"3","expiresAt":0,"scopes":null}]`),
		wiretest.JSON(`{"success":true}`),
		wiretest.JSON(`["GET /objects","GET /objects/:id"]`),
		wiretest.JSON(`{"success":true}`),
	)
	client := newClient(t, server, password(scoped.WithLifetime("90 days"), scoped.WithScopes("GET /objects", "GET /objects/:id"), scoped.WithPrefix("/v2/"), scoped.WithMethodsPath("/all")))
	verbs := scoped.Of(client)
	got, err := verbs.Issue(t.Context(), scoped.IssueRequest{Life: "30 minutes", Name: "n", Scopes: []string{"GET /objects"}})
	if err != nil || got.ID != "2" || got.Token.Reveal() != "t2" || got.Name != "n" || !slices.Equal(got.Scopes, []string{"GET /objects"}) {
		t.Errorf("issue: %+v, %v", got, err)
	}
	list, err := verbs.List(t.Context())
	if err != nil || len(list) != 2 || list[0].Name != "n" || !list[1].ExpiresAt.IsZero() {
		t.Errorf("list: %+v, %v", list, err)
	}
	if err := verbs.Revoke(t.Context(), "2"); err != nil {
		t.Errorf("revoke: %v", err)
	}
	if methods, err := verbs.Methods(t.Context()); err != nil || len(methods) != 2 {
		t.Errorf("methods: %v, %v", methods, err)
	}
	if err := client.Close(t.Context()); err != nil {
		t.Errorf("close: %v", err)
	}
	asked := []string{
		`POST /v2/auth/token {"username":"me","password":"pass","expiresIn":"90 days","scopes":["GET /objects","GET /objects/:id"]}`,
		`POST /v2/tokens [Bearer t1] {"expiresIn":"30 minutes","name":"n","scopes":["GET /objects"]}`,
		`GET /v2/tokens [Bearer t1]`,
		`DELETE /v2/tokens/2 [Bearer t1]`,
		`GET /v2/all [Bearer t1]`,
		`DELETE /v2/tokens/66a66b2207dfcec6494cd618 [Bearer t1]`,
	}
	if got := server.Asked(); !slices.Equal(got, asked) {
		t.Errorf("asked\n%q\nwant\n%q", got, asked)
	}
}

func TestTheEndOfAToken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		members string
		want    time.Duration
	}{
		"a life, whatever the clock": {`"issuedAt":1722182434022,"expiresAt":1722268834022`, 24 * time.Hour},
		"no start":                   {`"expiresAt":946857600000`, 48 * time.Hour}, // two days after synctest's midnight
		"no end":                     {`"issuedAt":1722182434022`, 0},
		"an end out of range":        {`"issuedAt":1,"expiresAt":-1`, 0},
		"an end before its start":    {`"issuedAt":1722268834022,"expiresAt":1722182434022`, time.UnixMilli(1722182434022).Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := wiretest.New(wiretest.JSON(`{"_id":"1","token":"t",` + c.members + `}`))
			token, err := newClient(t, server, password()).Token(t.Context())
			if err != nil || token.Life() != c.want || token.Subject != "me" {
				t.Errorf("%s: %v lives %v, %v; want %v", name, token, token.Life(), err, c.want)
			}
		})
	}
}

func TestMethodsInAnyShape(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"strings":  `["GET /objects","POST /objects","not a scope"]`,
		"objects":  `[{"method":"GET","path":"/objects","description":"GET /else"},{"method":"POST","path":"/objects"}]`,
		"named":    `[{"name":"GET /objects"},{"name":"POST /objects"}]`,
		"nested":   `{"data":{"a":["GET /objects"],"b":{"x":[{"name":"POST /objects"}]}},"total":2}`,
		"prefixed": `["GET /objects",{"method":"POST","path":"/objects"}]`,
	} {
		methods, err := scoped.Of(newClient(t, wiretest.New(wiretest.JSON(issued), wiretest.JSON(body)), password())).Methods(t.Context())
		if err != nil || !slices.Equal(methods, []string{"GET /objects", "POST /objects"}) {
			t.Errorf("%s: %q, %v", name, methods, err)
		}
	}
}

func FuzzMethods(f *testing.F) {
	f.Add([]byte(`{"data":[{"method":"GET","path":"/x"},"GET /y"]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		client := newClient(t, wiretest.New(wiretest.JSON(issued), wiretest.JSON(string(body))), password())
		methods, err := scoped.Of(client).Methods(t.Context())
		if err != nil && len(methods) > 0 {
			t.Errorf("%q and %v", methods, err)
		}
	})
}

// withExp is a JSON Web Token whose exp is 946684860, a minute after synctest's
// midnight.
const withExp = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjk0NjY4NDg2MH0.c2ln"

func TestStatic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := wiretest.New(wiretest.JSON(`{}`), wiretest.Answer{Status: http.StatusUnauthorized})
		opaque := newClient(t, server, scoped.Static(sdk.NewSecret("opaque")))
		for _, want := range []int{200, 401} {
			response, err := opaque.R(t.Context()).Get("/x")
			if err != nil || response.StatusCode() != want {
				t.Errorf("got %v, %v; want %d", response.Status(), err, want)
			}
		}
		if err := opaque.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if got := server.Asked(); !slices.Equal(got, []string{"GET /x [Bearer opaque]", "GET /x [Bearer opaque]"}) {
			t.Errorf("asked %q: a static token is neither renewed nor revoked", got)
		}
		client, err := sdk.New("https://office.example", scoped.Static(sdk.NewSecret(withExp)), sdk.WithHTTPTransport(memhttp.Transport(server)))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = client.Stop(t.Context()) }()
		if token, err := client.Token(t.Context()); err != nil || token.Life() != time.Minute {
			t.Errorf("got %v of %v, %v", token, token.Life(), err)
		}
		<-time.After(time.Minute)
		if _, err := client.Token(t.Context()); !errors.Is(err, sdk.ErrRefused) {
			t.Errorf("after its end: %v, want ErrRefused", err)
		}
	})
}

func TestBadSettings(t *testing.T) {
	t.Parallel()
	for name, dialect := range map[string]sdk.Dialect{
		"no user":       scoped.Password("", sdk.NewSecret("x")),
		"no password":   scoped.Password("me", sdk.Secret{}),
		"no token":      scoped.Static(sdk.Secret{}),
		"a bad life":    password(scoped.WithLifetime("soon")),
		"a bad scope":   password(scoped.WithScopes("everything")),
		"a bad prefix":  password(scoped.WithPrefix("api")),
		"a bad methods": scoped.Static(sdk.NewSecret("x"), scoped.WithMethodsPath("methods")),
	} {
		if _, err := sdk.New("https://office.example", dialect); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("%s: %v, want ErrConfig", name, err)
		}
	}
	verbs := scoped.Of(newClient(t, wiretest.New(), password()))
	for _, request := range []scoped.IssueRequest{{Life: "soon"}, {Scopes: []string{"everything"}}} {
		if _, err := verbs.Issue(t.Context(), request); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("%+v: %v, want ErrConfig", request, err)
		}
	}
	for _, id := range []string{"", ".", ".."} {
		if err := verbs.Revoke(t.Context(), id); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("id %q: %v, want ErrConfig", id, err)
		}
	}
}
