package sdk_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
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

// asking are the dialects with a password that is asked for.
func asking(ask sdk.SecretFunc) map[string]sdk.Dialect {
	return map[string]sdk.Dialect{
		"session": session.PasswordFunc(fakeoffice.User, ask), "form": form.PasswordFunc(fakeoffice.User, ask),
		"rpc": rpc.PasswordFunc(fakeoffice.User, ask), "scoped": scoped.PasswordFunc(fakeoffice.User, ask),
	}
}

// TestAPersonWhoDoesNotAnswer leaves a prompt that knows of no context unanswered,
// and answers it late.
func TestAPersonWhoDoesNotAnswer(t *testing.T) {
	t.Parallel()
	for name := range asking(nil) {
		synctest.Test(t, func(t *testing.T) {
			typed, asked := make(chan struct{}), 0
			dialect := asking(func(context.Context) (sdk.Secret, error) {
				asked++
				<-typed
				return sdk.NewSecret(fakeoffice.Password), nil
			})[name]
			client := newClient(t, dialect, sdk.WithHTTPTransport(memhttp.Transport(fakeoffice.New())))
			start := time.Now()
			for i := range 3 { // later callers do not wait anew
				err := client.Login(t.Context())
				var timeout interface{ Timeout() bool }
				if !errors.Is(err, sdk.ErrUnavailable) || !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(start) != 40*time.Second {
					t.Errorf("%s: login %d: %v after %v", name, i, err, time.Since(start))
				}
			}
			close(typed)
			synctest.Wait()
			if err := client.Login(t.Context()); err != nil || asked != 1 {
				t.Errorf("%s: after the answer: %v, asked %d times", name, err, asked)
			}
		})
	}
}

// TestAPasswordThatIsAskedFor logs in several times, while the vault and the
// server go through the steps of a rotation.
func TestAPasswordThatIsAskedFor(t *testing.T) {
	t.Parallel()
	errVault := errors.New("the vault is sealed")
	steps := []struct {
		name          string
		vault, server string // "": the vault fails
		asked, logins int
		cause         error
	}{
		{"first", "old", "old", 1, 1, nil},
		{"kept", "old", "old", 0, 1, nil},
		{"kept, without a vault", "", "old", 0, 1, nil},
		{"rotated", "new", "new", 1, 2, nil},
		{"kept again", "new", "new", 0, 1, nil},
		{"changed at the server only", "new", "newer", 1, 1, sdk.ErrRefused},
		{"still", "new", "newer", 1, 1, sdk.ErrRefused},
		{"without a vault", "", "newer", 1, 0, errVault},
		{"healed", "newer", "newer", 1, 1, nil},
	}
	for name := range asking(nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				vault, server, asked, logins := "", "", 0, 0
				dialect := asking(func(context.Context) (sdk.Secret, error) {
					if asked++; vault == "" {
						return sdk.Secret{}, errVault
					}
					return sdk.NewSecret(vault + "-password"), nil
				})[name]
				office := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					if r.Method != http.MethodPost || strings.Contains(string(body), "CloseSession") {
						_, _ = io.WriteString(w, "{}")
						return
					}
					if logins++; !strings.Contains(string(body), server+"-password") {
						w.WriteHeader(http.StatusUnauthorized)
						return
					}
					_, _ = io.WriteString(w, `{"_id":"1","access_token":"a","token":"a","token_value":"a"}`)
				})
				client := newClient(t, dialect, sdk.WithHTTPTransport(memhttp.Transport(office)), sdk.WithoutBackgroundRenewal())
				for _, step := range steps {
					vault, server, asked, logins = step.vault, step.server, 0, 0
					err := client.Login(t.Context())
					if !errors.Is(err, step.cause) || (err == nil) != (step.cause == nil) || asked != step.asked || logins != step.logins {
						t.Errorf("%s: %v, asked %d times, %d logins; want %d and %d", step.name, err, asked, logins, step.asked, step.logins)
					}
					if err := client.Logout(t.Context()); err != nil {
						t.Errorf("%s: logout: %v", step.name, err)
					}
				}
			})
		})
	}
	for name, dialect := range asking(nil) {
		if err := newError(dialect); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("%s without a function: %v", name, err)
		}
	}
	for name, dialect := range asking(func(context.Context) (sdk.Secret, error) { panic("a secret") }) {
		client := newClient(t, dialect, sdk.WithHTTPTransport(still{}))
		if err := client.Login(t.Context()); !errors.Is(err, sdk.ErrPanic) {
			t.Errorf("%s, a panic: %v", name, err)
		}
	}
}

// TestATokenThatIsHandedOver goes on with what another client has logged in to.
func TestATokenThatIsHandedOver(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(token sdk.Token) sdk.Dialect{
		"session": func(token sdk.Token) sdk.Dialect { return session.FromToken(token.Access, token.Refresh) },
		"form":    func(token sdk.Token) sdk.Dialect { return form.FromToken(token.Access) },
		"rpc":     func(token sdk.Token) sdk.Dialect { return rpc.FromToken(token.Access) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				office := fakeoffice.New()
				transport := sdk.WithHTTPTransport(memhttp.Transport(office))
				var first sdk.Token
				for _, d := range allDialects() {
					if d.name == name {
						var err error
						if first, err = newClient(t, d.new(), transport, sdk.WithoutBackgroundRenewal()).Token(t.Context()); err != nil {
							t.Fatal(err)
						}
					}
				}
				store := sdk.NewMemoryStore()
				client := newClient(t, begin(first), transport, sdk.WithStore(store))
				for range 10 {
					if response, err := client.R(t.Context()).Get("/things"); err != nil || response.StatusCode() != http.StatusOK {
						t.Fatalf("got %v, %v", response.Status(), err)
					}
					pass(first.Life() / 2)
				}
				wantCount(t, office, "login", 1)
				if err := client.Stop(t.Context()); err != nil {
					t.Fatal(err)
				}
				again := newClient(t, begin(first), transport, sdk.WithStore(store), sdk.WithoutBackgroundRenewal()) // goes on with what is stored
				if _, err := again.R(t.Context()).Get("/things"); err != nil {
					t.Errorf("after a restart: %v", err)
				}
				office.EndAll()
				pass(100 * 24 * time.Hour)
				if _, err := again.Token(t.Context()); !errors.Is(err, sdk.ErrRefused) {
					t.Errorf("after its end: %v, want ErrRefused", err)
				}
				wantCount(t, office, "login", 1)
			})
		})
	}
	for name, dialect := range map[string]sdk.Dialect{
		"session, no refresh token": session.FromToken(sdk.NewSecret("a"), sdk.Secret{}), "session, a line break": session.FromToken(sdk.NewSecret("a\n"), sdk.NewSecret("r")),
		"form, none": form.FromToken(sdk.Secret{}), "form, a line break": form.FromToken(sdk.NewSecret("a\n")),
		"rpc, none": rpc.FromToken(sdk.Secret{}), "rpc, a line break": rpc.FromToken(sdk.NewSecret("a\n")),
	} {
		if err := newError(dialect); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
