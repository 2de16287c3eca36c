package sdk_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// dialect is what the tests over all dialects know about one.
type dialect struct {
	name    string
	new     func() sdk.Dialect
	life    time.Duration // of its tokens; 0: for ever
	renews  int           // renewals tried, at the latest, when a token was rejected
	revokes bool
}

func allDialects() []dialect {
	password := sdk.NewSecret(fakeoffice.Password)
	return []dialect{
		{"session", func() sdk.Dialect { return session.Password(fakeoffice.User, password) }, 600 * time.Second, 1, false},
		{"session key", func() sdk.Dialect { return session.APIKey(sdk.NewSecret(fakeoffice.APIKey)) }, 0, 0, false},
		{"form", func() sdk.Dialect { return form.Password(fakeoffice.User, password) }, 24 * time.Hour, 0, true},
		{"form long", func() sdk.Dialect { return form.Password(fakeoffice.User, password, form.WithLongToken()) }, 30 * 24 * time.Hour, 0, true},
		{"rpc", func() sdk.Dialect { return rpc.Password(fakeoffice.User, password) }, 600 * time.Second, 0, true},
		{"scoped", func() sdk.Dialect { return scoped.Password(fakeoffice.User, password) }, 24 * time.Hour, 0, true},
	}
}

func TestEveryDialectLogsInHealsAndLogsOut(t *testing.T) {
	t.Parallel()
	for _, d := range allDialects() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				office := fakeoffice.New()
				client := newClient(t, d.new(), sdk.WithHTTPTransport(memhttp.Transport(office)))
				get := func() {
					t.Helper()
					response, err := client.R(t.Context()).Get("/things")
					if err != nil || response.StatusCode() != http.StatusOK {
						t.Fatalf("got %v, %v", response.Status(), err)
					}
				}
				get()
				token, err := client.Token(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if token.Life() != d.life {
					t.Errorf("the token lives %v, want %v", token.Life(), d.life)
				}
				get()
				logins := office.Count("login")
				if d.life == 0 {
					return
				}
				office.RejectAll()
				get()
				if got := office.Count("login") + office.Count("renew"); got != logins+1 {
					t.Errorf("after a rejection there were %d further exchanges, want 1", got-logins)
				}
				if got := office.Count("renew"); got != d.renews {
					t.Errorf("%d of them renewals, want %d", got, d.renews)
				}
				if err := client.Close(t.Context()); err != nil {
					t.Errorf("close: %v", err)
				}
				if got := office.Count("revoke") == 1; got != d.revokes {
					t.Errorf("revoked: %t, want %t", got, d.revokes)
				}
				if _, err := client.Token(t.Context()); err == nil {
					t.Error("a closed client gives a token")
				}
			})
		})
	}
}

func TestEveryDialectRenewsInTheBackground(t *testing.T) {
	t.Parallel()
	for _, d := range allDialects() {
		if d.life == 0 {
			continue
		}
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				office := fakeoffice.New()
				client := newClient(t, d.new(), sdk.WithHTTPTransport(memhttp.Transport(office)))
				if err := client.Login(context.Background()); err != nil {
					t.Fatal(err)
				}
				for range 50 {
					pass(d.life / 5)
					synctest.Wait()
					response, err := client.R(t.Context()).Get("/things")
					if err != nil || response.StatusCode() != http.StatusOK {
						t.Fatalf("got %v, %v", response.Status(), err)
					}
				}
				if denied := office.Count("denied"); denied != 0 {
					t.Errorf("%d requests were sent with a bad token", denied)
				}
				if tries := office.Count("login") + office.Count("renew"); tries < 11 || tries > 16 {
					t.Errorf("%d tokens in ten lives, want about 1 per 0.75 lives", tries)
				}
			})
		})
	}
}
