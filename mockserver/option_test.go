package mockserver_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/mockserver"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// TestOptionsThatCannotBe says what a mock cannot honour, and honours nothing less
// without a word.
func TestOptionsThatCannotBe(t *testing.T) {
	t.Parallel()
	for want, options := range map[string][]mockserver.Option{
		"its own clock":       {mockserver.WithConfig(func(c *mockserver.Config) { c.Clock = new(mockserver.Clock) })},
		"its own accounts":    {mockserver.WithConfig(func(c *mockserver.Config) { c.Accounts = []mockserver.Account{{Login: "x"}} })},
		"its own certificate": {mockserver.WithConfig(func(c *mockserver.Config) { c.TLS = &tls.Config{MinVersion: tls.VersionTLS12} })},
		"has no addresses":    {mockserver.WithMemory(), mockserver.WithAddresses("127.0.0.1:0", "")},
		"no level 9":          {mockserver.WithMisuse(9)},
	} {
		mock, err := mockserver.Start(options...)
		if err == nil {
			mock.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
	mock := mockserver.New(t, mockserver.WithAddresses("127.0.0.1:0", ""))
	if _, err := mock.GRPC(); err == nil {
		t.Error("a mock without gRPC has a connection")
	}
	for _, do := range []func() error{
		func() error { _, err := mock.Issue("form", "nobody"); return err },
		func() error { _, err := mock.Issue("telnet", "root"); return err },
		func() error { _, err := mock.Hold("lunch", 1); return err },
		func() error { _, err := mock.Hold(mockserver.Login, -1); return err },
		func() error { return mock.Expire("") },
		func() error { return mock.Revoke("") },
	} {
		if do() == nil {
			t.Error("no error")
		}
	}
}

// TestPrefixesOfAMock: operations below a prefix are met with faults and noted as they
// are without one; the documented path belongs to no dialect.
func TestPrefixesOfAMock(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithPrefix("session", "/api"), mockserver.WithPrefix("rpc", "/rpc"), mockserver.WithMemory())
	client, err := sdk.New(mock.URL+"/api", session.Password("root@example.com", sdk.NewSecret("root")), sdk.WithAllowPlaintext(), sdk.WithHTTPTransport(mock.Client().Transport))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close(t.Context())
	inject(t, mock, mockserver.Fault{Effect: mockserver.Reject, Operation: mockserver.Resource, Times: 1})
	if r, err := client.R(t.Context()).Get("/users"); err != nil || r.StatusCode() != http.StatusOK {
		t.Errorf("the request is answered %v (%v)", r, err)
	}
	mock.AssertCalls(t, mockserver.Login, 1)
	mock.AssertCalls(t, mockserver.Renewal, 1)
	r, err := mock.Client().Get(mock.URL + "/users")
	if err != nil {
		t.Fatal(err)
	}
	if r.Body.Close(); r.StatusCode != http.StatusNotFound {
		t.Errorf("the documented path is answered %d", r.StatusCode)
	}
	if last := mock.Requests()[len(mock.Requests())-1]; last.Dialect != "" || last.Operation != mockserver.Other || last.Path != "/users" {
		t.Errorf("its request is %+v", last)
	}
	if tokens, err := mock.Issue("rpc", "root"); err != nil || tokens.Access == "" {
		t.Errorf("a login below a prefix: %v", err)
	}
	if _, err := mockserver.Start(mockserver.WithPrefix("form", "api")); err == nil {
		t.Error("a prefix that is no path is taken")
	}
}

// TestTLS reaches a mock over TLS by each of its names, by HTTP/1.1 and HTTP/2, with
// the certificate of its authority, and not without.
func TestTLS(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, nil, mockserver.WithTLS(), mockserver.WithDialects("form")) // a nil option changes nothing
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(mock.CertificatePEM()) {
		t.Fatal("no certificate")
	}
	if resp, err := mock.Client().Get(mock.URL + "/healthz"); err != nil || resp.ProtoMajor != 2 {
		t.Errorf("the mock's own client: %v, %v", resp, err)
	} else {
		resp.Body.Close()
	}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(mock.URL, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost"} {
		for _, http2 := range []bool{false, true} {
			transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: http2}
			resp, err := (&http.Client{Transport: transport}).Get("https://" + net.JoinHostPort(host, port) + "/healthz")
			if err != nil {
				t.Errorf("%s: %v", host, err)
				continue
			}
			resp.Body.Close()
			transport.CloseIdleConnections()
			if (resp.ProtoMajor == 2) != http2 {
				t.Errorf("%s: %s, want HTTP/2: %v", host, resp.Proto, http2)
			}
		}
	}
	unknowing := &http.Transport{}
	defer unknowing.CloseIdleConnections()
	if resp, err := (&http.Client{Transport: unknowing}).Get(mock.URL); err == nil {
		resp.Body.Close()
		t.Error("a client without the certificate was answered")
	}
}

// TestHTTP2WithoutTLS speaks HTTP/2 by prior knowledge.
func TestHTTP2WithoutTLS(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("form"))
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get(mock.URL + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.ProtoMajor != 2 {
		t.Errorf("%s, want HTTP/2", resp.Proto)
	}
}

