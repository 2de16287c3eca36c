package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/fleet"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

func pass(d time.Duration) { <-time.After(d) }

// office counts what the accounts of a fleet ask of it.
type office struct {
	life time.Duration
	fail func(account string) error // of the next exchange; nil: none

	mu             sync.Mutex
	logins, renews int
	busy, busiest  int
	takes          time.Duration
	seconds        map[int64]int // renewals by second
	start          time.Time
}

func newOffice(life time.Duration) *office {
	return &office{life: life, start: time.Now(), seconds: map[int64]int{}}
}

// exchange is a login or a renewal.
func (o *office) exchange(account string, renewal bool) (sdk.Token, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if renewal {
		o.renews++
		o.seconds[int64(time.Since(o.start)/time.Second)]++
	} else {
		o.logins++
	}
	if o.fail != nil {
		if err := o.fail(account); err != nil {
			return sdk.Token{}, err
		}
	}
	return sdk.Token{Access: sdk.NewSecret("token-of-" + account), Issued: time.Now(), Expires: time.Now().Add(o.life)}, nil
}

// as is the dialect of an account.
func (o *office) as(account string) sdk.Dialect { return member{office: o, name: account} }

// failWith lets exchanges fail.
func (o *office) failWith(fail func(account string) error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fail = fail
}

func (o *office) counts() (logins, renews int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.logins, o.renews
}

// RoundTrip implements http.RoundTripper: it is busy for a while.
func (o *office) RoundTrip(request *http.Request) (*http.Response, error) {
	o.mu.Lock()
	o.busy++
	o.busiest = max(o.busiest, o.busy)
	o.mu.Unlock()
	pass(o.takes)
	o.mu.Lock()
	o.busy--
	o.mu.Unlock()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: request}, nil
}

// member is a dialect whose answers an office makes.
type member struct {
	sdk.Bearer
	office *office
	name   string
}

func (m member) Name() string { return "member" }

func (m member) exchange(ctx context.Context, x *sdk.TokenClient, renewal bool) (sdk.Token, error) {
	if m.office.takes > 0 {
		if _, err := x.Do(ctx, sdk.Call{Op: "login", Path: "/login"}); err != nil {
			return sdk.Token{}, err
		}
	}
	return m.office.exchange(m.name, renewal)
}

func (m member) Login(ctx context.Context, x *sdk.TokenClient) (sdk.Token, error) {
	return m.exchange(ctx, x, false)
}

func (m member) Renew(ctx context.Context, x *sdk.TokenClient, _ sdk.Token) (sdk.Token, error) {
	return m.exchange(ctx, x, true)
}

func newFleet(t testing.TB, o *office, options ...fleet.Option) *fleet.Fleet {
	t.Helper()
	f, err := fleet.New("https://office.example", o.as, append([]fleet.Option{fleet.WithHTTPTransport(o)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return f
}

// login uses an account.
func login(t testing.TB, f *fleet.Fleet, account string) {
	t.Helper()
	if err := f.With(t.Context(), account, func(client *sdk.Client) error { return client.Login(t.Context()) }); err != nil {
		t.Errorf("%s: %v", account, err)
	}
}

func name(i int) string { return "account-" + strconv.Itoa(i) }

// TestAFleetKeepsItsAccountsLoggedIn lets accounts of the session dialect, whose
// refresh tokens work once, live through two hours of ten-minute tokens.
func TestAFleetKeepsItsAccountsLoggedIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const accounts = 50
		server := fakeoffice.New()
		f, err := fleet.New("https://office.example", func(string) sdk.Dialect {
			return session.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password))
		}, fleet.WithHTTPTransport(memhttp.Transport(server)))
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			for i := range accounts {
				err := f.With(t.Context(), name(i), func(client *sdk.Client) error {
					response, err := client.R(t.Context()).Get("/things")
					if err == nil && response.StatusCode() != http.StatusOK {
						err = errors.New(response.Status())
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			pass(40 * time.Minute)
		}
		if logins, refreshes := server.Count("login"), server.Count("renew"); logins != accounts || refreshes < 12*accounts || refreshes > 25*accounts {
			t.Errorf("%d accounts logged in %d times, and renewed %d times", accounts, logins, refreshes)
		}
		if f.Len() != accounts {
			t.Errorf("%d accounts", f.Len())
		}
		if err := f.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		if err := f.With(t.Context(), name(1), func(*sdk.Client) error { return nil }); !errors.Is(err, sdk.ErrClosed) {
			t.Errorf("after Stop: %v", err)
		}
	})
}

// TestRenewalsAreSmooth compares the busiest second with the mean one, from the
// third life of a token.
func TestRenewalsAreSmooth(t *testing.T) {
	t.Parallel()
	const accounts, life = 1500, 10 * time.Minute
	for joining, over := range map[string]time.Duration{"at once": 0, "over a minute": time.Minute, "over a life": life} {
		synctest.Test(t, func(t *testing.T) {
			o := newOffice(life)
			f := newFleet(t, o)
			for i := range accounts {
				login(t, f, name(i))
				pass(over / accounts)
			}
			const from, to = int64(2 * life / time.Second), int64(5 * life / time.Second)
			pass(5*life - over)
			o.mu.Lock()
			defer o.mu.Unlock()
			all, most := 0, 0
			for second := from; second < to; second++ {
				all, most = all+o.seconds[second], max(most, o.seconds[second])
			}
			mean := float64(all) / float64(to-from)
			t.Logf("joining %s: %.2f renewals a second, %d at most", joining, mean, most)
			if float64(most) > 1.2*mean || o.logins != accounts {
				t.Errorf("joining %s: %d in the busiest second, %.2f in the mean, %d logins", joining, most, mean, o.logins)
			}
		})
	}
}

// TestALimitHoldsOverAllAccounts logs a hundred accounts in at once.
func TestALimitHoldsOverAllAccounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(10 * time.Minute)
		o.takes = time.Second
		f := newFleet(t, o, fleet.WithLimit(5))
		start := time.Now()
		var group sync.WaitGroup
		for i := range 100 {
			group.Go(func() { login(t, f, name(i)) })
		}
		group.Wait()
		took := time.Since(start)
		pass(time.Hour)
		o.mu.Lock()
		defer o.mu.Unlock()
		if took != 20*time.Second {
			t.Errorf("all logged in after %v", took)
		}
		if o.busiest != 5 {
			t.Errorf("%d exchanges at once", o.busiest)
		}
	})
}

