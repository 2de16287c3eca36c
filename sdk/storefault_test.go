package sdk_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// flaky is a store whose operations a test can make fail.
type flaky struct {
	sdk.Store

	mu   sync.Mutex
	fail map[string]error // by operation
	log  []string
}

func newFlaky() *flaky { return &flaky{Store: sdk.NewMemoryStore(), fail: map[string]error{}} }

func (f *flaky) note(op string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, op)
	return f.fail[op]
}

// failAt lets operations fail from now on, and no others.
func (f *flaky) failAt(ops ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.fail)
	for _, op := range ops {
		f.fail[op] = errDisk
	}
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
	return func() { _ = f.note("unlock"); unlock() }, err
}

// took returns and forgets the operations.
func (f *flaky) took() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	log := strings.Join(f.log, " ")
	f.log = nil
	return log
}

var errDisk = errors.New("no space left on device")

func TestAStoreThatFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		op       string
		required bool
		logins   int // after three renewals with the store failing
	}{
		"lock": {"lock", false, 4}, "load": {"load", false, 4}, "intent": {"intent", false, 1}, "save": {"save", false, 1},
		"lock, required": {"lock", true, 1}, "load, required": {"load", true, 1}, "intent, required": {"intent", true, 1}, "save, required": {"save", true, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := newFlaky()
				events := 0
				options := []sdk.Option{sdk.WithStore(store), sdk.WithoutBackgroundRenewal()}
				if c.required {
					options = append(options, sdk.WithStoreRequired())
				}
				office, client := newOffice(t, append(options, sdk.WithObserver(sdk.ObserverFunc(func(_ context.Context, event sdk.Event) {
					if event.Kind == sdk.EventStore && errors.Is(event.Err, errDisk) {
						events++
					}
				})))...)
				if err := client.Login(t.Context()); err != nil {
					t.Fatal(err)
				}
				for range 3 {
					store.failAt(c.op)
					pass(time.Hour)
					_, err := client.Token(t.Context())
					if !c.required && err != nil {
						t.Errorf("got %v, want a token", err)
					}
					if c.required && (!errors.Is(err, errDisk) || !errors.Is(err, sdk.ErrStore)) {
						t.Errorf("got %v, want the store's error", err)
					}
				}
				if !c.required && events < 3 {
					t.Errorf("%d events tell of the failure, want 3 at least", events)
				}
				wantCount(t, office, "login", c.logins)
				wantCount(t, office, "replay", 0)
				store.failAt()
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
				inner := memhttp.Transport(office)
				transport := roundTripper(func(request *http.Request) (*http.Response, error) {
					response, err := inner.RoundTrip(request)
					if request.URL.Path != "/tokens" {
						return response, err
					}
					if lose == nil {
						return nil, errors.New("connection reset")
					}
					return memhttp.Transport(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { lose(w) })).RoundTrip(request)
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

// hanging is a store one of whose operations does not return in its own time.
type hanging struct {
	*flaky
	op string
}

func (h *hanging) wait(ctx context.Context, op string) error {
	if op != h.op {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (h *hanging) Load(ctx context.Context, key string) (sdk.Record, error) {
	if err := h.wait(ctx, "load"); err != nil {
		return sdk.Record{}, err
	}
	return h.flaky.Load(ctx, key)
}

func (h *hanging) Save(ctx context.Context, key string, record sdk.Record) (uint64, error) {
	op := "save"
	if !record.Intent.IsZero() {
		op = "intent"
	}
	if err := h.wait(ctx, op); err != nil {
		return 0, err
	}
	return h.flaky.Save(ctx, key, record)
}

func (h *hanging) Lock(ctx context.Context, key string) (func(), error) {
	if err := h.wait(ctx, "lock"); err != nil {
		return nil, err
	}
	return h.flaky.Lock(ctx, key)
}

func TestAStoreThatHangsCostsTimeAndNotTheService(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"lock", "load", "intent", "save"} {
		synctest.Test(t, func(t *testing.T) {
			office, client := newOffice(t, sdk.WithStore(&hanging{newFlaky(), op}), sdk.WithoutBackgroundRenewal())
			for range 3 {
				start := time.Now()
				if _, err := client.Token(t.Context()); err != nil || time.Since(start) > 30*time.Second {
					t.Errorf("%s: %v after %v", op, err, time.Since(start))
				}
				pass(time.Hour)
			}
			wantCount(t, office, "replay", 0)
		})
	}
}

func (h *hanging) Delete(ctx context.Context, key string) error {
	if err := h.wait(ctx, "delete"); err != nil {
		return err
	}
	return h.flaky.Delete(ctx, key)
}

// TestAStoreThatHangsDoesNotKeepAClientOpen: Close ends although its context never
// does, and says that the store failed.
func TestAStoreThatHangsDoesNotKeepAClientOpen(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"lock", "load", "delete"} {
		synctest.Test(t, func(t *testing.T) {
			office, client := newOffice(t, sdk.WithStore(&hanging{newFlaky(), op}), sdk.WithoutBackgroundRenewal())
			if _, err := client.Token(t.Context()); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			if err := client.Close(context.Background()); !errors.Is(err, sdk.ErrStore) || time.Since(start) > time.Minute {
				t.Errorf("%s: %v after %v", op, err, time.Since(start))
			}
			if office.Count("login") != 1 {
				t.Errorf("%s: %d logins", op, office.Count("login"))
			}
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
