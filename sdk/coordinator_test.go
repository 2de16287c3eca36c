package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// scripted is a dialect whose answers a test writes.
type scripted struct {
	login func(ctx context.Context) (sdk.Token, error)
	renew func(ctx context.Context, token sdk.Token) (sdk.Token, error)
}

func (d *scripted) Name() string { return "scripted" }
func (d *scripted) Key() string  { return "me" }

func (d *scripted) Login(ctx context.Context, _ *sdk.TokenClient) (sdk.Token, error) {
	return d.login(ctx)
}

func (d *scripted) Renew(ctx context.Context, _ *sdk.TokenClient, token sdk.Token) (sdk.Token, error) {
	return d.renew(ctx, token)
}

func (d *scripted) Authorize(header http.Header, token sdk.Token) {
	header.Set("Authorization", "Bearer "+token.Access.Reveal())
}

func (d *scripted) Rejected(response *http.Response) bool {
	return response.StatusCode == http.StatusUnauthorized
}

// tokenOf lives for life from now.
func tokenOf(access string, life time.Duration) sdk.Token {
	return sdk.Token{Access: sdk.NewSecret(access), Refresh: sdk.NewSecret("refresh of " + access), Issued: time.Now(), Expires: time.Now().Add(life)}
}

// pass lets the time of a synctest bubble pass.
func pass(d time.Duration) { <-time.After(d) }

// newOffice returns a fake office and a session client of it.
func newOffice(t *testing.T, options ...sdk.Option) (*fakeoffice.Office, *sdk.Client) {
	t.Helper()
	office := fakeoffice.New()
	return office, newClient(t, sessionPassword(),
		append([]sdk.Option{sdk.WithHTTPTransport(memhttp.Transport(office))}, options...)...)
}

func sessionPassword() sdk.Dialect {
	return session.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password))
}

func newClient(t *testing.T, dialect sdk.Dialect, options ...sdk.Option) *sdk.Client {
	t.Helper()
	client, err := sdk.New("https://office.example", dialect, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return client
}

func wantCount(t *testing.T, office *fakeoffice.Office, what string, want int) {
	t.Helper()
	if got := office.Count(what); got != want {
		t.Errorf("%s: %d times, want %d", what, got, want)
	}
}

func TestTenThousandCallersAtExpiryMakeOneRenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		office, client := newOffice(t, sdk.WithoutBackgroundRenewal())
		office.Delay = 50 * time.Millisecond
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		pass(office.Life)
		var group sync.WaitGroup
		var failures atomic.Int64
		for range 10_000 {
			group.Go(func() {
				if _, err := client.Token(t.Context()); err != nil {
					failures.Add(1)
				}
			})
		}
		group.Wait()
		wantCount(t, office, "login", 1)
		wantCount(t, office, "renew", 1)
		if n := failures.Load(); n != 0 {
			t.Errorf("%d callers got an error", n)
		}
	})
}

func TestStaggeredRejectionsMakeOneRenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		office, client := newOffice(t)
		office.Delay = 20 * time.Millisecond
		// Every first answer comes late, in steps of 10 ms.
		var late atomic.Int64
		office.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/users" && strings.HasSuffix(r.Header.Get("Authorization"), "access-1") {
				pass(time.Duration(late.Add(1)) * 10 * time.Millisecond)
			}
			return false
		}
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		office.RejectAll()
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				response, err := client.R(t.Context()).Get("/users")
				if err != nil || response.StatusCode() != http.StatusOK {
					t.Errorf("got %v, %v", response.Status(), err)
				}
			})
		}
		group.Wait()
		wantCount(t, office, "renew", 1)
		wantCount(t, office, "login", 1)
		wantCount(t, office, "denied", 50)
		wantCount(t, office, "granted", 50)
	})
}

// TestRejectionIsToldFirst: an observer that takes its time learns of a rejection
// before it learns of what the rejection led to.
func TestRejectionIsToldFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var told []sdk.EventKind
		slow := sdk.ObserverFunc(func(_ context.Context, e sdk.Event) {
			if e.Kind == sdk.EventReject {
				pass(time.Second)
			}
			mu.Lock()
			defer mu.Unlock()
			told = append(told, e.Kind)
		})
		office, client := newOffice(t, sdk.WithObserver(slow), sdk.WithoutBackgroundRenewal())
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		office.RejectAll()
		if _, err := client.R(t.Context()).Get("/users"); err != nil {
			t.Fatal(err)
		}
		if want := []sdk.EventKind{sdk.EventLogin, sdk.EventReject, sdk.EventRenew, sdk.EventReplay}; !slices.Equal(told, want) {
			t.Errorf("it was told %v, want %v", told, want)
		}
	})
}

func TestWaiterLeavesOnItsOwnContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		office, client := newOffice(t)
		office.Delay = 1500 * time.Millisecond
		start := time.Now()
		var group sync.WaitGroup
		first, cancelFirst := context.WithCancel(t.Context())
		group.Go(func() { // starts the flight and is cancelled
			_, err := client.Token(first)
			if !errors.Is(err, context.Canceled) || time.Since(start) != 50*time.Millisecond {
				t.Errorf("the first caller got %v after %v", err, time.Since(start))
			}
		})
		synctest.Wait()
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			_, err := client.Token(ctx)
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 100*time.Millisecond {
				t.Errorf("the hasty caller got %v after %v", err, time.Since(start))
			}
		})
		for range 10 {
			group.Go(func() {
				token, err := client.Token(t.Context())
				if err != nil || token.IsZero() || time.Since(start) != 1500*time.Millisecond {
					t.Errorf("a patient caller got %v, %v after %v", token, err, time.Since(start))
				}
			})
		}
		pass(50 * time.Millisecond)
		cancelFirst()
		group.Wait()
		wantCount(t, office, "login", 1)
	})
}

