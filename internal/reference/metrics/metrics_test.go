package metrics_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/metrics"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/internal/reference/store/storetest"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// scrape returns the numbers as Prometheus reads them.
func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("metrics answer %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func wantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
}

func TestServer(t *testing.T) {
	t.Parallel()
	m := metrics.New(nil)
	server, err := reference.New(reference.Config{
		Accounts: reference.DemoAccounts(), Hasher: account.FastHasher{}, Store: m.Store(memory.New()),
		Observer: m, Audit: m, Throttle: account.Throttle{PerAccount: 2},
	})
	if err != nil {
		t.Fatal(err)
	}
	send := func(method, path, body string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		for _, header := range headers {
			name, value, _ := strings.Cut(header, ": ")
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		server.Handler().ServeHTTP(w, r)
		return w
	}
	login := func(password string) string {
		w := send("POST", "/login", "login=root&pass="+password, "Content-Type: application/x-www-form-urlencoded")
		_, rest, _ := strings.Cut(w.Body.String(), `"token":"`)
		token, _, _ := strings.Cut(rest, `"`)
		return token
	}
	token := login("root")
	send("GET", "/items", "", "X-Auth-Bearer: "+token)
	send("PUT", "/login", `{"token":"`+token+`"}`)
	send("DELETE", "/login?token="+token, "")
	send("GET", "/users", "", "X-Api-Key: "+reference.DemoAPIKey)
	send("BREW", "/users/../x", "")
	for range 3 {
		login("wrong")
	}
	text := scrape(t, m)
	wantLines(t, text,
		`dragoman_requests_total{dialect="form",route="GET /items",status="200"} 1`,
		`dragoman_requests_total{dialect="form",route="POST /login",status="401"} 2`,
		`dragoman_requests_total{dialect="form",route="POST /login",status="429"} 1`,
		`dragoman_requests_total{dialect="session",route="other",status="404"} 1`,
		`dragoman_logins_total{dialect="form",outcome="succeeded"} 1`,
		`dragoman_logins_total{dialect="form",outcome="failed"} 2`,
		`dragoman_logins_total{dialect="form",outcome="throttled"} 1`,
		`dragoman_grants_total{dialect="form",event="issued"} 1`,
		`dragoman_grants_total{dialect="form",event="renewed"} 1`,
		`dragoman_grants_total{dialect="form",event="revoked"} 1`,
		`dragoman_api_keys_total{outcome="used"} 1`,
		`dragoman_panics_total 0`,
		`dragoman_store_seconds_count{operation="delete"} 1`,
	)
	if strings.Contains(text, token) || strings.Contains(text, "BREW") || strings.Contains(text, "dragoman_store_errors_total{") {
		t.Errorf("the numbers are\n%s", text)
	}
}

func TestStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) store.Store { return metrics.New(nil).Store(memory.New()) })
}

// broken is a store that cannot sweep.
type broken struct{ store.Store }

func (broken) Sweep(context.Context, time.Time) (int, error) { return 0, errors.New("disk full") }

func TestStoreErrorsAreCounted(t *testing.T) {
	t.Parallel()
	m := metrics.New(nil)
	timed := m.Store(broken{memory.New()})
	if _, err := timed.Sweep(t.Context(), time.Now()); err == nil {
		t.Error("the error is lost")
	}
	if _, err := timed.Get(t.Context(), "a", "b"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("get: %v", err)
	}
	wantLines(t, scrape(t, m), `dragoman_store_errors_total{operation="sweep"} 1`, `dragoman_store_seconds_count{operation="get"} 1`)
}
