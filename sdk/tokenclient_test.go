package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/internal/sdk/wiretest"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// once is a dialect whose login is one exchange that a test looks at.
type once struct {
	scripted
	call func(ctx context.Context, x *sdk.TokenClient) (sdk.Token, error)
}

func (d *once) Login(ctx context.Context, x *sdk.TokenClient) (sdk.Token, error) {
	return d.call(ctx, x)
}
func (d *once) ErrorCode(body []byte) string { return string(body) }

// exchange makes one call against a handler, in a client's flight.
func exchange(t *testing.T, handler http.Handler, call sdk.Call, options ...sdk.Option) (reply *sdk.Reply, err error) {
	t.Helper()
	dialect := &once{call: func(ctx context.Context, x *sdk.TokenClient) (sdk.Token, error) {
		reply, err = x.Do(ctx, call)
		return sdk.Token{Access: sdk.NewSecret("x")}, nil
	}}
	client := newClient(t, dialect, append([]sdk.Option{sdk.WithHTTPTransport(fakeoffice.Transport(handler))}, options...)...)
	if err := client.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	return reply, err
}

func answering(status int, header http.Header, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for key, values := range header {
			w.Header()[key] = values
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func TestStatusesBecomeErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status    int
		cause     error
		temporary bool
		unknown   bool
	}{
		{200, nil, false, false},
		{201, nil, false, false},
		{204, nil, false, false},
		{301, sdk.ErrRedirected, false, false},
		{304, sdk.ErrRedirected, false, false},
		{400, sdk.ErrRefused, false, false},
		{401, sdk.ErrRefused, false, false},
		{403, sdk.ErrForbidden, false, false},
		{404, sdk.ErrNotFound, false, false},
		{405, sdk.ErrRefused, false, false},
		{408, sdk.ErrUnavailable, true, true},
		{410, sdk.ErrRefused, false, false},
		{422, sdk.ErrRefused, false, false},
		{425, sdk.ErrUnavailable, true, false},
		{429, sdk.ErrUnavailable, true, false},
		{500, sdk.ErrUnavailable, true, true},
		{501, sdk.ErrRefused, false, false},
		{502, sdk.ErrUnavailable, true, true},
		{503, sdk.ErrUnavailable, true, false},
		{504, sdk.ErrUnavailable, true, true},
	} {
		reply, err := exchange(t, answering(c.status, nil, "SOME_CODE"), sdk.Call{Op: "try", Path: "/x"})
		if reply == nil || reply.Status != c.status {
			t.Errorf("%d: reply %v", c.status, reply)
		}
		if c.cause == nil {
			if err != nil {
				t.Errorf("%d: %v", c.status, err)
			}
			continue
		}
		var e *sdk.Error
		if !errors.As(err, &e) || !errors.Is(err, c.cause) || e.Temporary != c.temporary || e.OutcomeUnknown != c.unknown ||
			e.Status != c.status || e.Op != "try" || e.Dialect != "scripted" || e.Code != "SOME_CODE" {
			t.Errorf("%d: %#v: temporary %t, unknown %t", c.status, err, e.Temporary, e.OutcomeUnknown)
		}
	}
}

func TestCodesThatMayQuoteAreDropped(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"A_B-1.c": "A_B-1.c", "two words": "", "é": "", strings.Repeat("x", 65): "", "a\nb": "", "": ""} {
		_, err := exchange(t, answering(http.StatusBadRequest, nil, code), sdk.Call{Op: "try", Path: "/x"})
		var e *sdk.Error
		if !errors.As(err, &e) || e.Code != want {
			t.Errorf("%q: %v", code, err)
		}
	}
}

