package sdk_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
)

// maxReplaced is how many of its own renewals a client makes good in one
// request; see docs/sdk.md.
const maxReplaced = 8

// renewDuring makes the client renew while one of its next requests for /users
// is on its way, n times in all. The office ends an access token when it is
// renewed.
func renewDuring(t *testing.T, office *fakeoffice.Office, client *sdk.Client, n int) {
	t.Helper()
	office.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/users" && n > 0 {
			n--
			if _, err := client.Renew(t.Context()); err != nil {
				t.Errorf("Renew: %v", err)
			}
		}
		return false
	}
}

// TestOwnRenewalsAreNoRejections lets the client renew each time when a request
// is on its way. The server rejects every token of the request but the last.
func TestOwnRenewalsAreNoRejections(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ renewals, status, sent int }{
		{1, http.StatusOK, 2},
		{2, http.StatusOK, 3},
		{maxReplaced, http.StatusOK, maxReplaced + 1},
		{maxReplaced + 5, http.StatusUnauthorized, maxReplaced + 1},
	} {
		for _, body := range []func() io.Reader{
			func() io.Reader { return nil },
			func() io.Reader { return strings.NewReader("with GetBody") },
			func() io.Reader { return &counted{Reader: strings.NewReader("kept in memory")} },
			func() io.Reader { return &seekable{Reader: bytes.NewReader([]byte("sought back"))} },
		} {
			office, client := newOffice(t, sdk.WithoutBackgroundRenewal())
			renewDuring(t, office, client, c.renewals)
			want, err := io.ReadAll(orEmpty(body()))
			if err != nil {
				t.Fatal(err)
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://office.example/users", body())
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.HTTPClient().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil || response.StatusCode != c.status || c.status == http.StatusOK && string(got) != string(want) {
				t.Errorf("after %d renewals: %d %q, %v; want %d %q", c.renewals, response.StatusCode, got, err, c.status, want)
			}
			if n := office.Count("granted") + office.Count("denied"); n != c.sent {
				t.Errorf("with %d renewals the request was sent %d times, want %d", c.renewals, n, c.sent)
			}
			wantCount(t, office, "login", 1)
		}
	}
}

func orEmpty(body io.Reader) io.Reader {
	if body == nil {
		return strings.NewReader("")
	}
	return body
}

// seekable is a body that net/http knows nothing of.
type seekable struct{ *bytes.Reader }

func (seekable) Close() error { return nil }

// TestARenewalUnderWayExplainsARejection has the server end the token before the
// client has the answer to its renewal.
func TestARenewalUnderWayExplainsARejection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		office := fakeoffice.New()
		var client *sdk.Client
		renewals := 0
		office.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/users" && renewals < 3 {
				renewals++
				go func() {
					if _, err := client.Renew(t.Context()); err != nil {
						t.Errorf("Renew: %v", err)
					}
				}()
				pass(time.Second) // the office has renewed, and its answer is on its way
			}
			return false
		}
		client = newClient(t, sessionPassword(), sdk.WithoutBackgroundRenewal(), sdk.WithHTTPTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			response, err := memhttp.Transport(office).RoundTrip(r)
			if r.URL.Path == "/tokens" {
				pass(2 * time.Second)
			}
			return response, err
		})))
		response, err := client.R(t.Context()).Get("/users")
		if err != nil || response.StatusCode() != http.StatusOK {
			t.Errorf("got %v, %v", response.Status(), err)
		}
		wantCount(t, office, "login", 1)
		wantCount(t, office, "renew", 3)
		wantCount(t, office, "denied", 3)
	})
}

// TestAnOwnRenewalDoesNotUseUpTheReplay ends the session after the client has
// renewed: the first rejection is the client's own doing, the second is not.
func TestAnOwnRenewalDoesNotUseUpTheReplay(t *testing.T) {
	t.Parallel()
	office, client := newOffice(t, sdk.WithoutBackgroundRenewal())
	requests := 0
	office.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/users" {
			return false
		}
		switch requests++; requests {
		case 1:
			if _, err := client.Renew(t.Context()); err != nil {
				t.Errorf("Renew: %v", err)
			}
		case 2:
			office.EndAll()
		}
		return false
	}
	response, err := client.R(t.Context()).Get("/users")
	if err != nil || response.StatusCode() != http.StatusOK {
		t.Errorf("got %v, %v", response.Status(), err)
	}
	wantCount(t, office, "login", 2)
	wantCount(t, office, "denied", 2)
}

