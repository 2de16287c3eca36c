//go:build unix

package filestore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/filestore"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// A test that needs real processes starts its own binary again, with these in
// the environment.
const (
	envRole  = "DRAGOMAN_TEST_ROLE" // "rotate" or "crash"
	envURL   = "DRAGOMAN_TEST_URL"
	envDir   = "DRAGOMAN_TEST_DIR"
	envCount = "DRAGOMAN_TEST_COUNT" // of rotations
	envCrash = "DRAGOMAN_TEST_CRASH" // where to die
)

func TestMain(m *testing.M) {
	roles := map[string]func(context.Context, *filestore.Store) error{"rotate": rotate, "crash": crash}
	role, ok := roles[os.Getenv(envRole)]
	if !ok {
		goleak.VerifyTestMain(m) // does not return
	}
	store, err := filestore.New(os.Getenv(envDir), filestore.WithKey(key))
	if err == nil {
		err = role(context.Background(), store) // its parent ends it with the test, however slow the machine
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// start prepares this binary in a role.
func start(ctx context.Context, role, url, dir string, more ...string) (*exec.Cmd, *bytes.Buffer) {
	command := exec.CommandContext(ctx, os.Args[0])
	command.Env = append(os.Environ(), envRole+"="+role, envURL+"="+url, envDir+"="+dir)
	command.Env = append(command.Env, more...)
	output := new(bytes.Buffer)
	command.Stdout, command.Stderr = output, output
	return command, output
}

func newClient(store sdk.Store, transport http.RoundTripper, options ...sdk.Option) (*sdk.Client, error) {
	dialect := session.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password))
	return sdk.New(os.Getenv(envURL), dialect, append(options, sdk.WithStore(store), sdk.WithHTTPTransport(transport))...)
}

// get opens a resource.
func get(ctx context.Context, client *sdk.Client) error {
	response, err := client.R(ctx).Get("/users")
	if err == nil && response.StatusCode() != http.StatusOK {
		err = errors.New(response.Status())
	}
	return err
}

// rotate renews until this process has made its share of rotations, using the
// token after each.
func rotate(ctx context.Context, store *filestore.Store) error {
	count, err := strconv.Atoi(os.Getenv(envCount))
	if err != nil {
		return err
	}
	var mu sync.Mutex
	made := 0
	// How long a disk takes that others write to is no part of what is proven: a lock that is
	// not had in time would cost a login.
	longTimeout := sdk.WithLoginTimeout(time.Hour)
	client, err := newClient(store, http.DefaultTransport, longTimeout, sdk.WithObserver(sdk.ObserverFunc(func(_ context.Context, event sdk.Event) {
		mu.Lock()
		defer mu.Unlock()
		if event.Kind == sdk.EventRenew && event.Err == nil {
			made++
		}
		if event.Err != nil || event.Kind == sdk.EventLogin {
			fmt.Printf("pid %d: %s %s, %v after %v\n", os.Getpid(), event.Kind, event.Op, event.Err, event.Duration)
		}
	})))
	if err != nil {
		return err
	}
	for {
		if err := get(ctx, client); err != nil {
			return fmt.Errorf("use: %w", err)
		}
		mu.Lock()
		done := made >= count
		mu.Unlock()
		if done {
			return client.Stop(ctx)
		}
		if _, err := client.Renew(ctx); err != nil {
			return fmt.Errorf("renew: %w", err)
		}
	}
}

func TestProcessesShareARotatingSession(t *testing.T) {
	t.Parallel()
	const rotations = 240 // each waits for the disk a few times
	for _, processes := range []int{2, 8} {
		t.Run(fmt.Sprint(processes, " processes"), func(t *testing.T) {
			t.Parallel()
			office := fakeoffice.New()
			office.OldAccess = true
			server := httptest.NewServer(office)
			defer server.Close()
			dir := t.TempDir()
			var group sync.WaitGroup
			for range processes {
				group.Go(func() {
					command, output := start(t.Context(), "rotate", server.URL, dir, fmt.Sprintf("%s=%d", envCount, rotations/processes))
					err := command.Run()
					if err != nil {
						t.Error(err)
					}
					t.Log(output) // each login, and whatever failed: it says why there was another login
				})
			}
			group.Wait()
			if got := office.Count("renew"); got != rotations {
				t.Errorf("%d rotations, want %d", got, rotations)
			}
			if got := office.Count("login"); got != 1 {
				t.Errorf("%d logins, want 1: a session was lost", got)
			}
			if got := office.Count("replay"); got != 0 {
				t.Errorf("the server saw %d spent refresh tokens", got)
			}
			if got := office.Count("denied"); got != 0 {
				t.Errorf("%d requests were sent with a bad token", got)
			}
		})
	}
}

