package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
)

// foreignOrigin is every server but the office. It keeps all that reaches it.
type foreignOrigin struct {
	mu       sync.Mutex
	received []string
	calls    int
}

// world sends the office's requests to the office and all others to the foreign origin.
type world struct {
	office  http.RoundTripper
	foreign *foreignOrigin
}

func (w *world) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Scheme == "https" && request.URL.Host == "office.example" && (request.Host == "" || request.Host == "office.example") {
		return w.office.RoundTrip(request)
	}
	dump, err := httputil.DumpRequest(request, true)
	if err != nil {
		return nil, err
	}
	w.foreign.mu.Lock()
	defer w.foreign.mu.Unlock()
	w.foreign.calls++
	w.foreign.received = append(w.foreign.received, string(dump)+fmt.Sprint(request.URL, request.Header, request.Trailer))
	if request.Body != nil {
		request.Body.Close()
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: request}, nil
}

// secrets are what must never leave the office's origin, in any encoding that
// the dialects use.
func secrets() []string {
	basic := http.Request{Header: http.Header{}}
	basic.SetBasicAuth(fakeoffice.User, fakeoffice.Password)
	return []string{
		fakeoffice.Password, url.QueryEscape(fakeoffice.Password), fakeoffice.APIKey, "secret-access-", "secret-refresh-",
		strings.TrimPrefix(basic.Header.Get("Authorization"), "Basic "), "my-own-secret",
	}
}

func (f *foreignOrigin) check(t *testing.T) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, received := range f.received {
		for _, secret := range secrets() {
			if strings.Contains(received, secret) {
				t.Errorf("%q reached another server:\n%s", secret, received)
			}
		}
	}
}

var elsewhere = map[string]string{
	"another host": "https://foreign.example/",
	"another port": "https://office.example:8443/",
	"downgrade":    "http://office.example/",
	"subdomain":    "https://sub.office.example/",
	"parent":       "https://example/",
	"user info":    "https://office.example@foreign.example/",
}

var redirects = []int{
	http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect,
}

// redirecting makes the office answer paths that lead matches with a redirect.
func redirecting(office *fakeoffice.Office, status int, target string, lead func(r *http.Request) bool) {
	office.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if !lead(r) {
			return false
		}
		w.Header().Set("Location", target)
		w.WriteHeader(status)
		return true
	}
}

func eachWayOut(t *testing.T, run func(t *testing.T, d dialect, status int, target string)) {
	t.Parallel()
	for _, d := range allDialects() {
		for where, target := range elsewhere {
			for _, status := range redirects {
				t.Run(fmt.Sprintf("%s/%s/%d", d.name, where, status), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { run(t, d, status, target) })
				})
			}
		}
	}
}

func TestNoCredentialFollowsARedirectOfTheAPI(t *testing.T) {
	eachWayOut(t, func(t *testing.T, d dialect, status int, target string) {
		office, foreign := fakeoffice.New(), &foreignOrigin{}
		client := newClient(t, d.new(), sdk.WithHTTPTransport(&world{memhttp.Transport(office), foreign}))
		redirecting(office, status, target, func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/moved") })

		response, err := client.R(t.Context()).Get("/moved?token=my-own-secret") // Referer would name it
		if err != nil || response.StatusCode() != http.StatusOK {
			t.Errorf("GET: %v, %v", response.Status(), err)
		}
		if foreign.calls != 1 {
			t.Errorf("%d requests followed the redirect of a GET, want 1", foreign.calls)
		}
		// The caller's own credentials, in headers and in bodies.
		own, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://office.example/moved", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"Authorization", "X-Auth-Bearer", "X-Api-Key", "Cookie", "Proxy-Authorization"} {
			own.Header.Set(key, "my-own-secret")
		}
		if response, err := client.HTTPClient().Do(own); err == nil {
			response.Body.Close()
		}
		before := foreign.calls
		response, err = client.R(t.Context()).SetFormData(map[string]string{"login": "x", "pass": "my-own-secret"}).Post("/moved/form")
		_ = response
		keepsBody := status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect
		if keepsBody && (!errors.Is(err, sdk.ErrRedirected) || foreign.calls != before) {
			t.Errorf("POST: %v after %d requests to another server", err, foreign.calls-before)
		}
		if !keepsBody && err != nil {
			t.Errorf("POST: %v", err)
		}
		foreign.check(t)
	})
}

func TestTokenEndpointsAreNeverRedirected(t *testing.T) {
	eachWayOut(t, func(t *testing.T, d dialect, status int, target string) {
		office, foreign := fakeoffice.New(), &foreignOrigin{}
		client := newClient(t, d.new(), sdk.WithHTTPTransport(&world{memhttp.Transport(office), foreign}))
		if d.life == 0 {
			return // nothing to exchange
		}
		everything := func(*http.Request) bool { return true }
		redirecting(office, status, target, everything)
		if err := client.Login(t.Context()); !errors.Is(err, sdk.ErrRedirected) {
			t.Errorf("login: %v, want an error that wraps ErrRedirected", err)
		}
		office.Intercept = nil
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		redirecting(office, status, target, everything)
		if _, err := client.Renew(t.Context()); !errors.Is(err, sdk.ErrRedirected) {
			t.Errorf("renew: %v, want an error that wraps ErrRedirected", err)
		}
		_ = client.Close(context.Background())
		if foreign.calls != 0 {
			t.Errorf("%d requests to another server", foreign.calls)
		}
		foreign.check(t)
	})
}

