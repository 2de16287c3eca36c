package sdk_test

import (
	"net/http"
	"net/http/cookiejar"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
)

// TestCookiesStayWithTheOrigin has a balancer that names a server by a cookie,
// and another origin that would like to know it.
func TestCookiesStayWithTheOrigin(t *testing.T) {
	t.Parallel()
	for _, d := range allDialects() {
		office := fakeoffice.New()
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		sent := map[string][]string{} // by path
		transport := roundTripper(func(request *http.Request) (*http.Response, error) {
			sent[request.URL.Host+request.URL.Path] = append(sent[request.URL.Host+request.URL.Path], request.Header.Get("Cookie"))
			response, err := memhttp.Transport(office).RoundTrip(request)
			if err == nil {
				response.Header.Add("Set-Cookie", "server="+request.URL.Hostname()+"; Path=/")
			}
			return response, err
		})
		client := newClient(t, d.new(), sdk.WithHTTPTransport(transport), sdk.WithCookieJar(jar))
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		httpClient := client.HTTPClient()
		for _, url := range []string{"https://office.example/first", "https://office.example/second", "https://other.example/foreign", "https://office.example/third"} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Cookie", "own=1")
			response, err := httpClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if request.Header.Get("Cookie") != "own=1" {
				t.Errorf("%s: the caller's request was changed", d.name)
			}
		}
		first := "own=1; server=office.example"
		if d.life == 0 {
			first = "own=1" // there was no login to set one
		}
		for path, want := range map[string]string{
			"office.example/first": first, "office.example/second": "own=1; server=office.example",
			"office.example/third": "own=1; server=office.example", "other.example/foreign": "own=1",
		} {
			if got := sent[path]; len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s was sent the cookies %q, want %q", d.name, path, got, want)
			}
		}
		if err := client.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if got := sent["office.example/login"]; d.name == "form" && got[len(got)-1] != "server=office.example" {
			t.Errorf("the end of the session was sent the cookies %q", got)
		}
	}
}
