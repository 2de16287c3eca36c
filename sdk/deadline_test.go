package sdk_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
)

// TestTimeThatRunsOutIsATimeout lets every operation run out of time and asks in
// the ways in which programs ask net/http.
func TestTimeThatRunsOutIsATimeout(t *testing.T) {
	t.Parallel()
	request := func(client *sdk.Client) func(context.Context) error {
		return func(ctx context.Context) error {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://office.example/things", nil)
			if err != nil {
				return err
			}
			response, err := client.HTTPClient().Do(request)
			if err == nil {
				response.Body.Close()
			}
			return err
		}
	}
	for name, operation := range map[string]func(*sdk.Client) func(context.Context) error{
		"Token": func(c *sdk.Client) func(context.Context) error {
			return func(ctx context.Context) error { _, err := c.Token(ctx); return err }
		},
		"Login": func(c *sdk.Client) func(context.Context) error { return c.Login },
		"Renew": func(c *sdk.Client) func(context.Context) error {
			return func(ctx context.Context) error { _, err := c.Renew(ctx); return err }
		},
		"Try": func(c *sdk.Client) func(context.Context) error {
			return func(ctx context.Context) error { return c.Try(ctx, func(sdk.Token) bool { return false }) }
		},
		"Do": func(c *sdk.Client) func(context.Context) error {
			return func(ctx context.Context) error { _, err := c.Do(ctx, sdk.Call{Path: "/things"}); return err }
		},
		"R": func(c *sdk.Client) func(context.Context) error {
			return func(ctx context.Context) error { _, err := c.R(ctx).Get("/things"); return err }
		},
		"HTTPClient": request,
		"Stop": func(c *sdk.Client) func(context.Context) error {
			go func() { _, _ = c.Token(context.Background()) }()
			synctest.Wait()
			return c.Stop
		},
	} {
		for bound, c := range map[string]struct {
			own      bool // the caller's own deadline, not one of the client
			canceled bool
		}{"deadline": {true, false}, "canceled": {true, true}, "the client's": {false, false}} {
			if name == "Stop" && !c.own {
				continue
			}
			t.Run(name+"/"+bound, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					release := make(chan struct{})
					client := newClient(t, &scripted{login: func(ctx context.Context) (sdk.Token, error) {
						if !c.own {
							<-ctx.Done()
						}
						<-release // not even the end of its context helps
						return sdk.Token{}, ctx.Err()
					}}, sdk.WithLoginTimeout(2*time.Second), sdk.WithHTTPTransport(memhttp.Transport(fakeoffice.New())))
					if !c.own {
						close(release)
					} else {
						defer close(release)
					}
					ctx := t.Context()
					if c.own {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, time.Second)
						defer cancel()
						if c.canceled {
							time.AfterFunc(time.Second/2, cancel)
						}
					}
					err := operation(client)(ctx)
					var network net.Error
					found := errors.As(err, &network)
					if timeout := !c.canceled; found && network.Timeout() != timeout || !found && timeout || os.IsTimeout(err) != timeout {
						t.Errorf("%v: net.Error %t, os.IsTimeout %t; want %t", err, found && network.Timeout(), os.IsTimeout(err), timeout)
					}
					if errors.Is(err, context.DeadlineExceeded) != (c.own && !c.canceled) || errors.Is(err, context.Canceled) != c.canceled {
						t.Errorf("%v is not the context's error, or is", err)
					}
				})
			})
		}
	}
}

func TestAFailedHandshakeHasSentNothing(t *testing.T) {
	t.Parallel()
	office := httptest.NewUnstartedServer(fakeoffice.New()) // its authority is unknown
	office.Config.ErrorLog = log.New(io.Discard, "", 0)
	office.StartTLS()
	t.Cleanup(office.Close)
	unresponsive, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	plain := httptest.NewServer(fakeoffice.New())
	t.Cleanup(plain.Close)
	t.Cleanup(func() { _ = unresponsive.Close() })
	go func() {
		for {
			conn, err := unresponsive.Accept()
			if err != nil {
				return
			}
			_ = conn.Close() // in the handshake
		}
	}()
	for name, address := range map[string]string{
		"unknown authority": office.URL,
		"no TLS at all":     "https://" + plain.Listener.Addr().String(),
		"closed":            "https://" + unresponsive.Addr().String(),
		"nobody there":      "https://127.0.0.1:1",
		"no such name":      "https://office.invalid",
	} {
		client, err := sdk.New(address, sessionPassword())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Stop(context.Background()) })
		err = client.Login(t.Context())
		var e *sdk.Error
		if !errors.As(err, &e) || e.OutcomeUnknown || !e.Temporary {
			t.Errorf("%s: %v, outcome unknown: %t", name, err, e.OutcomeUnknown)
		}
		if unknown := new(x509.UnknownAuthorityError); name == "unknown authority" && !errors.As(err, unknown) {
			t.Errorf("%s: %v does not say so", name, err)
		}
	}
}