// TestAFleetLeavesABackOfficeAloneThatFails counts what it asks in an outage.
func TestAFleetLeavesABackOfficeAloneThatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const accounts = 1000
		o := newOffice(time.Hour)
		f := newFleet(t, o)
		for i := range accounts {
			login(t, f, name(i))
		}
		pass(20 * time.Minute)
		o.failWith(func(string) error { return &sdk.Error{Op: "renew", Temporary: true, Err: sdk.ErrUnavailable} })
		pass(20 * time.Minute) // half are due within these
		_, renews := o.counts()
		if renews > 120 {
			t.Errorf("%d attempts in an outage of 20 minutes", renews)
		}
		o.failWith(nil)
		pass(2 * time.Minute)
		if _, after := o.counts(); after-renews < accounts/2 {
			t.Errorf("%d renewals in the two minutes after it", after-renews)
		}
		pass(2 * time.Hour)
		if logins, _ := o.counts(); logins != accounts {
			t.Errorf("%d logins of %d accounts", logins, accounts)
		}
	})
}

// TestAFleetSaysWhereAPersonHasToLogIn refuses an account, in the background and
// to its users, until somebody corrects that.
func TestAFleetSaysWhereAPersonHasToLogIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(10 * time.Minute)
		var mu sync.Mutex
		var told []string
		f := newFleet(t, o, fleet.WithLoginNeeded(func(account string, err error) {
			told = append(told, fmt.Sprint(account, errors.Is(err, sdk.ErrRefused)))
		}))
		for i := range 3 {
			login(t, f, name(i))
		}
		o.failWith(func(account string) error {
			if account == name(1) {
				return &sdk.Error{Op: "login", Err: sdk.ErrRefused}
			}
			return nil
		})
		pass(time.Hour)
		mu.Lock()
		if fmt.Sprint(told) != "[account-1true]" {
			t.Errorf("told of %v", told)
		}
		mu.Unlock()
		logins, _ := o.counts()
		if logins != 4 { // the refused renewal ends in a login, and that is all
			t.Errorf("%d logins", logins)
		}
		use := func(client *sdk.Client) error { return client.Login(t.Context()) }
		for range 3 {
			if err := f.With(t.Context(), name(1), use); !errors.Is(err, sdk.ErrRefused) {
				t.Errorf("got %v", err)
			}
		}
		o.failWith(nil)
		if err := f.With(t.Context(), name(1), use); err != nil || len(told) != 1 {
			t.Errorf("corrected: %v, told %v", err, told)
		}
		_, before := o.counts()
		pass(time.Hour)
		if logins, renews := o.counts(); logins != 8 || renews < before+3*7 {
			t.Errorf("corrected: %d logins, %d renewals in an hour", logins, renews-before)
		}
	})
}