func TestRequestsAreMadeAsAsked(t *testing.T) {
	t.Parallel()
	var got string
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = fmt.Sprintf("%s %s %s|%s|%s|%s|%s|%s", r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("Content-Type"),
			r.Header.Get("Accept"), r.Header.Get("User-Agent"), r.Header.Get("Authorization"), body)
	})
	for _, c := range []struct {
		call sdk.Call
		want string
	}{
		{sdk.Call{Path: "/x"}, "GET /x |||application/json|dragoman||"},
		{sdk.Call{Method: "PUT", Path: "/x", JSON: map[string]int{"a": 1}}, `PUT /x ||application/json|application/json|dragoman||{"a":1}`},
		{sdk.Call{Method: "POST", Path: "/x", Form: map[string][]string{"a": {"b c"}}}, "POST /x ||application/x-www-form-urlencoded|application/json|dragoman||a=b+c"},
		{sdk.Call{Path: "/x", Query: map[string][]string{"q": {"a&b"}}}, "GET /x q=a%26b||application/json|dragoman||"},
		{sdk.Call{Path: "/x", Token: tokenOf("t", time.Hour)}, "GET /x |||application/json|dragoman|Bearer t|"},
		{sdk.Call{Path: "/x", Header: http.Header{"accept": {"text/plain"}, "User-Agent": {"me"}, "Content-Type": {"a/b"}}, JSON: 1}, "GET /x ||a/b|text/plain|me||1"},
	} {
		if _, err := exchange(t, handler, c.call); err != nil {
			t.Errorf("%v: %v", c.call, err)
		}
		if normal(got) != normal(c.want) {
			t.Errorf("%v: got %q, want %q", c.call, got, c.want)
		}
	}
	for name, call := range map[string]sdk.Call{
		"two bodies":      {Path: "/x", JSON: 1, Form: map[string][]string{"a": {"b"}}},
		"no JSON":         {Path: "/x", JSON: func() {}},
		"a broken method": {Method: "G T", Path: "/x"},
		"a broken path":   {Path: "/%zz"},
	} {
		if _, err := exchange(t, handler, call); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("%s: %v, want ErrConfig", name, err)
		}
	}
}

func TestEveryRequestSaysWhoSendsIt(t *testing.T) {
	t.Parallel()
	got := map[string]bool{}
	server := wiretest.New(wiretest.JSON(`{"access_token":"a"}`))
	client := newClient(t, session.Password("me", sdk.NewSecret("x")), sdk.WithUserAgent("ledger/2"),
		sdk.WithHTTPTransport(roundTripper(func(request *http.Request) (*http.Response, error) {
			got[request.URL.Path+" "+request.Header.Get("User-Agent")] = true
			return fakeoffice.Transport(server).RoundTrip(request)
		})))
	if _, err := client.R(t.Context()).Get("/resty"); err != nil {
		t.Error(err)
	}
	if _, err := client.R(t.Context()).SetHeader("User-Agent", "me").Get("/own"); err != nil {
		t.Error(err)
	}
	if response, err := client.HTTPClient().Get("https://office.example/http"); err != nil {
		t.Error(err)
	} else {
		_ = response.Body.Close()
	}
	for _, want := range []string{"/sessions ledger/2", "/resty ledger/2", "/own me", "/http ledger/2"} {
		if !got[want] {
			t.Errorf("no %q among %v", want, got)
		}
	}
}

// A name that also stands in the address does not hide why there is no
// connection.
func TestWhyThereIsNoConnection(t *testing.T) {
	t.Parallel()
	away := roundTripper(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "demo.office.example", IsNotFound: true}}
	})
	client := newClient(t, session.Password("demo", sdk.NewSecret("demo")), sdk.WithHTTPTransport(away))
	err := client.Login(t.Context())
	var dns *net.DNSError
	var e *sdk.Error
	if !errors.As(err, &dns) || !errors.As(err, &e) || e.OutcomeUnknown {
		t.Errorf("got %v, want the error of the look-up", err)
	}
}

// A transport of a test's own may leave the body out, as package http allows.
func TestAnswersWithoutABody(t *testing.T) {
	t.Parallel()
	client := newClient(t, session.APIKey(sdk.NewSecret("key")), sdk.WithHTTPTransport(roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusUnauthorized}, nil
	})))
	if response, err := client.R(t.Context()).Get("/x"); err != nil || response.StatusCode() != http.StatusUnauthorized {
		t.Errorf("got %v, %v", response.Status(), err)
	}
	if _, err := exchange(t, nil, sdk.Call{Path: "/x"}, sdk.WithHTTPTransport(roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusUnauthorized}, nil
	}))); !errors.Is(err, sdk.ErrRefused) {
		t.Errorf("got %v, want ErrRefused", err)
	}
}

