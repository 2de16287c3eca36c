package page_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/internal/reference/admin/page"
	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/metrics"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// paths are all that the page has.
var paths = map[string][]string{
	http.MethodGet:  {"", "accounts", "account?login=root", "audit", "page.css", "nothing-of-that-name"},
	http.MethodPost: {"end?login=root&id=x", "end-all?login=root", "disable?login=root", "enable?login=root"},
}

// TestOnlyThePasswordAdmits: nothing of the page is there for who has not the right
// name and the right password, and what was wrong stands in the audit log.
func TestOnlyThePasswordAdmits(t *testing.T) {
	t.Parallel()
	o := inMemory(t)
	for method, all := range paths {
		for _, path := range all {
			w := send(o.page, method, page.Path+path, "")
			if w.Code != http.StatusUnauthorized || !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Basic ") || strings.Contains(w.Body.String(), "root") {
				t.Errorf("%s %s without a password: %d %s", method, path, w.Code, w.Body)
			}
		}
	}
	if o.log.String() != "" {
		t.Errorf("a request without a password is no login: %s", o.log)
	}
	for _, wrong := range []string{
		basic("admin", ""), basic("admin", password+" "), basic("admin", password[:20]), basic("Admin", password), basic("", password), basic("root", "root"),
		"Authorization: Bearer " + password, "Authorization: Basic !",
	} {
		if w := send(o.page, http.MethodGet, page.Path, "", wrong); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d", wrong, w.Code)
		}
	}
	if said := o.log.String(); strings.Count(said, `"msg":"admin login failed"`) != 6 || strings.Contains(said, "correct") {
		t.Errorf("the audit log is\n%s", said)
	}
	o.get("")
	for header, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"Cache-Control":           "no-store", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
	} {
		for _, credentials := range []string{basic("admin", password), "X: y"} {
			if got := send(o.page, http.MethodGet, page.Path, "", credentials).Header().Get(header); got != want {
				t.Errorf("%s is %q, want %q", header, got, want)
			}
		}
	}
}

// TestWrongPasswordsOfThePageAreThrottled: ten within a minute, then also the right one
// is refused, for a minute; an operator at a network that has logged in before goes on.
func TestWrongPasswordsOfThePageAreThrottled(t *testing.T) {
	t.Parallel()
	o := inMemory(t)
	ask := func(address, password string) int {
		w := send(o.page, http.MethodGet, page.Path, "", basic("admin", password), "Remote: "+address+":1")
		if (w.Code == http.StatusTooManyRequests) != (w.Header().Get("Retry-After") != "") {
			t.Errorf("%d with Retry-After %q", w.Code, w.Header().Get("Retry-After"))
		}
		return w.Code
	}
	if got := ask("192.0.2.1", password); got != 200 {
		t.Fatalf("the right password: %d", got)
	}
	for i := range 10 {
		if got := ask("192.0.2.9", "wrong"); got != 401 {
			t.Errorf("wrong password %d: %d", i+1, got)
		}
	}
	o.clock.Advance(time.Hour) // a client may move it; it is not that of the throttle
	for address, want := range map[string]int{"192.0.2.9": 429, "192.0.2.10": 429, "192.0.2.1": 200} {
		if got := ask(address, password); got != want {
			t.Errorf("the right password from %s: %d, want %d", address, got, want)
		}
	}
	if !strings.Contains(o.log.String(), `"msg":"admin login throttled"`) {
		t.Errorf("the audit log is\n%s", o.log)
	}
	o.wall.Advance(61 * time.Second)
	if got := ask("192.0.2.9", password); got != 200 {
		t.Errorf("a minute later: %d", got)
	}
}

// TestOtherSitesCannotSendForms: what a page of another site makes the browser send is
// refused, although the browser adds the password.
func TestOtherSitesCannotSendForms(t *testing.T) {
	t.Parallel()
	o := inMemory(t)
	tokens := o.logIn("root", "root@example.com", "root")
	id := o.ids("root")["form"]
	for _, from := range []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: https://evil.example", "Origin: null"} {
		for _, path := range paths[http.MethodPost] {
			path, _, _ = strings.Cut(path, "?")
			w := send(o.page, http.MethodPost, page.Path+path, url.Values{"login": {"root"}, "id": {id}}.Encode(), formType, basic("admin", password), from)
			if w.Code != http.StatusForbidden {
				t.Errorf("%s with %s: %d", path, from, w.Code)
			}
		}
	}
	for dialect, one := range tokens {
		if one.works() != 200 {
			t.Errorf("%s has ended", dialect)
		}
	}
	for _, path := range []string{"end", "end-all", "disable", "enable"} {
		if w := send(o.page, http.MethodGet, page.Path+path+"?login=root", "", basic("admin", password)); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("GET %s: %d", path, w.Code)
		}
	}
	w := send(o.page, http.MethodPost, page.Path+"end", url.Values{"login": {"root"}, "id": {id}}.Encode(), formType, basic("admin", password), "Origin: http://example.com")
	if w.Code != http.StatusSeeOther || tokens["form"].works() != 401 {
		t.Errorf("from its own origin: %d, then %d", w.Code, tokens["form"].works())
	}
}

