package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/fleet"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

func TestNilContextsAndFunctions(t *testing.T) {
	t.Parallel()
	f, err := fleet.New("https://office.example", func(account string) sdk.Dialect {
		return session.Password(account, sdk.NewSecret(fakeoffice.Password))
	}, nil, fleet.WithHTTPTransport(memhttp.Transport(fakeoffice.New())))
	if err != nil {
		t.Fatal(err)
	}
	var none context.Context
	if err := f.With(none, "ann", func(*sdk.Client) error { return nil }); !errors.Is(err, sdk.ErrConfig) {
		t.Errorf("With without a context: %v", err)
	}
	if err := f.With(t.Context(), "ann", nil); !errors.Is(err, sdk.ErrConfig) {
		t.Errorf("With without a function: %v", err)
	}
	if err := f.Logout(none, "ann"); err != nil {
		t.Errorf("Logout: %v", err)
	}
	if err := f.Stop(none); err != nil {
		t.Errorf("Stop: %v", err)
	}
}

func TestWhatAFleetCannotBeMadeOf(t *testing.T) {
	t.Parallel()
	o := newOffice(time.Hour)
	for name, c := range map[string]struct {
		address string
		dialect func(string) sdk.Dialect
		options []fleet.Option
	}{
		"no address":     {"", o.as, nil},
		"plain http":     {"http://office.example", o.as, nil},
		"no dialect":     {"https://office.example", nil, nil},
		"nobody to tell": {"https://office.example", o.as, []fleet.Option{fleet.WithLoginNeeded(nil)}},
		"no randomness":  {"https://office.example", o.as, []fleet.Option{fleet.WithRand(nil)}},
		"a wrong option": {"https://office.example", o.as, []fleet.Option{fleet.WithClientOptions(sdk.WithRetry(0))}},
	} {
		if _, err := fleet.New(c.address, c.dialect, c.options...); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		dialect func(string) sdk.Dialect
		cause   error
	}{
		"no dialect for an account": {func(string) sdk.Dialect { return nil }, sdk.ErrConfig},
		"a panic":                   {func(string) sdk.Dialect { panic("a secret") }, sdk.ErrPanic},
	} {
		f, err := fleet.New("https://office.example", c.dialect)
		if err != nil {
			t.Fatal(err)
		}
		err = f.With(t.Context(), "ann", func(*sdk.Client) error { return nil })
		if !errors.Is(err, c.cause) || strings.Contains(err.Error(), "a secret") || f.Len() != 0 {
			t.Errorf("%s: %v, %d accounts", name, err, f.Len())
		}
		if err := f.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestAnAccountThatLoggedOutStaysSo waits for background renewals.
func TestAnAccountThatLoggedOutStaysSo(t *testing.T) {
	t.Parallel()
	for name, logout := range map[string]func(ctx context.Context, f *fleet.Fleet) error{
		"by the fleet": func(ctx context.Context, f *fleet.Fleet) error { return f.Logout(ctx, "ann") },
		"by the client": func(ctx context.Context, f *fleet.Fleet) error {
			return f.With(ctx, "ann", func(client *sdk.Client) error { return client.Logout(ctx) })
		},
		"during a use": func(ctx context.Context, f *fleet.Fleet) error {
			return f.With(ctx, "ann", func(*sdk.Client) error { return f.Logout(ctx, "ann") })
		},
		"after Ctrl-C": func(ctx context.Context, f *fleet.Fleet) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return f.Logout(ctx, "ann")
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := newOffice(10 * time.Minute)
			f := newFleet(t, o)
			login(t, f, "ann")
			if err := logout(t.Context(), f); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			pass(time.Hour)
			if logins, renews := o.counts(); logins != 1 || renews != 0 {
				t.Errorf("%s: %d logins, %d renewals", name, logins, renews)
			}
			if n := f.Len(); (n == 0) != (name != "by the client") {
				t.Errorf("%s: %d accounts", name, n)
			}
			login(t, f, "ann")
			if logins, _ := o.counts(); logins != 2 {
				t.Errorf("%s: %d logins", name, logins)
			}
		})
	}
}

// TestAFleetGoesOnAfterARestart finds its tokens in the store that it was given.
func TestAFleetGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, store := newOffice(10*time.Minute), sdk.NewMemoryStore()
		for range 3 {
			f := newFleet(t, o, fleet.WithStore(store))
			for i := range 10 {
				err := f.With(t.Context(), name(i), func(client *sdk.Client) error {
					token, err := client.Token(t.Context())
					if err == nil && token.Access.Reveal() != "token-of-"+name(i) {
						err = fmt.Errorf("%s has the token of another", name(i))
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
			pass(time.Hour)
			if err := f.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if logins, renews := o.counts(); logins != 10 || renews < 3*10*6 {
			t.Errorf("%d logins, %d renewals", logins, renews)
		}
	})
}

// A fleet is for many accounts, of which few are used.
func TestAnIdleAccountIsSmall(t *testing.T) {
	// Not parallel: it measures the heap.
	const accounts, most = 3000, 1024
	synctest.Test(t, func(t *testing.T) {
		heap := func() uint64 {
			var stats runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&stats)
			return stats.HeapAlloc
		}
		o := newOffice(24 * time.Hour)
		f := newFleet(t, o)
		before := heap()
		for i := range accounts {
			login(t, f, name(i))
		}
		used := (heap() - before) / accounts
		pass(10 * time.Minute)
		idle := (heap() - before) / accounts
		t.Logf("%d bytes for an account, %d when it was used of late", idle, used)
		if idle > most {
			t.Errorf("an idle account takes %d bytes, want at most %d", idle, most)
		}
		runtime.KeepAlive(f)
	})
}
