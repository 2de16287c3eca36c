package admin_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/internal/reference/admin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func config() admin.Config {
	return admin.Config{
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("numbers 1\n")) }),
		Ready:   func(context.Context) error { return nil },
	}
}

func TestHandler(t *testing.T) {
	t.Parallel()
	plain, unready, open := config(), config(), config()
	unready.Ready = func(context.Context) error { return errors.New("dial tcp 10.0.0.1:5432: refused") }
	open.PProf = true
	open.Page = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("the page")) })
	for _, row := range []struct {
		what   string
		cfg    admin.Config
		method string
		path   string
		status int
		body   string
	}{
		{"numbers", plain, "GET", "/metrics", 200, "numbers 1"},
		{"alive", plain, "GET", "/livez", 200, "ok"},
		{"ready", plain, "GET", "/readyz", 200, "ok"},
		{"not ready", unready, "GET", "/readyz", 503, "not ready"},
		{"alive anyway", unready, "GET", "/livez", 200, "ok"},
		{"no profiles", plain, "GET", "/debug/pprof/", 404, ""},
		{"profiles", open, "GET", "/debug/pprof/goroutine?debug=1", 200, "goroutine profile"},
		{"the page", open, "GET", "/admin/", 200, "the page"},
		{"a part of it", open, "POST", "/admin/end", 200, "the page"},
		{"the way to the page", open, "GET", "/", 303, "/admin/"},
		{"no page", plain, "GET", "/admin/", 404, "--admin-password-file FILE, or set DRAGOMAN_ADMIN_PASSWORD"},
		{"no part of a page", plain, "POST", "/admin/end", 404, "--admin-password-file"},
		{"nothing", open, "GET", "/other", 404, ""},
		{"another method", plain, "POST", "/metrics", 405, ""},
	} {
		w := httptest.NewRecorder()
		admin.Handler(row.cfg).ServeHTTP(w, httptest.NewRequest(row.method, row.path, nil))
		if w.Code != row.status || !strings.Contains(w.Body.String(), row.body) || strings.Contains(w.Body.String(), "10.0.0.1") {
			t.Errorf("%s: %d %s", row.what, w.Code, w.Body)
		}
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- admin.Serve(ctx, listener, config()) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + listener.Addr().String() + "/livez")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	end()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