// TestNewSaysWhatIsWrong: a short password is refused, and is not in the error.
func TestNewSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		want string
		cfg  page.Config
	}{
		{"needs a store", page.Config{Password: password}},
		{"shorter than 15 characters", page.Config{Password: "hunter2 hunter", Store: memory.New(), Metrics: metrics.New(nil), Recent: audit.NewRecent(nil)}},
		{"shorter than 15 characters", page.Config{Store: memory.New(), Metrics: metrics.New(nil), Recent: audit.NewRecent(nil)}},
	} {
		if _, err := page.New(row.cfg); err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error is %v, want %s", err, row.want)
		}
	}
}

// TestMistakesOfForms: each has its status and a page that says what is wrong.
func TestMistakesOfForms(t *testing.T) {
	t.Parallel()
	o := inMemory(t)
	for _, row := range []struct {
		path   string
		form   url.Values
		status int
		says   string
	}{
		{"end", url.Values{"login": {"nobody"}, "id": {"x"}}, 404, "no such account"},
		{"end", url.Values{"login": {"root"}}, 400, "names no session"},
		{"end", url.Values{"login": {strings.Repeat("x", 100<<10)}}, 400, "too long"},
		{"end-all", url.Values{}, 404, "no such account"},
		{"disable", url.Values{"login": {"root"}}, 400, "configuration"},
		{"enable", url.Values{"login": {"root"}}, 400, "configuration"},
	} {
		if w := o.post(row.path, row.form); w.Code != row.status || !strings.Contains(w.Body.String(), row.says) {
			t.Errorf("%s: %d %s", row.path, w.Code, w.Body)
		}
	}
	if w := send(o.page, http.MethodGet, page.Path+"account?login=nobody", "", basic("admin", password)); w.Code != 404 {
		t.Errorf("an unknown account: %d", w.Code)
	}
	o.done("end", "gone", url.Values{"login": {"root"}, "id": {"no-such-id"}})
	if text := o.get("account?login=root&done=gone"); !strings.Contains(text, "It had ended already.") {
		t.Error("the page does not say that it had ended")
	}
	if text := o.get("account?login=root&done=" + url.QueryEscape("<b>You won")); strings.Contains(text, "You won") {
		t.Error("the page says what the address says")
	}
}

// down is a store that does not answer.
type down struct{ store.Store }

var errDown = errors.New("dial tcp 10.0.0.1:5432: refused")

func (down) Get(context.Context, store.Kind, string) (store.Record, error) {
	return store.Record{}, errDown
}

func (down) List(context.Context, store.Kind, string) ([]store.Record, error) { return nil, errDown }

// TestStoreDownOnThePage: without its store the page says so, and not why; rates and
// lines of the audit log are still there.
func TestStoreDownOnThePage(t *testing.T) {
	t.Parallel()
	var log trail
	cfg := page.Config{
		Password: password, Store: down{memory.New()}, Metrics: metrics.New(nil), Recent: audit.NewRecent(nil), Log: slog.New(slog.NewJSONHandler(&log, nil)),
	}
	handler, err := page.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"": 200, "accounts": 503, "account?login=ann": 503, "audit": 200, "page.css": 200} {
		w := send(handler, http.MethodGet, page.Path+path, "", basic("admin", password))
		if w.Code != want || strings.Contains(w.Body.String(), "10.0.0.1") || want == 503 && !strings.Contains(w.Body.String(), "does not answer") {
			t.Errorf("%q: %d %s", path, w.Code, w.Body)
		}
	}
	if w := send(handler, http.MethodGet, page.Path, "", basic("admin", password)); !strings.Contains(w.Body.String(), "the keys are not known") || !strings.Contains(w.Body.String(), "<svg") {
		t.Errorf("the overview is\n%s", w.Body)
	}
	for _, path := range []string{"end", "end-all", "disable", "enable"} {
		w := send(handler, http.MethodPost, page.Path+path, url.Values{"login": {"ann"}, "id": {"x"}}.Encode(), formType, basic("admin", password))
		if w.Code != 503 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if said := log.String(); strings.Count(said, "10.0.0.1") != 8 {
		t.Errorf("the log says\n%s", said)
	}
}