// normal takes empty fields out.
func normal(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '|' }), "|")
}

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
				if c.retries && (err != nil || requests != 2 || time.Since(start) != c.wait) {
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
		pass(2 * time.Second)
		office.Intercept = nil
		if _, err := client.Token(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAnswersHaveALimitAndATime(t *testing.T) {
	t.Parallel()
	big := answering(http.StatusOK, nil, strings.Repeat("x", 1<<20+1))
	if _, err := exchange(t, big, sdk.Call{Op: "try", Path: "/x"}); !errors.Is(err, sdk.ErrProtocol) {
		t.Errorf("1 MiB and a byte: %v", err)
	}
	if reply, err := exchange(t, answering(http.StatusOK, nil, strings.Repeat("x", 1<<20)), sdk.Call{Op: "try", Path: "/x"}); err != nil || len(reply.Body()) != 1<<20 {
		t.Errorf("1 MiB: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		_, err := exchange(t, slow, sdk.Call{Op: "try", Path: "/x"}, sdk.WithExchangeTimeout(7*time.Second))
		var e *sdk.Error
		if !errors.As(err, &e) || !e.Temporary || !e.OutcomeUnknown || errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 7*time.Second {
			t.Errorf("a server that does not answer: %v after %v", err, time.Since(start))
		}
	})
}

func TestAnAbandonedFlightIsNobodysContextError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		client := newClient(t, &scripted{login: func(ctx context.Context) (sdk.Token, error) {
			<-ctx.Done()
			return sdk.Token{}, ctx.Err()
		}}, sdk.WithLoginTimeout(5*time.Second))
		_, err := client.Token(t.Context())
		if !errors.Is(err, sdk.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 5*time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

func TestWhetherARequestWasSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err     error
		unknown bool
	}{
		"no connection": {&net.OpError{Op: "dial", Err: errors.New("refused")}, false},
		"cut off":       {&net.OpError{Op: "read", Err: errors.New("reset")}, true},
		"end of file":   {io.ErrUnexpectedEOF, true},
	} {
		var got error
		client := newClient(t, &once{call: func(ctx context.Context, x *sdk.TokenClient) (sdk.Token, error) {
			_, got = x.Do(ctx, sdk.Call{Op: "try", Path: "/x"})
			return sdk.Token{}, got
		}}, sdk.WithHTTPTransport(failing{c.err}))
		_ = client.Login(t.Context())
		var e *sdk.Error
		if !errors.As(got, &e) || !errors.Is(got, c.err) || e.OutcomeUnknown != c.unknown {
			t.Errorf("%s: %v, unknown %t", name, got, e.OutcomeUnknown)
		}
	}
}

// failing is a transport that always fails.
type failing struct{ err error }

func (f failing) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		request.Body.Close()
	}
	return nil, f.err
}

func TestTimesOfAReply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sent := time.Now().UTC() // on a whole second
		for _, c := range []struct {
			name     string
			ahead    time.Duration // of the server's clock
			travel   time.Duration // there; back is instantaneous
			want     time.Duration // correction
			hasADate bool
		}{
			{"no date", time.Hour, 0, 0, false},
			{"the same clock", 0, 0, 0, true},
			{"the same clock, a slow way", 0, 3 * time.Second, 0, true},
			{"within the second", 900 * time.Millisecond, 0, 0, true},
			{"an hour ahead", time.Hour, 0, -time.Hour - time.Second, true},
			{"an hour behind", -time.Hour, 0, time.Hour - time.Second, true},
			{"an hour ahead, a slow way", time.Hour, 3 * time.Second, -time.Hour - 4*time.Second, true},
		} {
			start := time.Now()
			handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				pass(c.travel)
				if c.hasADate {
					w.Header().Set("Date", time.Now().Add(c.ahead).UTC().Format(http.TimeFormat))
				}
			})
			reply, err := exchange(t, handler, sdk.Call{Path: "/x"})
			if err != nil {
				t.Fatal(err)
			}
			if !reply.Sent.Equal(start) || !reply.Received.Equal(start.Add(c.travel)) || !reply.ExpiresIn(time.Minute).Equal(start.Add(time.Minute)) {
				t.Errorf("%s: sent %v, received %v", c.name, reply.Sent.Sub(start), reply.Received.Sub(start))
			}
			end := sent.Add(24 * time.Hour)
			if got := reply.ExpiresAt(end).Sub(end); got != c.want {
				t.Errorf("%s: corrected by %v, want %v", c.name, got, c.want)
			}
			pass(time.Second - c.travel%time.Second)
		}
	})
}

