package sdk_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// overPlainHTTP is a client of this machine, whose connections are in memory.
func overPlainHTTP(t *testing.T, handler http.Handler) *sdk.Client {
	t.Helper()
	client, err := sdk.New("http://127.0.0.1", allDialects()[0].new(), sdk.WithHTTPTransport(memhttp.Transport(handler)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Stop(context.Background()) })
	return client
}

func TestANilContextIsAnError(t *testing.T) {
	t.Parallel()
	var none context.Context
	for _, loggedIn := range []bool{false, true} {
		client := newClient(t, allDialects()[0].new(), sdk.WithHTTPTransport(memhttp.Transport(fakeoffice.New())))
		if loggedIn {
			if err := client.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for what, call := range map[string]func() error{
			"Token": func() error { _, err := client.Token(none); return err },
			"Login": func() error { return client.Login(none) },
			"Renew": func() error { _, err := client.Renew(none); return err },
			"Do":    func() error { _, err := client.Do(none, sdk.Call{Path: "/things"}); return err },
			"Try":   func() error { return client.Try(none, func(sdk.Token) bool { return false }) },
			"List":  func() error { _, err := session.Of(client).List(none); return err },
			"End":   func() error { return session.Of(client).End(none, "1") },
		} {
			if err := call(); !errors.Is(err, sdk.ErrConfig) || !strings.Contains(err.Error(), "the context is nil") {
				t.Errorf("%s, logged in %t: %v, want ErrConfig", what, loggedIn, err)
			}
		}
		if response, err := client.R(none).Get("/things"); err != nil || response.StatusCode() != http.StatusOK {
			t.Errorf("R: %v, %v", response.Status(), err)
		}
	}
}

func TestANilContextEndsAClientAnyway(t *testing.T) {
	t.Parallel()
	var none context.Context
	for what, end := range map[string]func(*sdk.Client) error{
		"Logout": func(c *sdk.Client) error { return c.Logout(none) },
		"Close":  func(c *sdk.Client) error { return c.Close(none) },
		"Stop":   func(c *sdk.Client) error { return c.Stop(none) },
	} {
		synctest.Test(t, func(t *testing.T) {
			office := fakeoffice.New()
			client := newClient(t, form.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)), sdk.WithHTTPTransport(memhttp.Transport(office)))
			if err := client.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := end(client); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			_, err := client.Token(t.Context())
			if closed := errors.Is(err, sdk.ErrClosed); closed != (what != "Logout") {
				t.Errorf("%s: a token afterwards: %v", what, err)
			}
		})
	}
}

func TestANilOptionChangesNothing(t *testing.T) {
	t.Parallel()
	password := sdk.NewSecret(fakeoffice.Password)
	for _, d := range []sdk.Dialect{
		session.Password(fakeoffice.User, password, nil), form.Password(fakeoffice.User, password, nil),
		rpc.Password(fakeoffice.User, password, nil), scoped.Password(fakeoffice.User, password, nil),
	} {
		client := newClient(t, d, nil, sdk.WithHTTPTransport(memhttp.Transport(fakeoffice.New())), nil)
		if err := client.Login(t.Context()); err != nil {
			t.Errorf("%s: %v", d.Name(), err)
		}
	}
	if _, err := sdk.Detect(t.Context(), "https://office.example", nil, sdk.WithHTTPTransport(memhttp.Transport(fakeoffice.New()))); err != nil {
		t.Errorf("Detect: %v", err)
	}
}

func TestALogObserverNeedsALogger(t *testing.T) {
	t.Parallel()
	if _, err := sdk.New("https://office.example", allDialects()[0].new(), sdk.WithObserver(sdk.LogObserver(nil))); !errors.Is(err, sdk.ErrConfig) {
		t.Errorf("got %v, want ErrConfig", err)
	}
}

func TestAClientInALog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	client := newClient(t, allDialects()[0].new())
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "client", client)
	if !strings.Contains(log.String(), `"client":"client of https://office.example in dialect session"`) {
		t.Error(log.String())
	}
}

func TestACallWithoutAName(t *testing.T) {
	t.Parallel()
	client := newClient(t, allDialects()[0].new(), sdk.WithHTTPTransport(memhttp.Transport(fakeoffice.New())))
	if _, err := client.Do(t.Context(), sdk.Call{Method: "TWO WORDS", Path: "/things"}); err == nil || !strings.HasPrefix(err.Error(), "session call: ") {
		t.Errorf("got %v", err)
	}
}