// TestARejectionOfEverythingTakesTwoLogins has 50 requests on their way when the
// server begins to reject every token.
func TestARejectionOfEverythingTakesTwoLogins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var logins, requests atomic.Int64
		rejecting := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			pass(time.Duration(requests.Add(1)%7) * time.Millisecond)
			w.WriteHeader(http.StatusUnauthorized)
		})
		client := newClient(t, &scripted{login: func(context.Context) (sdk.Token, error) {
			pass(3 * time.Millisecond)
			return tokenOf(fmt.Sprint("token ", logins.Add(1)), time.Hour), nil
		}, renew: func(context.Context, sdk.Token) (sdk.Token, error) {
			return sdk.Token{}, &sdk.Error{Op: "renew", Err: sdk.ErrRefused}
		}}, sdk.WithHTTPTransport(memhttp.Transport(rejecting)))
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				response, err := client.R(t.Context()).Get("/users")
				if err != nil || response.StatusCode() != http.StatusUnauthorized {
					t.Errorf("got %v, %v", response.Status(), err)
				}
			})
		}
		group.Wait()
		if n := logins.Load(); n != 2 {
			t.Errorf("%d logins for a server that rejects everything, want 2", n)
		}
		if n := requests.Load(); n != 100 {
			t.Errorf("50 requests were sent %d times, want 100", n)
		}
	})
}

// TestABodyThatIsReadInPartTwice is read less far by the second attempt than by
// the first: the third is sent the whole of it.
func TestABodyThatIsReadInPartTwice(t *testing.T) {
	t.Parallel()
	const whole = "0123456789abcdefghij"
	reads := []int{10, 5, 15, len(whole)}
	var client *sdk.Client
	got, attempt := "", 0
	client = newClient(t, &scripted{
		login: func(context.Context) (sdk.Token, error) { return tokenOf("first", time.Hour), nil },
		renew: func(context.Context, sdk.Token) (sdk.Token, error) {
			return tokenOf(fmt.Sprint("next ", attempt), time.Hour), nil
		},
	}, sdk.WithHTTPTransport(roundTripper(func(request *http.Request) (*http.Response, error) {
		response := &http.Response{StatusCode: http.StatusUnauthorized, Body: http.NoBody, Request: request}
		read := make([]byte, reads[attempt])
		if attempt++; attempt == len(reads) {
			response.StatusCode = http.StatusOK
		} else if _, err := client.Renew(t.Context()); err != nil {
			t.Errorf("Renew: %v", err)
		}
		_, err := io.ReadFull(request.Body, read)
		got = string(read)
		return response, err
	})))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://office.example/x", &counted{Reader: strings.NewReader(whole)})
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.HTTPClient().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK || got != whole {
		t.Errorf("got %d, and the last attempt was sent %q", response.StatusCode, got)
	}
}

// TestTryTakesItsOwnRenewalsForNoRejections is the same for protocols that do
// not go through the HTTP client.
func TestTryTakesItsOwnRenewalsForNoRejections(t *testing.T) {
	t.Parallel()
	for renewals, want := range map[int]int{0: 2, 1: 3, maxReplaced: maxReplaced + 2, maxReplaced + 5: maxReplaced + 1} {
		_, client := newOffice(t, sdk.WithoutBackgroundRenewal())
		calls, left := 0, renewals
		err := client.Try(t.Context(), func(sdk.Token) bool {
			if calls++; left > 0 {
				left--
				if _, err := client.Renew(t.Context()); err != nil {
					t.Errorf("Renew: %v", err)
				}
			}
			return true
		})
		if err != nil || calls != want {
			t.Errorf("with %d renewals: called %d times, %v; want %d", renewals, calls, err, want)
		}
	}
}

// TestTokensThatOthersFetchAreTriedInBounds has a call rejected again and again,
// each time after another call has had the token replaced for a rejection of its
// own.
func TestTokensThatOthersFetchAreTriedInBounds(t *testing.T) {
	t.Parallel()
	_, client := newOffice(t, sdk.WithoutBackgroundRenewal())
	calls := 0
	err := client.Try(t.Context(), func(sdk.Token) bool {
		calls++
		others := 0
		if err := client.Try(t.Context(), func(sdk.Token) bool {
			others++
			return others == 1
		}); err != nil {
			t.Errorf("the other call: %v", err)
		}
		return calls < 100
	})
	if want := 1 + 1 + maxReplaced; err != nil || calls != want {
		t.Errorf("called %d times, %v; want %d", calls, err, want)
	}
}
