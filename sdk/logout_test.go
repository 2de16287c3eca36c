package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
)

func scopedOffice(t *testing.T, options ...sdk.Option) (*fakeoffice.Office, *sdk.Client) {
	t.Helper()
	office := fakeoffice.New()
	return office, newClient(t, scoped.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)),
		append([]sdk.Option{sdk.WithHTTPTransport(memhttp.Transport(office))}, options...)...)
}

func TestLogoutDuringARenewalIsNoFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, &scripted{
			login: func(ctx context.Context) (sdk.Token, error) { return tokenOf("a token", 600*time.Second), ctx.Err() },
			renew: func(ctx context.Context, _ sdk.Token) (sdk.Token, error) {
				<-ctx.Done()
				return sdk.Token{}, ctx.Err()
			},
		})
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := make(chan error, 1)
		go func() {
			_, err := client.Renew(t.Context())
			got <- err
		}()
		synctest.Wait()
		if err := client.Logout(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-got; !errors.Is(err, sdk.ErrUnavailable) || err.Error() != "scripted token: unavailable: the client was logged out meanwhile" {
			t.Errorf("who waited got %v", err)
		}
		if _, err := client.Token(t.Context()); err != nil {
			t.Errorf("right after the logout: %v", err)
		}
	})
}

func TestLogoutForgetsTheTokenThoughTheStoreFails(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"lock", "load", "delete"} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := newFlaky()
				office, client := scopedOffice(t, sdk.WithStore(store))
				if err := client.Login(t.Context()); err != nil {
					t.Fatal(err)
				}
				store.failAt(op)
				if err := client.Logout(t.Context()); !errors.Is(err, errDisk) || !errors.Is(err, sdk.ErrStore) {
					t.Errorf("logout: %v, want the store's error", err)
				}
				wantCount(t, office, "revoke", 1)
				store.failAt()
				if response, err := client.R(t.Context()).Get("/api/v1/objects"); err != nil || response.StatusCode() != http.StatusOK {
					t.Errorf("afterwards: %v, %v", response.Status(), err)
				}
				wantCount(t, office, "login", 2)
				if op != "delete" { // then the ended token was not found again
					wantCount(t, office, "denied", 0)
				}
			})
		})
	}
}

func TestLogoutEndsTheTokenThatCouldNotBeSaved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newFlaky()
		var revoked []string
		office, client := scopedOffice(t, sdk.WithStore(store))
		office.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodDelete {
				revoked = append(revoked, r.URL.Path)
			}
			return false
		}
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		store.failAt("save")
		token, err := client.Renew(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := client.Logout(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := "/api/v1/tokens/" + token.ID; len(revoked) != 1 || revoked[0] != want {
			t.Errorf("revoked %v, want the token in use, %s", revoked, want)
		}
	})
}

func TestLogoutForgetsTheTokenEverywhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newFlaky()
		office := fakeoffice.New()
		client := newClient(t, scoped.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)), sdk.WithStore(store), sdk.WithHTTPTransport(memhttp.Transport(office)))
		for range 3 {
			if err := client.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := client.Logout(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		wantCount(t, office, "login", 3)
		wantCount(t, office, "revoke", 3)
		// The server is away: the client says so, and forgets anyway.
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		office.Intercept = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true }
		if err := client.Logout(t.Context()); !errors.Is(err, sdk.ErrUnavailable) {
			t.Errorf("logout without a server: %v", err)
		}
		office.Intercept = nil
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantCount(t, office, "login", 5)
		// A token that has ended by itself needs no revocation.
		pass(48 * time.Hour)
		if err := client.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestCloseDuringALogin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		office, client := newOffice(t)
		office.Delay = time.Minute
		got := make(chan error, 1)
		go func() {
			_, err := client.Token(t.Context())
			got <- err
		}()
		synctest.Wait()
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		// The fake office does not notice that its client has gone.
		if err := client.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("close: %v after %v, want the context's error", err, time.Since(start))
		}
		if err := <-got; !errors.Is(err, sdk.ErrClosed) {
			t.Errorf("the waiter got %v, want ErrClosed", err)
		}
		if err := client.Close(t.Context()); err != nil {
			t.Errorf("close again: %v", err)
		}
		if err := client.Login(t.Context()); !errors.Is(err, sdk.ErrClosed) {
			t.Errorf("login: %v, want ErrClosed", err)
		}
	})
}

// TestAnEndedContextLogsOutAnyway is "defer client.Close(ctx)" after Ctrl-C.
func TestAnEndedContextLogsOutAnyway(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*sdk.Client, context.Context) error{"Close": (*sdk.Client).Close, "Logout": (*sdk.Client).Logout} {
		for answer, c := range map[string]struct {
			intercept func(w http.ResponseWriter, r *http.Request) bool
			ok        bool
			within    time.Duration
		}{
			"in time": {nil, true, 0},
			"refused": {func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true }, false, 0},
			"never":   {func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }, false, 5 * time.Second},
		} {
			t.Run(name+"/"+answer, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					store := sdk.NewMemoryStore()
					office, client := scopedOffice(t, sdk.WithStore(store))
					if err := client.Login(t.Context()); err != nil {
						t.Fatal(err)
					}
					office.Intercept = c.intercept
					ctx, cancel := context.WithCancel(t.Context())
					cancel()
					start := time.Now()
					err := end(client, ctx)
					if c.ok && err != nil || !c.ok && !errors.Is(err, context.Canceled) {
						t.Errorf("got %v", err)
					}
					if passed := time.Since(start); passed != c.within {
						t.Errorf("it took %v, want %v", passed, c.within)
					}
					if c.ok {
						wantCount(t, office, "revoke", 1)
					}
					office.Intercept = nil
					_, again := scopedOffice(t, sdk.WithStore(store), sdk.WithHTTPTransport(memhttp.Transport(office)))
					if err := again.Login(t.Context()); err != nil {
						t.Error(err)
					}
					wantCount(t, office, "login", 2) // the store has forgotten the token
				})
			})
		}
	}
}

// TestAfterLogoutTheTokenIsNotUsedAgain logs out while things go wrong.
func TestAfterLogoutTheTokenIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail   []string // operations of the store
		during bool     // a login, which ends afterwards
	}{
		"store without delete": {[]string{"delete"}, false},
		"store without lock":   {[]string{"lock", "delete"}, false},
		"store without load":   {[]string{"load", "delete"}, false},
		"during a login":       {nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := newFlaky()
				logins := 0
				client := newClient(t, &scripted{login: func(context.Context) (sdk.Token, error) {
					logins++
					n := logins
					if c.during && n == 1 {
						pass(time.Minute) // it does not notice that it was called off
					}
					return tokenOf(fmt.Sprint("token ", n), time.Hour), nil
				}}, sdk.WithStore(store), sdk.WithLoginTimeout(2*time.Minute), sdk.WithoutBackgroundRenewal())
				if c.during {
					go func() { _, _ = client.Token(context.WithoutCancel(t.Context())) }()
				} else if err := client.Login(t.Context()); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				store.failAt(c.fail...)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if err := client.Logout(ctx); err == nil {
					t.Error("nothing went wrong")
				}
				store.failAt()
				pass(2 * time.Minute)
				token, err := client.Token(t.Context())
				if err != nil || token.Access.Reveal() != "token 2" {
					t.Errorf("got %q, %v; want another token", token.Access.Reveal(), err)
				}
			})
		})
	}
}
