package oauth2source_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
	"github.com/dragoman-auth/dragoman/sdk/oauth2source"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

func newClient(t *testing.T, office *fakeoffice.Office, dialect sdk.Dialect) *sdk.Client {
	t.Helper()
	client, err := sdk.New("https://office.example", dialect, sdk.WithHTTPTransport(memhttp.Transport(office)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Stop(context.Background()) })
	return client
}

func TestTheSourceFollowsTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		office := fakeoffice.New()
		office.OldAccess = true // package oauth2 keeps a token until its end
		client := newClient(t, office, session.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)))
		base := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: memhttp.Transport(office)})
		httpClient := oauth2.NewClient(base, oauth2source.New(t.Context(), client))
		for range 20 {
			response, err := httpClient.Get("https://office.example/users")
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Fatalf("got %s", response.Status)
			}
			<-time.After(5 * time.Minute)
		}
		if office.Count("login") != 1 || office.Count("renew") < 10 {
			t.Errorf("%d logins and %d renewals", office.Count("login"), office.Count("renew"))
		}
		token, err := oauth2source.New(t.Context(), client).Token()
		if err != nil || token.RefreshToken != "" || !token.Valid() || token.Expiry.Before(time.Now()) {
			t.Errorf("got %v, %v", token.Expiry, err)
		}
	})
}

func TestOtherHeadersAreNoBearerTokens(t *testing.T) {
	t.Parallel()
	office := fakeoffice.New()
	for _, dialect := range []sdk.Dialect{
		form.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)),
		session.APIKey(sdk.NewSecret(fakeoffice.APIKey)),
	} {
		if _, err := oauth2source.New(t.Context(), newClient(t, office, dialect)).Token(); !errors.Is(err, sdk.ErrUnsupported) {
			t.Errorf("%s: %v, want ErrUnsupported", dialect.Name(), err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := oauth2source.New(ctx, newClient(t, office, scoped.Password("x", sdk.NewSecret("y")))).Token(); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}