// TestClock sets, stops and runs the clock in the time of a bubble.
func TestClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := mockserver.New(t, mockserver.WithMemory(), mockserver.WithDialects("form"))
		clock := mock.Clock()
		began := time.Now()
		at := func(want time.Duration) {
			t.Helper()
			if got := clock.Now().Sub(began); got != want {
				t.Errorf("the clock is at %v, want %v", got, want)
			}
		}
		at(0)
		<-time.After(time.Hour)
		at(time.Hour)
		clock.Stop()
		<-time.After(time.Hour)
		at(time.Hour)
		clock.Advance(time.Minute)
		at(time.Hour + time.Minute)
		clock.Run()
		clock.Run()
		<-time.After(time.Second)
		at(time.Hour + time.Minute + time.Second)
		clock.Set(began)
		at(0)
		clock.Stop()
		clock.Set(began.Add(-time.Hour))
		at(-time.Hour)
		if date := get(t, mock.Client(), mock, "x").header.Get("Date"); date != clock.Now().UTC().Format(http.TimeFormat) {
			t.Errorf("Date is %s", date)
		}
	})
}

// TestClockFarAway sets the clock beyond what a Duration spans, there and back: it shows
// that time in the Date, and a token that was issued there ends there.
func TestClockFarAway(t *testing.T) {
	t.Parallel()
	for _, years := range []int{-2000, -300, -292, 292, 300, 2000, 7900} {
		for _, stopped := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) { // it begins in the year 2000
				mock := mockserver.New(t, mockserver.WithMemory(), mockserver.WithDialects("form"))
				if stopped {
					mock.Clock().Stop()
				}
				began := mock.Now()
				far := began.AddDate(years, 1, 0)
				mock.Clock().Set(far)
				token := issue(t, mock, "form").Access
				before := get(t, mock.Client(), mock, token)
				if date := before.header.Get("Date"); !mock.Now().Equal(far) || date != far.UTC().Format(http.TimeFormat) || before.status != 200 {
					t.Errorf("%d years away: the clock shows %v, the Date is %q, the status %d; want %v", years, mock.Now(), date, before.status, far)
				}
				mock.Advance(25 * time.Hour)
				if after := get(t, mock.Client(), mock, token); after.status != 401 {
					t.Errorf("%d years away the token is answered %d a day later", years, after.status)
				}
				if mock.Clock().Set(began); !mock.Now().Equal(began) {
					t.Errorf("back from %d years away the clock shows %v, want %v", years, mock.Now(), began)
				}
				for range 4 {
					mock.Advance(250 * 365 * 24 * time.Hour)
				}
				if want := began.Add(250*365*24*time.Hour).AddDate(0, 0, 3*250*365); !mock.Now().Equal(want) {
					t.Errorf("after 1000 years in four steps the clock shows %v, want %v", mock.Now(), want)
				}
			})
		}
	}
}

// TestSDKInABubble keeps a client of the SDK logged in for a day of the bubble: one
// renewal for many callers at each end of a token.
func TestSDKInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := mockserver.New(t, mockserver.WithMemory(), mockserver.WithDialects("session"), mockserver.WithTLS(), mockserver.WithMisuse(mockserver.MisuseFail))
		client, err := sdk.New(mock.URL, session.Password("root@example.com", sdk.NewSecret("root")), sdk.WithHTTPTransport(mock.Client().Transport))
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close(context.Background())
		for range 24 {
			if resp, err := client.R(t.Context()).Get("/users"); err != nil || resp.StatusCode() != 200 {
				t.Errorf("GET /users: %v, %v", resp, err)
			}
			<-time.After(time.Hour)
		}
		mock.AssertCalls(t, mockserver.Login, 1)
		mock.AssertOneRenewalPerToken(t)
		mock.AssertNewTokenUsed(t)
		mock.AssertNoTokenInURL(t)
	})
}

// TestManyMocks runs 200 mocks at once, each with its own client.
func TestManyMocks(t *testing.T) {
	t.Parallel()
	for n := range 200 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			mock := mockserver.New(t)
			if a := get(t, mock.Client(), mock, issue(t, mock, "form").Access); a.status != 200 {
				t.Errorf("%+v", a)
			}
			mock.AssertCalls(t, mockserver.Resource, 1)
		})
	}
}

// TestMocksShareAStore: mocks over one store accept each other's tokens, and mocks of
// their own do not.
func TestMocksShareAStore(t *testing.T) {
	t.Parallel()
	for _, shared := range []bool{true, false} {
		var option mockserver.Option
		if shared {
			records, err := storeurl.Open(t.Context(), "memory:")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = records.Close() })
			option = mockserver.WithConfig(func(c *mockserver.Config) { c.Store = records })
		}
		one, other := mockserver.New(t, option, mockserver.WithDialects("session")), mockserver.New(t, option, mockserver.WithDialects("session"))
		tokens := issue(t, one, "session")
		if answer := ask(t, other.Client(), other, http.MethodGet, "/users", "", "Authorization: Bearer "+tokens.Access); (answer.status == http.StatusOK) != shared {
			t.Errorf("one store (%v): the other mock answers %d", shared, answer.status)
		}
	}
}
