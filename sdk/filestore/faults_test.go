package filestore_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/filestore"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// TestAFaultCostsALoginAndAnEvent gives a client stores that cannot be used.
func TestAFaultCostsALoginAndAnEvent(t *testing.T) {
	t.Parallel()
	write := func(content string) func(t *testing.T, record string) {
		return func(t *testing.T, record string) {
			t.Helper()
			if err := os.WriteFile(record, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, damage := range map[string]func(t *testing.T, record string){
		"damaged":         write("{"),
		"another version": write(`{"format":99,"version":"1"}`),
		"another key":     write("dragoman sealed 1\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
		"a directory": func(t *testing.T, record string) {
			t.Helper()
			if err := errors.Join(os.Remove(record), os.MkdirAll(filepath.Join(record, "x"), 0o700)); err != nil {
				t.Fatal(err)
			}
		},
		"no lock files": func(t *testing.T, record string) {
			t.Helper()
			dir := filepath.Dir(record)
			if err := errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		for _, required := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(t.TempDir(), "tokens")
				store := open(t, dir)
				office := fakeoffice.New()
				events := 0
				start := func(options ...sdk.Option) *sdk.Client {
					client, err := sdk.New("https://office.example", session.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)),
						append(options, sdk.WithHTTPTransport(memhttp.Transport(office)), sdk.WithStore(store), sdk.WithObserver(sdk.ObserverFunc(func(_ context.Context, event sdk.Event) {
							if event.Kind == sdk.EventStore && errors.Is(event.Err, sdk.ErrStore) {
								events++
							}
						})))...)
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { _ = client.Stop(context.Background()) })
					return client
				}
				if err := start().Login(t.Context()); err != nil {
					t.Fatal(err)
				}
				records, err := filepath.Glob(filepath.Join(dir, "*.token"))
				if err != nil || len(records) != 1 {
					t.Fatal(records, err)
				}
				damage(t, records[0])
				if required {
					if err := start(sdk.WithStoreRequired()).Login(t.Context()); !errors.Is(err, sdk.ErrStore) || office.Count("login") != 1 {
						t.Errorf("got %v after %d logins, want the store's error", err, office.Count("login"))
					}
					return
				}
				client := start()
				for range 3 {
					if response, err := client.R(t.Context()).Get("/users"); err != nil || response.StatusCode() != http.StatusOK {
						t.Errorf("got %v, %v", response.Status(), err)
					}
				}
				if office.Count("login") != 2 || events == 0 {
					t.Errorf("%d logins and %d events, want one more login and an event", office.Count("login"), events)
				}
			})
		}
	}
}

func TestAFileIsNoDirectory(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := filestore.New(file, nil); !errors.Is(err, sdk.ErrConfig) {
		t.Errorf("a store in a file: %v, want ErrConfig", err)
	}
	if _, err := filestore.New(filepath.Join(t.TempDir(), "not yet"), nil); err != nil {
		t.Errorf("a directory that is not there: %v", err)
	}
}

func TestADirectoryThatOthersMayWriteIsRefused(t *testing.T) {
	t.Parallel()
	for mode, ok := range map[os.FileMode]bool{0o700: true, 0o755: true, 0o750: true, 0o770: false, 0o702: false, 0o777: false} {
		dir := t.TempDir()
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := filestore.New(dir); (err == nil) != ok || err != nil && !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("%v: %v", mode, err)
		}
	}
}
