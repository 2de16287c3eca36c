package rpc_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/wiretest"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
)

func newClient(t *testing.T, server http.Handler, options ...rpc.Option) *sdk.Client {
	t.Helper()
	client, err := sdk.New("https://office.example", rpc.Password("root", sdk.NewSecret("pass"), options...),
		sdk.WithHTTPTransport(memhttp.Transport(server)), sdk.WithoutBackgroundRenewal())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Stop(context.Background()) })
	return client
}

const service = "axxonsoft.bl.auth.AuthenticationService."

func TestOnTheWire(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options []rpc.Option
		number  string
	}{"documented names": {nil, ""}, "new names": {[]rpc.Option{rpc.WithV2Names()}, "2"}} {
		server := wiretest.New(
			wiretest.JSON(`{"token_name":"auth_token","token_value":"t1","expires_in":"600","user_id":"u","error_code":"AUTHENTICATE_CODE_OK"}`),
			wiretest.JSON(`{"version":"1"}`),
			wiretest.JSON(`{"token_name":"auth_token","token_value":"t2","expires_in":600}`),
			wiretest.JSON(`{"error_code":"OK"}`),
		)
		client := newClient(t, server, append(c.options, rpc.WithPath("/prefix/grpc"))...)
		verbs := rpc.Of(client)
		var out struct{ Version string }
		if err := verbs.Call(t.Context(), "a.b.C.D", map[string]int{"n": 1}, &out); err != nil || out.Version != "1" {
			t.Errorf("%s: call: %+v, %v", name, out, err)
		}
		if token, err := verbs.Renew(t.Context()); err != nil || token.Access.Reveal() != "t2" || token.MetadataKey != "auth_token" || token.Life() != 10*time.Minute {
			t.Errorf("%s: renew: %v, %v", name, token, err)
		}
		if err := verbs.Close(t.Context()); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
		asked := []string{
			`POST /prefix/grpc [Basic cm9vdDpwYXNz] {"method":"` + service + `AuthenticateEx` + c.number + `","data":{"user_name":"root","password":"pass"}}`,
			`POST /prefix/grpc [Bearer t1] {"method":"a.b.C.D","data":{"n":1}}`,
			`POST /prefix/grpc [Bearer t1] {"method":"` + service + `RenewSession` + c.number + `","data":{}}`,
			`POST /prefix/grpc [Bearer t2] {"method":"` + service + `CloseSession","data":{}}`,
		}
		if got := server.Asked(); !slices.Equal(got, asked) {
			t.Errorf("%s: asked\n%q\nwant\n%q", name, got, asked)
		}
	}
}

// withExp is a JSON Web Token whose exp is 2000000000, in May 2033.
const withExp = "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjIwMDAwMDAwMDB9.c2ln"

func TestTheEndOfAToken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		members func(now time.Time) string
		ahead   time.Duration // of the server's clock
		want    func(now time.Time) time.Duration
	}{
		"expires_in counts first": {func(now time.Time) string { return `"expires_in":300,"expires_at":"20200101T000000"` }, 0, fixed(300 * time.Second)},
		"expires_at": {func(now time.Time) string {
			return `"expires_at":"` + now.Add(4*time.Hour).Format("20060102T150405") + `"`
		}, 0, fixed(4 * time.Hour)},
		"with a fraction": {func(now time.Time) string {
			return `"expires_at":"` + now.Add(4*time.Hour).Format("20060102T150405") + `.5"`
		}, 0, fixed(4*time.Hour + 500*time.Millisecond)},
		"another clock": {func(now time.Time) string {
			return `"expires_at":"` + now.Add(13*time.Hour).Format("20060102T150405") + `"`
		}, 9 * time.Hour, fixed(4*time.Hour - time.Second)},
		"the token's own exp": {func(time.Time) string { return `"expires_at":""` }, 0, func(now time.Time) time.Duration { return time.Unix(2000000000, 0).Sub(now) }},
		"expires_in of zero":  {func(time.Time) string { return `"expires_in":"0"` }, 0, func(now time.Time) time.Duration { return time.Unix(2000000000, 0).Sub(now) }},
		"for ever and ever":   {func(time.Time) string { return `"expires_in":9223372036854775807` }, 0, func(now time.Time) time.Duration { return time.Unix(2000000000, 0).Sub(now) }},
	} {
		synctest.Test(t, func(t *testing.T) {
			now := time.Now().UTC()
			server := wiretest.New(wiretest.Answer{
				Header: http.Header{"Date": {now.Add(c.ahead).Format(http.TimeFormat)}},
				Body:   `{"token_name":"n","token_value":"` + withExp + `","error_code":"AUTHENTICATE_CODE_OK",` + c.members(now) + `}`,
			})
			token, err := newClient(t, server).Token(t.Context())
			if err != nil || token.Life() != c.want(now) {
				t.Errorf("%s: it lives %v, %v; want %v", name, token.Life(), err, c.want(now))
			}
		})
	}
}

