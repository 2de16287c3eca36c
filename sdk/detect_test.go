package sdk_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/mockserver"
	"github.com/dragoman-auth/dragoman/sdk"
)

func names(found []sdk.Detection) string {
	var list []string
	for _, d := range found {
		list = append(list, d.Dialect)
	}
	return strings.Join(list, " ")
}

func TestDetectOnTheReferenceServer(t *testing.T) {
	t.Parallel()
	for _, dialects := range [][]string{{"session", "form", "rpc", "scoped"}, {"session"}, {"form"}, {"rpc"}, {"scoped"}, {"form", "scoped"}} {
		t.Run(strings.Join(dialects, " "), func(t *testing.T) {
			t.Parallel()
			mock := mockserver.New(t, mockserver.WithDialects(dialects...))
			found, err := sdk.Detect(t.Context(), mock.URL)
			if err != nil || names(found) != strings.Join(dialects, " ") {
				t.Errorf("got %+v, %v", found, err)
			}
		})
	}
}

func TestDetectOnOtherServers(t *testing.T) {
	t.Parallel()
	always := func(status int, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example/")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
	for name, c := range map[string]struct {
		server http.Handler
		want   string
	}{
		"an office behind a wall":    {fakeoffice.New(), "rpc scoped"},
		"nothing":                    {always(http.StatusNotFound, ""), ""},
		"everything":                 {always(http.StatusOK, "hello"), ""},
		"a wall":                     {always(http.StatusUnauthorized, "who are you?"), ""},
		"a redirect":                 {always(http.StatusFound, ""), ""},
		"a failure":                  {always(http.StatusInternalServerError, "{"), ""},
		"a wall that speaks rpc":     {always(http.StatusUnauthorized, `{"errorMessage":"no","grpcErrorCode":16}`), "rpc"},
		"a wall that speaks of gods": {always(http.StatusUnauthorized, `{"success":false,"name":"RicError","code":"401"}`), "scoped"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for _, key := range []string{"Authorization", "X-Auth-Bearer", "X-Api-Key", "Cookie"} {
					if r.Header.Get(key) != "" {
						t.Errorf("%s was sent", key)
					}
				}
				c.server.ServeHTTP(w, r)
			})
			found, err := sdk.Detect(t.Context(), "http://office.example", sdk.WithHTTPTransport(memhttp.Transport(seen)))
			if err != nil || names(found) != c.want {
				t.Errorf("got %+v, %v; want %q", found, err, c.want)
			}
		})
	}
}

func TestDetectWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	if _, err := sdk.Detect(t.Context(), "office.example"); !errors.Is(err, sdk.ErrConfig) {
		t.Errorf("a bad address: %v", err)
	}
	if _, err := sdk.Detect(t.Context(), "http://127.0.0.1:1"); !errors.Is(err, sdk.ErrUnavailable) {
		t.Errorf("nobody listens: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sdk.Detect(ctx, "http://127.0.0.1:1"); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}