func TestOtherOriginsGetNoCredentials(t *testing.T) {
	t.Parallel()
	for _, d := range allDialects() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				office, foreign := fakeoffice.New(), &foreignOrigin{}
				client := newClient(t, d.new(), sdk.WithHTTPTransport(&world{memhttp.Transport(office), foreign}))
				for _, target := range elsewhere {
					if _, err := client.R(t.Context()).SetBody("hello").Post(target); err != nil {
						t.Error(err)
					}
				}
				// The same address, but for another virtual host.
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://office.example/x", nil)
				if err != nil {
					t.Fatal(err)
				}
				request.Host = "foreign.example"
				response, err := client.HTTPClient().Do(request)
				if err != nil {
					t.Fatal(err)
				}
				response.Body.Close()
				if want := len(elsewhere) + 1; foreign.calls != want {
					t.Errorf("%d requests to other servers, want %d", foreign.calls, want)
				}
				foreign.check(t)
			})
		})
	}
}

func TestTheOriginIsTheSameHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	office := fakeoffice.New()
	transport := memhttp.Transport(office)
	client := newClient(t, allDialects()[0].new(), sdk.WithHTTPTransport(transport), sdk.WithoutBackgroundRenewal())
	for _, same := range []string{"https://office.example/x", "https://office.example:443/x", "HTTPS://OFFICE.example/x", "https://office.example./x"} {
		response, err := client.R(t.Context()).Get(same)
		if err != nil || response.StatusCode() != http.StatusOK {
			t.Errorf("%s: %v, %v", same, response.Status(), err)
		}
	}
}

func TestOneOriginHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		base, other string
		same        bool
	}{
		{"https://office.example", "HTTPS://OFFICE.example", true},
		{"https://office.example", "https://office.example.:443", true},
		{"https://office.example", "https://office.example:", true},
		{"https://office.example:8443", "https://office.example:08443", true},
		{"https://b\u00fccher.example", "https://xn--bcher-kva.example", true},
		{"https://xn--bcher-kva.example", "https://B\u00dcCHER.example", true},
		{"https://b\u00fccher.example", "https://bu\u0308cher.example", true}, // composed otherwise
		{"https://b\u00fccher.example", "https://b\u00fccher\u3002example", true},
		{"https://\uff4f\uff46\uff46\uff49\uff43\uff45.example", "https://office.example", true}, // full width
		{"https://[2001:db8::1]", "https://[2001:0DB8:0:0:0:0:0:1]", true},
		{"https://b\u00fccher.example", "https://bucher.example", false},
		{"https://office.example", "https://\u043effice.example", false}, // a Cyrillic letter
		{"https://office.example", "https://office.example:8443", false},
		{"https://office.example", "https://xn--office-.example", false},
		{"https://[2001:db8::1]", "https://[2001:db8::2]", false},
		{"https://192.0.2.1", "https://[::ffff:192.0.2.1]", false}, // another Host header
	} {
		for _, pair := range [][2]string{{c.base, c.other}, {c.other, c.base}} {
			presented := false
			client, err := sdk.New(pair[0], &scripted{login: hourly}, sdk.WithHTTPTransport(roundTripper(func(request *http.Request) (*http.Response, error) {
				presented = request.Header.Get("Authorization") != ""
				return still{}.RoundTrip(request)
			})))
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.HTTPClient().Get(pair[1] + "/users")
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if presented != c.same {
				t.Errorf("a client of %s presents its token to %s: %t", pair[0], pair[1], presented)
			}
			if err := client.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	dialect := allDialects()[0].new()
	for _, c := range []struct {
		address string
		ok      bool
	}{
		{"https://office.example", true},
		{"https://office.example:8443/prefix/", true},
		{"http://localhost:8080", true},
		{"http://127.0.0.1", true},
		{"http://127.9.9.9:1", true},
		{"http://[::1]:8080", true},
		{"http://[::ffff:127.0.0.1]", true},
		{"http://office.example", false},
		{"http://127.0.0.1.office.example", false},
		{"http://localhost.office.example", false},
		{"http://10.0.0.1", false},
		{"http://[::]", false},
		{"ftp://office.example", false},
		{"office.example", false},
		{"https://", false},
		{"https://:443", false},
		{"https://me:secret@office.example", false},
		{"https://office.example?x=1", false},
		{"https://office.example?", false},
		{"https://office.example#x", false},
		{"https://office.example:port", false},
		{"https://office.example:65535", true},
		{"https://office.example:65536", false},
		{"https://office.example:0", false},
		{"", false},
	} {
		_, err := sdk.New(c.address, dialect)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("%s: %v", c.address, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error shows a secret: %v", err)
		}
	}
	if _, err := sdk.New("http://10.0.0.1", dialect, sdk.WithAllowPlaintext()); err != nil {
		t.Error(err)
	}
}
