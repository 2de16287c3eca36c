package sdk_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
)

// slowly answers a path with a pause before the answer and one inside the body,
// as a transport that heeds contexts does.
func slowly(before, inside time.Duration) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		ctx := request.Context()
		select {
		case <-time.After(before):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		response := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: request}
		if request.URL.Path == "/first" {
			response.StatusCode = http.StatusFound
			response.Header.Set("Location", "/second")
		}
		response.Body = io.NopCloser(&pausedBody{ctx: ctx, pause: inside, rest: strings.NewReader("whole")})
		return response, nil
	})
}

// pausedBody pauses before its first byte.
type pausedBody struct {
	ctx   context.Context //nolint:containedctx // of the request
	pause time.Duration
	rest  *strings.Reader
}

func (b *pausedBody) Read(p []byte) (int, error) {
	select {
	case <-time.After(b.pause):
		b.pause = 0
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	}
	return b.rest.Read(p)
}

// TestRequestsHaveATime measures when a request ends, its body included.
func TestRequestsHaveATime(t *testing.T) {
	t.Parallel()
	const minute = time.Minute
	for name, c := range map[string]struct {
		options        []sdk.Option
		before, inside time.Duration
		path           string
		deadline       time.Duration // of the caller; 0: none
		ends           time.Duration // 0: in its own time
		callers        bool          // by the caller's deadline
	}{
		"in time":                       {nil, 20 * time.Second, 20 * time.Second, "/x", 0, 0, false},
		"no answer":                     {nil, 2 * minute, 0, "/x", 0, minute, false},
		"a body that stops":             {nil, 20 * time.Second, minute, "/x", 0, minute, false},
		"WithTimeout":                   {[]sdk.Option{sdk.WithTimeout(7 * time.Second)}, 2 * minute, 0, "/x", 0, 7 * time.Second, false},
		"WithTimeout, in the body":      {[]sdk.Option{sdk.WithTimeout(7 * time.Second)}, 6 * time.Second, 2 * time.Second, "/x", 0, 7 * time.Second, false},
		"no bound":                      {[]sdk.Option{sdk.WithTimeout(0)}, time.Hour, time.Hour, "/x", 0, 0, false},
		"redirected":                    {nil, 35 * time.Second, 0, "/first", 0, minute, false},
		"the caller's deadline":         {nil, 2 * minute, 0, "/x", 10 * time.Second, 10 * time.Second, true},
		"the caller's, in the body":     {nil, 0, 2 * minute, "/x", 10 * time.Second, 10 * time.Second, true},
		"the caller's is later":         {nil, 2 * minute, 0, "/x", 90 * time.Second, minute, false},
		"the caller's, without a bound": {[]sdk.Option{sdk.WithTimeout(0)}, 2 * minute, 0, "/x", 90 * time.Second, 90 * time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := newClient(t, &scripted{login: hourly}, append(c.options, sdk.WithHTTPTransport(slowly(c.before, c.inside)))...)
				ctx := t.Context()
				if c.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.deadline)
					defer cancel()
				}
				start := time.Now()
				request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://office.example"+c.path, nil)
				if err != nil {
					t.Fatal(err)
				}
				response, err := client.HTTPClient().Do(request)
				if err == nil {
					var body []byte
					body, err = io.ReadAll(response.Body)
					response.Body.Close()
					if err == nil && string(body) != "whole" {
						t.Errorf("the body is %q", body)
					}
				}
				if c.ends == 0 {
					if err != nil {
						t.Errorf("got %v after %v", err, time.Since(start))
					}
					return
				}
				if passed := time.Since(start); passed != c.ends || !os.IsTimeout(err) || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sdk.ErrUnavailable) == c.callers {
					t.Errorf("got %v after %v, want a timeout after %v", err, passed, c.ends)
				}
			})
		})
	}
}

// TestManyRequestsEndEachInItsTime has a thousand under way at once, some of
// which end by themselves.
func TestManyRequestsEndEachInItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, &scripted{login: hourly}, sdk.WithHTTPTransport(roundTripper(func(request *http.Request) (*http.Response, error) {
			takes, _ := time.ParseDuration(request.Header.Get("Takes"))
			return slowly(takes, 0).RoundTrip(request)
		})))
		var group sync.WaitGroup
		for i := range 1000 {
			group.Go(func() {
				pass(time.Duration(i) * 37 * time.Millisecond)
				takes := time.Duration(i%120) * time.Second
				start := time.Now()
				response, err := client.R(t.Context()).SetHeader("Takes", takes.String()).Get("/x")
				want := min(takes, time.Minute)
				if passed := time.Since(start); passed != want || (err == nil) != (takes < time.Minute) && takes != time.Minute {
					t.Errorf("request %d of %v ended after %v: %v, %v", i, takes, passed, response.Status(), err)
				}
			})
		}
		group.Wait()
	})
}

// TestABoundOverARealConnection ends a request that net/http has sent.
func TestABoundOverARealConnection(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	client, err := sdk.New(server.URL, &scripted{login: hourly}, sdk.WithTimeout(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Stop(context.Background()) })
	for _, path := range []string{"/answer", "/body"} {
		if _, err := client.R(t.Context()).Get(path); !os.IsTimeout(err) || !errors.Is(err, sdk.ErrUnavailable) {
			t.Errorf("%s: %v, want a timeout", path, err)
		}
	}
}

// TestTheEndOfARequestIsSeenHoweverATransportLooks asks the context of a request
// in the ways that it can be asked, before and after its end.
func TestTheEndOfARequestIsSeenHoweverATransportLooks(t *testing.T) {
	t.Parallel()
	for name, look := range map[string]func(ctx context.Context) error{
		"at Err alone": func(ctx context.Context) error { return ctx.Err() },
		"at Done, late": func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		},
		"through a context of its own": func(ctx context.Context) error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			<-ctx.Done()
			return ctx.Err()
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			var kept context.Context
			pause := 2 * time.Minute
			client := newClient(t, &scripted{login: hourly}, sdk.WithHTTPTransport(roundTripper(func(request *http.Request) (*http.Response, error) {
				kept = request.Context()
				pass(pause)
				if pause > time.Minute {
					return nil, look(kept)
				}
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: request}, nil
			})))
			if err := client.Login(t.Context()); err != nil { // else the request waits for a token, and its end is asked for
				t.Fatal(err)
			}
			if _, err := client.R(t.Context()).Get("/x"); !os.IsTimeout(err) || !errors.Is(err, sdk.ErrUnavailable) {
				t.Errorf("%s: %v, want a timeout", name, err)
			}
			pause = time.Second
			if _, err := client.R(t.Context()).Get("/x"); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			<-kept.Done() // the request has ended, and so has its context
			if err := kept.Err(); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: after the request: %v", name, err)
			}
		})
	}
}

// TestASwitchedProtocolIsNotBounded goes on after an hour.
func TestASwitchedProtocolIsNotBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var kept context.Context
		client := newClient(t, &scripted{login: hourly}, sdk.WithHTTPTransport(roundTripper(func(request *http.Request) (*http.Response, error) {
			kept = request.Context()
			return &http.Response{StatusCode: http.StatusSwitchingProtocols, Header: http.Header{}, Body: http.NoBody, Request: request}, nil
		})))
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		response, err := client.HTTPClient().Get("https://office.example/x")
		if err != nil {
			t.Fatal(err)
		}
		pass(time.Hour)
		done := kept.Done()
		pass(time.Hour)
		select {
		case <-done:
			t.Error("it ended")
		default:
		}
		if err := kept.Err(); err != nil {
			t.Error(err)
		}
		response.Body.Close()
	})
}
