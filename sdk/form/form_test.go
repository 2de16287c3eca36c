package form_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/wiretest"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

func newClient(t *testing.T, server http.Handler, options ...form.Option) *sdk.Client {
	t.Helper()
	client, err := sdk.New("https://office.example", form.Password("me", sdk.NewSecret("p&ss"), options...),
		sdk.WithHTTPTransport(memhttp.Transport(server)), sdk.WithoutBackgroundRenewal())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Stop(context.Background()) })
	return client
}

func TestOnTheWire(t *testing.T) {
	t.Parallel()
	for _, long := range []bool{false, true} {
		server := wiretest.New(
			wiretest.JSON(`{"token":"t1","validTo":null,"user":"me"}`),
			wiretest.JSON(`{}`),
			wiretest.JSON(`{"token":"t1","validTo":null,"user":{"login":"me"}}`),
			wiretest.JSON(`{"token":"t2","validTo":null,"user":null}`),
			wiretest.Answer{Status: http.StatusNoContent},
		)
		options := []form.Option{form.WithPrefix("/api/")}
		if long {
			options = append(options, form.WithLongToken())
		}
		client := newClient(t, server, options...)
		if _, err := client.R(t.Context()).Get("/api/items"); err != nil {
			t.Fatal(err)
		}
		verbs := form.Of(client)
		if shown, err := verbs.Validate(t.Context()); err != nil || shown.Subject != "me" {
			t.Errorf("validate: %v, %v", shown, err)
		}
		if extended, err := verbs.Extend(t.Context()); err != nil || extended.Access.Reveal() != "t2" || extended.Subject != "me" {
			t.Errorf("extend: %v, %v", extended, err)
		}
		if err := verbs.Delete(t.Context()); err != nil {
			t.Errorf("delete: %v", err)
		}
		login, extend := "POST /api/login login=me&pass=p%26ss", `PUT /api/login [t1] {"token":"t1"}`
		if long {
			login, extend = "POST /api/login login=me&longtoken=true&pass=p%26ss", `PUT /api/login [t1] {"token":"t1","longtoken":true}`
		}
		asked := []string{login, "GET /api/items [t1]", "GET /api/login?token=t1 [t1]", extend, "DELETE /api/login?token=t2 [t2]"}
		if got := server.Asked(); !slices.Equal(got, asked) {
			t.Errorf("asked\n%q\nwant\n%q", got, asked)
		}
	}
}

func TestTheEndOfAToken(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		validTo func(now time.Time) string
		options []form.Option
		want    time.Duration
	}{
		"RFC 3339":           {func(now time.Time) string { return quote(now.Add(20 * time.Hour).Format(time.RFC3339)) }, nil, 20 * time.Hour},
		"another zone":       {func(now time.Time) string { return quote(now.Add(day).In(zone(7)).Format(time.RFC3339)) }, nil, day},
		"without a zone":     {func(now time.Time) string { return quote(now.Add(day).Format(time.DateTime)) }, nil, day},
		"a zone that we say": {func(now time.Time) string { return quote(now.Add(day).In(zone(7)).Format(time.DateTime)) }, []form.Option{form.WithLocation(zone(7))}, day},
		// A zone that nobody says: never later than documented.
		"a zone ahead":        {func(now time.Time) string { return quote(now.Add(day).In(zone(7)).Format(time.DateTime)) }, nil, day},
		"a zone behind":       {func(now time.Time) string { return quote(now.Add(day).In(zone(-7)).Format(time.DateTime)) }, nil, day - 7*time.Hour},
		"seconds":             {func(now time.Time) string { return fmt.Sprint(now.Add(time.Hour).Unix()) }, nil, time.Hour},
		"milliseconds":        {func(now time.Time) string { return fmt.Sprint(now.Add(time.Hour).UnixMilli()) }, nil, time.Hour},
		"nonsense":            {func(time.Time) string { return `"tomorrow"` }, nil, day},
		"nothing":             {func(time.Time) string { return `null` }, nil, day},
		"long, but cut short": {func(now time.Time) string { return quote(now.Add(day).Format(time.RFC3339)) }, []form.Option{form.WithLongToken()}, day},
		"long":                {func(now time.Time) string { return quote(now.Add(30 * day).Format(time.RFC3339)) }, []form.Option{form.WithLongToken()}, 30 * day},
		"over already":        {func(now time.Time) string { return quote(now.Add(-time.Hour).Format(time.RFC3339)) }, nil, 24 * time.Hour}, // not to be understood
	} {
		synctest.Test(t, func(t *testing.T) {
			server := wiretest.New(wiretest.JSON(`{"token":"t","user":"me","validTo":` + c.validTo(time.Now().UTC()) + `}`))
			token, err := newClient(t, server, c.options...).Token(t.Context())
			if err != nil || token.Life() != c.want {
				t.Errorf("%s: it lives %v, %v; want %v", name, token.Life(), err, c.want)
			}
		})
	}
}

func quote(text string) string      { return `"` + text + `"` }
func zone(hours int) *time.Location { return time.FixedZone("", hours*60*60) }

func TestDeadTokens(t *testing.T) {
	t.Parallel()
	server := wiretest.New(
		wiretest.JSON(`{"token":"t1","validTo":null,"user":"me"}`),
		wiretest.Answer{Status: http.StatusNotFound},               // validate
		wiretest.Answer{Status: http.StatusNotFound},               // extend, refused permanently …
		wiretest.JSON(`{"token":"t2","validTo":null,"user":"me"}`), // … so it logs in
		wiretest.Answer{Status: http.StatusNotFound},               // delete
		wiretest.JSON(`{"validTo":null,"user":"me"}`),              // a login without a token
	)
	client := newClient(t, server)
	verbs := form.Of(client)
	if _, err := verbs.Validate(t.Context()); !errors.Is(err, sdk.ErrNotFound) {
		t.Errorf("validate: %v, want ErrNotFound", err)
	}
	if token, err := verbs.Extend(t.Context()); err != nil || token.Access.Reveal() != "t2" {
		t.Errorf("extend: %v, %v; want a new token", token, err)
	}
	if err := verbs.Delete(t.Context()); err != nil {
		t.Errorf("delete of a token that is gone: %v", err)
	}
	if err := client.Login(t.Context()); !errors.Is(err, sdk.ErrProtocol) {
		t.Errorf("a login without a token: %v", err)
	}
}

// TestVerbsOfAnotherDialect: they are none.
func TestVerbsOfAnotherDialect(t *testing.T) {
	t.Parallel()
	client, err := sdk.New("https://office.example", session.Password("me@example.com", sdk.NewSecret("x")), sdk.WithoutBackgroundRenewal())
	if err != nil {
		t.Fatal(err)
	}
	verbs := form.Of(client)
	_, validate := verbs.Validate(t.Context())
	_, extend := verbs.Extend(t.Context())
	for what, err := range map[string]error{"validate": validate, "extend": extend, "delete": verbs.Delete(t.Context())} {
		if !errors.Is(err, sdk.ErrUnsupported) {
			t.Errorf("%s: %v, want ErrUnsupported", what, err)
		}
	}
}

func TestBadSettings(t *testing.T) {
	t.Parallel()
	for name, dialect := range map[string]sdk.Dialect{
		"no login":    form.Password("", sdk.NewSecret("x")),
		"no password": form.Password("me", sdk.Secret{}),
		"bad prefix":  form.Password("me", sdk.NewSecret("x"), form.WithPrefix("api")),
	} {
		if _, err := sdk.New("https://office.example", dialect); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("%s: %v, want ErrConfig", name, err)
		}
	}
}
