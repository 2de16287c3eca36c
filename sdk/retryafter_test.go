package sdk_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
)

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		status  int
		value   string
		wait    time.Duration // until the second request
		retries bool
	}{
		{"seconds", 429, "3", 3 * time.Second, true},
		{"seconds of 503", 503, " 3 ", 3 * time.Second, true},
		{"with zeros", 503, "003", 3 * time.Second, true},
		{"more than fits", 503, "99999999999999999999", 0, false},
		{"a date", 503, "date+5", 5 * time.Second, true},
		{"no wait", 429, "0", 0, false},
		{"a date that is over", 429, "date-5", 0, false},
		{"longer than the flight", 429, "60", 0, false},
		{"another status", 500, "3", 0, false},
		{"nonsense", 429, "soon", 0, false},
		{"negative", 429, "-1", 0, false},
		{"none", 503, "", 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				requests := 0
				handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					now := time.Now().Add(time.Hour) // the server's clock is another
					w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
					if requests++; requests > 1 {
						return
					}
					value := c.value
					if rest, isDate := strings.CutPrefix(value, "date"); isDate {
						offset, _ := time.ParseDuration(rest + "s")
						value = now.Add(offset).UTC().Format(http.TimeFormat)
					}
					if value != "" {
						w.Header().Set("Retry-After", value)
					}
					w.WriteHeader(c.status)
				})
				_, err := exchange(t, handler, sdk.Call{Op: "try", Path: "/x"})
				spread := max(c.wait/2, time.Second) // so that not all come back at the same moment
				if passed := time.Since(start); c.retries && (err != nil || requests != 2 || passed < c.wait || passed > c.wait+spread) {
					t.Errorf("%v after %d requests and %v", err, requests, time.Since(start))
				}
				if !c.retries && (err == nil || requests != 1 || time.Since(start) != 0) {
					t.Errorf("%v after %d requests and %v", err, requests, time.Since(start))
				}
			})
		})
	}
}

func TestTheClientLeavesAServerAloneThatAsksForIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		office, client := newOffice(t)
		requests := 0
		office.Intercept = func(w http.ResponseWriter, _ *http.Request) bool {
			requests++
			w.Header().Set("Retry-After", "90") // more than a flight has
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}
		for range 89 {
			if _, err := client.Token(t.Context()); !errors.Is(err, sdk.ErrUnavailable) {
				t.Fatal(err)
			}
			pass(time.Second)
		}
		if requests != 1 {
			t.Errorf("%d requests within the time that the server asked for", requests)
		}
		pass(47 * time.Second)
		office.Intercept = nil
		if _, err := client.Token(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestPausesBeginAnewWhenTheServerAnswers lets renewals fail until the pauses have
// become long, and then a request be answered.
func TestPausesBeginAnewWhenTheServerAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Bool
		client := newClient(t, &scripted{
			login: func(context.Context) (sdk.Token, error) { return tokenOf("first", 600*time.Second), nil },
			renew: func(context.Context, sdk.Token) (sdk.Token, error) {
				if down.Load() {
					return sdk.Token{}, &sdk.Error{Op: "renew", Temporary: true, Err: sdk.ErrUnavailable}
				}
				return tokenOf("second", 600*time.Second), nil
			},
		}, sdk.WithHTTPTransport(still{}), sdk.WithRand(func() float64 { return 0.1 }))
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		down.Store(true)
		pass(508 * time.Second) // the last try was at 507 s, the next one is at 523 s
		down.Store(false)
		if _, err := client.R(t.Context()).Get("/users"); err != nil {
			t.Fatal(err)
		}
		pass(4 * time.Second)
		if token, err := client.Token(t.Context()); err != nil || token.Access.Reveal() != "second" {
			t.Errorf("got %q, %v; want a renewed token", token.Access.Reveal(), err)
		}
	})
}