func fixed(d time.Duration) func(time.Time) time.Duration {
	return func(time.Time) time.Duration { return d }
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer    wiretest.Answer
		cause     error
		temporary bool
		code      string
	}{
		"wrong credentials":    {wiretest.JSON(`{"error_code":"AUTHENTICATE_CODE_WRONG_CREDENTIALS"}`), sdk.ErrRefused, false, "AUTHENTICATE_CODE_WRONG_CREDENTIALS"},
		"with a token":         {wiretest.JSON(`{"error_code":"AUTHENTICATE_CODE_WRONG_CREDENTIALS","token_value":"t"}`), sdk.ErrRefused, false, "AUTHENTICATE_CODE_WRONG_CREDENTIALS"},
		"locked":               {wiretest.JSON(`{"error_code":"AUTHENTICATE_CODE_USER_LOCKED"}`), sdk.ErrUnavailable, true, "AUTHENTICATE_CODE_USER_LOCKED"},
		"locked, with 429":     {wiretest.Answer{Status: 429, Body: `{"error_code":"AUTHENTICATE_CODE_USER_LOCKED"}`}, sdk.ErrUnavailable, true, "AUTHENTICATE_CODE_USER_LOCKED"},
		"second factor":        {wiretest.JSON(`{"error_code":"AUTHENTICATE_CODE_SECOND_FACTOR_AUTH_NEEDED"}`), sdk.ErrRefused, false, "AUTHENTICATE_CODE_SECOND_FACTOR_AUTH_NEEDED"},
		"by status":            {wiretest.Answer{Status: 401, Body: `{"errorMessage":"no","grpcErrorCode":16}`}, sdk.ErrRefused, false, "UNAUTHENTICATED"},
		"by the body's code":   {wiretest.Answer{Status: 500, Body: `{"errorMessage":"no","grpcErrorCode":16}`}, sdk.ErrRefused, false, "UNAUTHENTICATED"},
		"another code":         {wiretest.Answer{Status: 500, Body: `{"errorMessage":"no","grpcErrorCode":13}`}, sdk.ErrUnavailable, true, "INTERNAL"},
		"by status, no body":   {wiretest.Answer{Status: 401}, sdk.ErrRefused, false, ""},
		"a code that is none":  {wiretest.JSON(`{"error_code":"pass"}`), sdk.ErrRefused, false, ""},
		"no token":             {wiretest.JSON(`{"error_code":"AUTHENTICATE_CODE_OK"}`), sdk.ErrProtocol, false, ""},
		"another kind of JSON": {wiretest.JSON(`[1]`), sdk.ErrProtocol, false, ""},
	} {
		err := newClient(t, wiretest.New(c.answer)).Login(t.Context())
		var e *sdk.Error
		if !errors.As(err, &e) || !errors.Is(err, c.cause) || e.Temporary != c.temporary || e.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARenewalThatIsRefusedWith500LogsInAgain(t *testing.T) {
	t.Parallel()
	server := wiretest.New(
		wiretest.JSON(`{"token_value":"t1","expires_in":600}`),
		wiretest.Answer{Status: 500, Body: `{"errorMessage":"no","grpcErrorCode":16}`},
		wiretest.JSON(`{"token_value":"t2","expires_in":600}`),
	)
	client := newClient(t, server)
	if err := client.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	if token, err := client.Renew(t.Context()); err != nil || token.Access.Reveal() != "t2" {
		t.Errorf("got %v, %v", token, err)
	}
}

func TestRejected(t *testing.T) {
	t.Parallel()
	dialect := rpc.Password("root", sdk.NewSecret("pass"))
	for name, c := range map[string]struct {
		status int
		body   string
		want   bool
	}{
		"401":                   {401, "", true},
		"403, unauthenticated":  {403, `{"errorMessage":"x","grpcErrorCode":16}`, true},
		"500, unauthenticated":  {500, `{"errorMessage":"x","grpcErrorCode":16}`, true},
		"403, denied":           {403, `{"errorMessage":"x","grpcErrorCode":7}`, false},
		"500":                   {500, `oops`, false},
		"200 that speaks of it": {200, `{"grpcErrorCode":16}`, false},
		"500, long":             {500, `{"errorMessage":"` + strings.Repeat("x", 20_000) + `","grpcErrorCode":16}`, false},
	} {
		recorder := wiretest.New(wiretest.Answer{Status: c.status, Body: c.body})
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := memhttp.Transport(recorder).RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		if got := dialect.Rejected(response); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
		if body, err := sdk.PeekBody(response, 1<<20); err != nil || string(body) != c.body {
			t.Errorf("%s: the body has become %.40q, %v", name, body, err)
		}
		response.Body.Close()
	}
}

func TestClosing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer wiretest.Answer
		ok     bool
	}{
		"OK":               {wiretest.JSON(`{"error_code":"OK"}`), true},
		"zero left out":    {wiretest.JSON(`{}`), true},
		"gone":             {wiretest.Answer{Status: 401}, true},
		"gone, with 403":   {wiretest.Answer{Status: 403, Body: `{"grpcErrorCode":16}`}, true},
		"gone, with 500":   {wiretest.Answer{Status: 500, Body: `{"grpcErrorCode":16}`}, true},
		"denied":           {wiretest.Answer{Status: 403, Body: `{"grpcErrorCode":7}`}, false},
		"failed":           {wiretest.JSON(`{"error_code":"GENERAL_ERROR"}`), false},
		"not understood":   {wiretest.JSON(`7`), false},
		"server is broken": {wiretest.Answer{Status: 500}, false},
	} {
		client := newClient(t, wiretest.New(wiretest.JSON(`{"token_value":"t"}`), c.answer))
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := client.Close(t.Context()); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBadSettings(t *testing.T) {
	t.Parallel()
	for name, dialect := range map[string]sdk.Dialect{
		"no user":     rpc.Password("", sdk.NewSecret("x")),
		"no password": rpc.Password("root", sdk.Secret{}),
		"a colon":     rpc.Password("ro:ot", sdk.NewSecret("x")), // in gRPC there is none of Basic
		"bad path":    rpc.Password("root", sdk.NewSecret("x"), rpc.WithPath("grpc")),
	} {
		if _, err := sdk.New("https://office.example", dialect); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("%s: %v, want ErrConfig", name, err)
		}
	}
	if err := rpc.Of(newClient(t, wiretest.New())).Call(t.Context(), "", nil, nil); !errors.Is(err, sdk.ErrConfig) {
		t.Errorf("a method without a name: %v", err)
	}
}