func FuzzAnswers(f *testing.F) {
	f.Add(200, "Sat, 21 Nov 2026 19:00:00 GMT", "3", []byte(`{"token_type":"Bearer","expires_in":600,"access_token":"a","refresh_token":"r"}`))
	f.Add(200, "", "", []byte(`{"expires_in":-1,"access_token":"a"}`))
	f.Add(200, "x", "", []byte(`{"token":"t","validTo":"2026-11-21 19:00:00","user":{"login":"me"}}`))
	f.Add(200, "", "", []byte(`{"token_value":"t","expires_at":"20261121T190000","expires_in":"7","error_code":"AUTHENTICATE_CODE_OK","token_name":"n"}`))
	f.Add(200, "", "", []byte(`{"_id":"x","issuedAt":1722182434022,"expiresAt":1729958434022,"user":{"name":"me"},"token":"t"}`))
	f.Add(429, "", "Sat, 21 Nov 2026 19:00:00 GMT", []byte(`{"error_code":"AUTHENTICATE_CODE_USER_LOCKED"}`))
	f.Fuzz(func(t *testing.T, status int, date, retryAfter string, body []byte) {
		if status < 200 || status > 999 {
			return
		}
		for _, d := range allDialects() {
			handler := answering(status, http.Header{"Date": {date}, "Retry-After": {retryAfter}}, string(body))
			client := newClient(t, d.new(), sdk.WithHTTPTransport(fakeoffice.Transport(handler)), sdk.WithLoginTimeout(time.Millisecond), sdk.WithoutBackgroundRenewal())
			token, err := client.Token(t.Context())
			if errors.Is(err, sdk.ErrPanic) {
				t.Errorf("%s: %v", d.name, err)
			}
			if (err == nil) == token.IsZero() {
				t.Errorf("%s: %v, %v", d.name, token, err)
			}
			if !token.Expires.IsZero() && !token.Expires.After(token.Issued) {
				t.Errorf("%s: it ends %v before it begins", d.name, token.Issued.Sub(token.Expires))
			}
		}
	})
}

func ExampleNew() {
	client, err := sdk.New("https://demo.back-office.pro", session.Password("me@example.com", sdk.NewSecret("...")))
	fmt.Println(client, err)
	_, err = sdk.New("http://demo.back-office.pro", session.Password("me@example.com", sdk.NewSecret("...")))
	fmt.Println(err)
	// Output:
	// client of https://demo.back-office.pro in dialect session <nil>
	// new client: base URL http://demo.back-office.pro would send credentials in clear; use https, or sdk.WithAllowPlainHTTP: bad configuration
}

func ExampleSecret() {
	secret := sdk.NewSecret("hunter2")
	fmt.Println(secret, len(secret.Reveal()))
	fmt.Printf("%+v\n", struct{ Password sdk.Secret }{secret})
	// Output:
	// [redacted] 7
	// {Password:[redacted]}
}

func ExampleError() {
	office := fakeoffice.New()
	client, err := sdk.New("https://office.example", session.Password("me@example.com", sdk.NewSecret("wrong")), sdk.WithHTTPTransport(fakeoffice.Transport(office)))
	if err != nil {
		fmt.Println(err)
		return
	}
	err = client.Login(context.Background())
	var e *sdk.Error
	if errors.As(err, &e) {
		fmt.Println(e.Op, e.Status, e.Temporary, errors.Is(err, sdk.ErrRefused))
	}
	fmt.Println(err)
	// Output:
	// login 401 false true
	// session login: refused: the server answered 401 Unauthorized to POST /sessions
}