func TestPanicBecomesErrorAndNextCallWorks(t *testing.T) {
	t.Parallel()
	for name, fall := range map[string]func(){
		"value":   func() { panic("a secret: " + fakeoffice.Password) },
		"runtime": func() { none := []int{}; none[len(none)]++ },
		"goexit":  runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				logins := 0
				client := newClient(t, &scripted{login: func(context.Context) (sdk.Token, error) {
					if logins++; logins == 1 {
						fall()
					}
					return tokenOf("good", time.Hour), nil
				}})
				_, err := client.Token(t.Context())
				if !errors.Is(err, sdk.ErrPanic) {
					t.Fatalf("got %v, want an error that wraps ErrPanic", err)
				}
				if strings.Contains(err.Error(), fakeoffice.Password) {
					t.Errorf("the error shows the panic's value: %v", err)
				}
				if token, err := client.Token(t.Context()); err != nil || token.Access.Reveal() != "good" {
					t.Errorf("the next call got %v, %v", token, err)
				}
			})
		})
	}
}

func TestShortLivesDoNotMakeTheBackgroundBusy(t *testing.T) {
	t.Parallel()
	for _, life := range []time.Duration{time.Nanosecond, time.Millisecond, 100 * time.Millisecond, time.Second, 2 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			var renewals atomic.Int64
			issue := func() (sdk.Token, error) { return tokenOf(fmt.Sprint(renewals.Add(1)), life), nil }
			client := newClient(t, &scripted{
				login: func(context.Context) (sdk.Token, error) { return issue() },
				renew: func(context.Context, sdk.Token) (sdk.Token, error) { return issue() },
			})
			if err := client.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
			pass(10 * time.Second)
			if n := renewals.Load(); n > 1+10 {
				t.Errorf("tokens of %v: %d renewals in 10 s that nobody asked for", life, n)
			}
		})
	}
}

func TestFailedBackgroundRenewalKeepsTheToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var renewals []time.Duration
		client := newClient(t, &scripted{
			login: func(context.Context) (sdk.Token, error) { return tokenOf("first", 600*time.Second), nil },
			renew: func(context.Context, sdk.Token) (sdk.Token, error) {
				renewals = append(renewals, time.Since(start))
				return sdk.Token{}, &sdk.Error{Op: "renew", Temporary: true, Err: sdk.ErrUnavailable}
			},
		})
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		pass(589 * time.Second)
		synctest.Wait()
		token, err := client.Token(t.Context())
		if err != nil || token.Access.Reveal() != "first" {
			t.Errorf("got %v, %v; want the token that is still good", token, err)
		}
		if len(renewals) < 3 || len(renewals) > 40 {
			t.Errorf("renewed %d times between its first try and the edge", len(renewals))
		}
		for i := 1; i < len(renewals); i++ {
			if gap := renewals[i] - renewals[i-1]; gap > 30*time.Second || gap < 125*time.Millisecond {
				t.Errorf("a pause of %v", gap)
			}
		}
	})
}

func TestBackgroundRenewalStartsBetween70And80Percent(t *testing.T) {
	t.Parallel()
	for _, random := range []float64{0, 0.25, 0.5, 0.999999} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			var at time.Duration
			client := newClient(t, &scripted{
				login: func(context.Context) (sdk.Token, error) { return tokenOf("first", 600*time.Second), nil },
				renew: func(context.Context, sdk.Token) (sdk.Token, error) {
					at = time.Since(start)
					return tokenOf("second", 600*time.Second), nil
				},
			}, sdk.WithRand(func() float64 { return random }))
			if err := client.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
			pass(481 * time.Second)
			synctest.Wait()
			if at < 420*time.Second || at > 480*time.Second {
				t.Errorf("with random %v the renewal started at %v", random, at)
			}
			if token, err := client.Token(t.Context()); err != nil || token.Access.Reveal() != "second" {
				t.Errorf("got %v, %v; want the renewed token", token, err)
			}
		})
	}
}

func TestRefusedRenewalLogsInAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		office, client := newOffice(t)
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		office.EndAll()
		response, err := client.R(t.Context()).Get("/users")
		if err != nil || response.StatusCode() != http.StatusOK {
			t.Fatalf("got %v, %v", response.Status(), err)
		}
		wantCount(t, office, "login", 2)
		wantCount(t, office, "renew", 1)
	})
}

func TestFailuresAreSharedAndBackedOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		logins := 0
		client := newClient(t, &scripted{login: func(context.Context) (sdk.Token, error) {
			logins++
			return sdk.Token{}, &sdk.Error{Op: "login", Temporary: true, Err: sdk.ErrUnavailable}
		}}, sdk.WithRand(func() float64 { return 0 }))
		var first error
		for range 100 {
			_, err := client.Token(t.Context())
			if first == nil {
				first = err
			}
			if !errors.Is(err, sdk.ErrUnavailable) || !errors.Is(err, first) {
				t.Fatalf("got %v, want the first error again", err)
			}
		}
		if logins != 1 {
			t.Errorf("logged in %d times at once, want 1", logins)
		}
		for range 60 * 100 {
			pass(10 * time.Millisecond)
			_, _ = client.Token(t.Context())
		}
		if logins != 10 { // after 0, 125 ms, 250 ms, ... doubling up to 15 s each
			t.Errorf("logged in %d times within a minute, want 10", logins)
		}
		before := logins
		if err := client.Login(t.Context()); err == nil || logins != before+1 {
			t.Errorf("an explicit login made %d tries and got %v", logins-before, err)
		}
	})
}
