package sdk_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// flaky is a store whose operations a test can make fail.
type flaky struct {
	sdk.Store
	fail map[string]error // by operation
	log  []string
}

func newFlaky() *flaky { return &flaky{Store: sdk.NewMemoryStore(), fail: map[string]error{}} }

func (f *flaky) note(op string) error {
	f.log = append(f.log, op)
	return f.fail[op]
}

func (f *flaky) Load(ctx context.Context, key string) (sdk.Record, error) {
	if err := f.note("load"); err != nil {
		return sdk.Record{}, err
	}
	return f.Store.Load(ctx, key)
}

func (f *flaky) Save(ctx context.Context, key string, record sdk.Record) (uint64, error) {
	op := "save"
	if !record.Intent.IsZero() {
		op = "intent"
	}
	if err := f.note(op); err != nil {
		return 0, err
	}
	return f.Store.Save(ctx, key, record)
}

func (f *flaky) Delete(ctx context.Context, key string) error {
	if err := f.note("delete"); err != nil {
		return err
	}
	return f.Store.Delete(ctx, key)
}

func (f *flaky) Lock(ctx context.Context, key string) (func(), error) {
	if err := f.note("lock"); err != nil {
		return nil, err
	}
	unlock, err := f.Store.Lock(ctx, key)
	return func() { f.log = append(f.log, "unlock"); unlock() }, err
}

// took returns and forgets the operations.
func (f *flaky) took() string {
	log := strings.Join(f.log, " ")
	f.log = nil
	return log
}

var errDisk = errors.New("no space left on device")

func TestTheOrderOfThings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newFlaky()
		var client *sdk.Client
		office, client := newOffice(t, sdk.WithStore(store), sdk.WithoutBackgroundRenewal(), sdk.WithOnChange(func(context.Context, sdk.Token) {
			store.log = append(store.log, "hook")
		}))
		office.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
			store.log = append(store.log, r.Method+" "+r.URL.Path)
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
		two := newClient(t, dialect, sdk.WithStore(store), sdk.WithHTTPTransport(fakeoffice.Transport(office)))
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
			sdk.WithStore(store), sdk.WithHTTPTransport(fakeoffice.Transport(office)))
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
		client := newClient(t, dialect, sdk.WithStore(store), sdk.WithHTTPTransport(fakeoffice.Transport(office)))
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

func TestAStoreThatFails(t *testing.T) {
	t.Parallel()
	for op, c := range map[string]struct {
		usable bool // the client goes on
		logins int  // after a renewal, with the store failing
	}{
		"lock":   {false, 1},
		"load":   {false, 1},
		"intent": {true, 1},
		"save":   {true, 1},
	} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := newFlaky()
				events := 0
				office, client := newOffice(t, sdk.WithStore(store), sdk.WithoutBackgroundRenewal(), sdk.WithObserver(sdk.ObserverFunc(func(_ context.Context, event sdk.Event) {
					if event.Kind == sdk.EventStore && errors.Is(event.Err, errDisk) {
						events++
					}
				})))
				if err := client.Login(t.Context()); err != nil {
					t.Fatal(err)
				}
				for range 3 {
					store.fail[op] = errDisk
					pass(time.Hour)
					_, err := client.Token(t.Context())
					if c.usable && err != nil {
						t.Errorf("got %v, want a token", err)
					}
					if !c.usable && (!errors.Is(err, errDisk) || !errors.Is(err, sdk.ErrStore)) {
						t.Errorf("got %v, want the store's error", err)
					}
				}
				if c.usable && events != 3 {
					t.Errorf("%d events tell of the failure, want 3", events)
				}
				wantCount(t, office, "login", c.logins)
				wantCount(t, office, "replay", 0)
				delete(store.fail, op)
				pass(time.Hour)
				if _, err := client.Token(t.Context()); err != nil {
					t.Errorf("after the store has recovered: %v", err)
				}
				wantCount(t, office, "replay", 0)
			})
		})
	}
}

func TestALostReplyOfARotationEndsInALogin(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(w http.ResponseWriter){
		"no reply":     nil,
		"half a reply": func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"access_to`)) },
		"a bad proxy":  func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				office := fakeoffice.New()
				inner := fakeoffice.Transport(office)
				transport := roundTripper(func(request *http.Request) (*http.Response, error) {
					response, err := inner.RoundTrip(request)
					if request.URL.Path != "/tokens" {
						return response, err
					}
					if lose == nil {
						return nil, errors.New("connection reset")
					}
					return fakeoffice.Transport(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { lose(w) })).RoundTrip(request)
				})
				client := newClient(t, session.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)), sdk.WithHTTPTransport(transport), sdk.WithoutBackgroundRenewal())
				for range 10 {
					if response, err := client.R(t.Context()).Get("/users"); err != nil || response.StatusCode() != http.StatusOK {
						t.Fatalf("got %v, %v", response.Status(), err)
					}
					pass(601 * time.Second)
				}
				wantCount(t, office, "replay", 0)
			})
		})
	}
}

// stuck is a store that stops saving before the intent is taken back.
type stuck struct {
	sdk.Store
	armed bool
}

func (s *stuck) Save(ctx context.Context, key string, record sdk.Record) (uint64, error) {
	if s.armed && record.Intent.IsZero() {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return s.Store.Save(ctx, key, record)
}

func TestAStoreThatHangsHoldsNobodyForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &stuck{Store: sdk.NewMemoryStore()}
		office, client := newOffice(t, sdk.WithStore(store), sdk.WithoutBackgroundRenewal())
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		store.armed = true
		office.Intercept = func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusServiceUnavailable) // nothing was spent
			return true
		}
		start := time.Now()
		if _, err := client.Renew(t.Context()); !errors.Is(err, sdk.ErrUnavailable) || time.Since(start) > time.Minute {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

func TestAPanickingHookLosesNoToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		office, client := newOffice(t, sdk.WithStore(sdk.NewMemoryStore()), sdk.WithOnChange(func(context.Context, sdk.Token) {
			if calls++; calls == 1 {
				panic("hook")
			}
		}))
		if _, err := client.Token(t.Context()); !errors.Is(err, sdk.ErrPanic) {
			t.Fatalf("got %v", err)
		}
		if _, err := client.Token(t.Context()); err != nil {
			t.Errorf("the next call: %v", err)
		}
		wantCount(t, office, "login", 1) // the token was saved before the hook
	})
}

func TestLogoutForgetsTheTokenEverywhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newFlaky()
		office := fakeoffice.New()
		client := newClient(t, scoped.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)), sdk.WithStore(store), sdk.WithHTTPTransport(fakeoffice.Transport(office)))
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
		// The server is away: the client says so, and forgets all the same.
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