// die ends this process as nothing can prevent.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// deadlyTransport dies around the refresh.
type deadlyTransport struct{ point string }

func (d deadlyTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	refresh := request.URL.Path == "/tokens"
	if refresh && d.point == "before the call" {
		die()
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if refresh && d.point == "after the reply" {
		die()
	}
	return response, err
}

// deadlyStore dies around the save of the renewed token, which is the one
// without an intent.
type deadlyStore struct {
	sdk.Store
	point string
	armed *bool
}

func (d deadlyStore) Save(ctx context.Context, key string, record sdk.Record) (uint64, error) {
	if !*d.armed {
		return d.Store.Save(ctx, key, record)
	}
	if d.point == "before the intent" && !record.Intent.IsZero() || d.point == "before the save" && record.Intent.IsZero() {
		die()
	}
	version, err := d.Store.Save(ctx, key, record)
	if d.point == "after the intent" && !record.Intent.IsZero() || d.point == "after the save" && record.Intent.IsZero() {
		die()
	}
	return version, err
}

// crash logs in or takes the stored token, and dies while it renews.
func crash(ctx context.Context, store *filestore.Store) error {
	point := os.Getenv(envCrash)
	armed := false
	client, err := newClient(deadlyStore{store, point, &armed}, deadlyTransport{point})
	if err != nil {
		return err
	}
	if err := client.Login(ctx); err != nil {
		return err
	}
	armed = true
	_, err = client.Renew(ctx)
	return fmt.Errorf("still alive, %w", err)
}

func TestTheNextStartAfterACrash(t *testing.T) {
	t.Parallel()
	for point, wantLogins := range map[string]int{
		"before the intent": 1, // the stored session goes on
		"after the intent":  2,
		"before the call":   2, // nobody can tell this from the next
		"after the reply":   2,
		"before the save":   2,
		"after the save":    1,
	} {
		for _, expired := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/expired=%t", point, expired), func(t *testing.T) {
				t.Parallel()
				office := fakeoffice.New()
				server := httptest.NewServer(office)
				defer server.Close()
				dir := t.TempDir()
				command, output := start(t.Context(), "crash", server.URL, dir, envCrash+"="+point)
				err := command.Run()
				var exit *exec.ExitError
				if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
					t.Fatalf("the process ended with %v: %s", err, output)
				}
				if office.Count("login") != 1 {
					t.Fatalf("%d logins before the crash", office.Count("login"))
				}
				// The next start, with the stored token still good or expired.
				now := time.Now
				if expired {
					now = func() time.Time { return time.Now().Add(time.Hour) }
				}
				other, err := sdk.New(server.URL, session.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)),
					sdk.WithStore(open(t, dir, filestore.WithKey(key))), sdk.WithClock(now), sdk.WithoutBackgroundRenewal())
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = other.Stop(context.Background()) }()
				for range 3 {
					if err := get(t.Context(), other); err != nil {
						t.Errorf("after the crash: %v", err)
					}
				}
				if got := office.Count("replay"); got != 0 {
					t.Errorf("the server saw %d spent refresh tokens", got)
				}
				// A token that lives is used as it is, and may turn out to be good.
				if got := office.Count("login"); got > wantLogins || expired && got != wantLogins {
					t.Errorf("%d logins, want %d", got, wantLogins)
				}
				if got := office.Count("renew"); got > 3 {
					t.Errorf("%d renewals: a loop", got)
				}
			})
		}
	}
}
