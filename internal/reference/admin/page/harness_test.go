package page_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/admin/page"
	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/metrics"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/store"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

const password = "correct horse battery"

// office is a server with the demo accounts, and the page of its operators.
type office struct {
	t        *testing.T
	server   http.Handler
	page     http.Handler
	accounts *account.Registry
	store    store.Store
	clock    *clock.Offset // of the server
	wall     *clock.Offset
	recent   *audit.Recent
	log      *trail // the audit log
}

// trail keeps what is written.
type trail struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *trail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

func (l *trail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

func open(t *testing.T, s store.Store) *office {
	t.Helper()
	stopped := clock.Func(func() time.Time { return time.Date(2026, 1, 2, 12, 0, 30, 0, time.UTC) })
	o := &office{t: t, store: s, clock: clock.NewOffset(stopped), wall: clock.NewOffset(stopped), log: &trail{}}
	m := metrics.New(o.wall)
	o.recent = audit.NewRecent(o.wall)
	sinks := reference.AuditSinks{audit.NewLog(slog.NewJSONHandler(o.log, nil)), m, o.recent}
	server, err := reference.New(reference.Config{
		Accounts: reference.DemoAccounts(), Clock: o.clock, Hasher: account.FastHasher{}, Store: s, Audit: sinks, Observer: m,
		Throttle: account.Throttle{PerAccount: 3},
	})
	if err != nil {
		t.Fatal(err)
	}
	o.server = server.Handler()
	if o.page, err = page.New(page.Config{
		Password: password, Store: s, Accounts: reference.DemoAccounts(), Clock: o.clock, Metrics: m, Recent: o.recent, Audit: sinks, Wall: o.wall,
	}); err != nil {
		t.Fatal(err)
	}
	if o.accounts, err = account.NewRegistry(s, account.FastHasher{}, nil); err != nil {
		t.Fatal(err)
	}
	return o
}

func inMemory(t *testing.T) *office {
	t.Helper()
	return open(t, memory.New())
}

func inFile(t *testing.T) *office {
	t.Helper()
	s, err := storeurl.Open(t.Context(), storeurl.SQLite+filepath.Join(t.TempDir(), "dragoman.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return open(t, s)
}

func (o *office) add(a account.Account) {
	o.t.Helper()
	if err := o.accounts.Add(o.t.Context(), a); err != nil {
		o.t.Fatal(err)
	}
}

// send makes a request. Headers are "Name: value".
func send(handler http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
		if name == "Remote" {
			r.RemoteAddr = value
		}
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func basic(name, password string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))
}

const formType = "Content-Type: application/x-www-form-urlencoded"

// get is a page that an operator asks for.
func (o *office) get(path string) string {
	o.t.Helper()
	w := send(o.page, http.MethodGet, page.Path+path, "", basic("admin", password))
	if w.Code != http.StatusOK {
		o.t.Errorf("GET %s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// post sends a form, as the browser of an operator does, and returns where it leads.
func (o *office) post(path string, form url.Values) *httptest.ResponseRecorder {
	o.t.Helper()
	return send(o.page, http.MethodPost, page.Path+path, form.Encode(), formType, basic("admin", password), "Sec-Fetch-Site: same-origin")
}

// done is post where it has to work.
func (o *office) done(path, what string, form url.Values) {
	o.t.Helper()
	w := o.post(path, form)
	target := "account?" + url.Values{"login": {form.Get("login")}, "done": {what}}.Encode()
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != target {
		o.t.Errorf("%s of %v: %d to %q, want %q", path, form, w.Code, w.Header().Get("Location"), target)
	}
}

// bearer is a session or token of one dialect: works says how the server answers to it.
type bearer struct {
	token string
	works func() int
}

func member(w *httptest.ResponseRecorder, name string) string {
	var object map[string]any
	_ = json.Unmarshal(w.Body.Bytes(), &object)
	text, _ := object[name].(string)
	return text
}

const (
	rpcLogin = `{"method":"axxonsoft.bl.auth.AuthenticationService.AuthenticateEx2","data":{"user_name":%q,"password":%q}}`
	rpcUse   = `{"method":"axxonsoft.bl.domain.DomainService.GetVersion","data":{}}`
)

// logIn logs in to all dialects.
func (o *office) logIn(login, email, password string) map[string]bearer {
	o.t.Helper()
	session := member(send(o.server, "POST", "/sessions", `{"session":{"email":"`+email+`","password":"`+password+`"}}`, "User-Agent: Firefox <1>"), "access_token")
	form := member(send(o.server, "POST", "/login", url.Values{"login": {login}, "pass": {password}}.Encode(), formType), "token")
	rpc := member(send(o.server, "POST", "/grpc", fmt.Sprintf(rpcLogin, login, password), basic(login, password)), "token_value")
	scoped := member(send(o.server, "POST", "/api/v1/auth/token", `{"username":"`+login+`","password":"`+password+`"}`), "token")
	with := func(method, path, body, header string) func() int {
		return func() int { return send(o.server, method, path, body, header).Code }
	}
	all := map[string]bearer{
		"session": {session, with("GET", "/sessions", "", "Authorization: Bearer "+session)},
		"form":    {form, with("GET", "/items", "", "X-Auth-Bearer: "+form)},
		"rpc":     {rpc, with("POST", "/grpc", rpcUse, "Authorization: Bearer "+rpc)},
		"scoped":  {scoped, with("GET", "/api/v1/tokens", "", "Authorization: Bearer "+scoped)},
	}
	for dialect, one := range all {
		if one.token == "" || one.works() != http.StatusOK {
			o.t.Fatalf("%s: the token %q of %s answers %d", dialect, one.token, login, one.works())
		}
	}
	return all
}

var row = regexp.MustCompile(`(?s)<tr>\s*<td><code>([^<]+)</code></td>\s*<td>(\w+)</td>`)

// ids are the sessions and tokens that the page of an account shows, by dialect.
func (o *office) ids(login string) map[string]string {
	o.t.Helper()
	found := map[string]string{}
	text, _, _ := strings.Cut(o.get("account?"+url.Values{"login": {login}}.Encode()), `id="lines"`)
	for _, one := range row.FindAllStringSubmatch(text, -1) {
		found[one[2]] = one[1]
	}
	return found
}
