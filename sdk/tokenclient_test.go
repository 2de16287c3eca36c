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

	"github.com/dragoman-auth/dragoman/internal/memhttp"
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
	client := newClient(t, dialect, append([]sdk.Option{sdk.WithHTTPTransport(memhttp.Transport(handler))}, options...)...)
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
			return memhttp.Transport(server).RoundTrip(request)
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
