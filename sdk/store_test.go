package sdk_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

func TestTheOrderOfThings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newFlaky()
		var client *sdk.Client
		office, client := newOffice(t, sdk.WithStore(store), sdk.WithoutBackgroundRenewal(), sdk.WithOnChange(func(context.Context, sdk.Token) {
			_ = store.note("hook")
		}))
		office.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
			_ = store.note(r.Method + " " + r.URL.Path)
			return false
		}
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := store.took(), "lock load POST /sessions save hook unlock"; got != want {
			t.Errorf("login: %s; want %s", got, want)
		}
		pass(time.Hour)
		if _, err := client.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := store.took(), "lock load intent POST /tokens save hook unlock"; got != want {
			t.Errorf("renew: %s; want %s", got, want)
		}
		office.EndAll()
		if _, err := client.Renew(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := store.took(), "lock load intent POST /tokens load POST /sessions save hook unlock"; got != want {
			t.Errorf("refused: %s; want %s", got, want)
		}
	})
}

func TestClientsShareAStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := sdk.NewMemoryStore()
		office, one := newOffice(t, sdk.WithStore(store))
		dialect := session.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password))
		two := newClient(t, dialect, sdk.WithStore(store), sdk.WithHTTPTransport(memhttp.Transport(office)))
		get := func(client *sdk.Client) {
			t.Helper()
			if response, err := client.R(t.Context()).Get("/users"); err != nil || response.StatusCode() != http.StatusOK {
				t.Fatalf("got %v, %v", response.Status(), err)
			}
		}
		for range 100 {
			get(one)
			get(two)
			pass(100 * time.Second)
		}
		wantCount(t, office, "login", 1)
		wantCount(t, office, "replay", 0)
		if n := office.Count("renew"); n < 15 || n > 26 {
			t.Errorf("%d renewals in 10 000 s, want about one per 450 s", n)
		}
	})
}

func TestRenewAfterARestartRenews(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := sdk.NewMemoryStore()
		office, before := newOffice(t, sdk.WithStore(store))
		if err := before.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		after := newClient(t, session.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)),
			sdk.WithStore(store), sdk.WithHTTPTransport(memhttp.Transport(office)))
		if _, err := after.Renew(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantCount(t, office, "renew", 1)
		wantCount(t, office, "login", 1)
	})
}

func TestUsersDoNotShareTokens(t *testing.T) {
	t.Parallel()
	store := sdk.NewMemoryStore()
	office := fakeoffice.New()
	tokens := map[string]string{}
	password := sdk.NewSecret(fakeoffice.Password)
	for name, dialect := range map[string]sdk.Dialect{
		"session":        session.Password(fakeoffice.User, password),
		"key":            session.APIKey(sdk.NewSecret("one key")),
		"other key":      session.APIKey(sdk.NewSecret("other key")),
		"scoped":         scoped.Password(fakeoffice.User, password),
		"scoped, life":   scoped.Password(fakeoffice.User, password, scoped.WithLifetime("8 days")),
		"scoped, scopes": scoped.Password(fakeoffice.User, password, scoped.WithScopes("GET /objects")),
		"static":         scoped.Static(sdk.NewSecret("one token")),
	} {
		client := newClient(t, dialect, sdk.WithStore(store), sdk.WithHTTPTransport(memhttp.Transport(office)))
		token, err := client.Token(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if other, taken := tokens[token.Access.Reveal()]; taken {
			t.Errorf("%s and %s share a token", name, other)
		}
		tokens[token.Access.Reveal()] = name
	}
}

// nameless is a dialect that is not Keyed.
type nameless struct{ sdk.Dialect }

func TestAStoreNeedsToTellUsersApart(t *testing.T) {
	t.Parallel()
	dialect := nameless{session.Password("me", sdk.NewSecret("x"))}
	if _, err := sdk.New("https://office.example", dialect, sdk.WithStore(sdk.NewMemoryStore())); !errors.Is(err, sdk.ErrConfig) {
		t.Errorf("without an account: %v", err)
	}
	if _, err := sdk.New("https://office.example", dialect, sdk.WithStore(sdk.NewMemoryStore()), sdk.WithAccount("me")); err != nil {
		t.Errorf("with an account: %v", err)
	}
	if _, err := sdk.New("https://office.example", dialect); err != nil {
		t.Errorf("without a store: %v", err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }
