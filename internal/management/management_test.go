package management_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/dragoman-auth/dragoman/internal/management"
	"github.com/dragoman-auth/dragoman/mockserver"
)

// steered is a mock with its management, whose every exchange is compared with the
// description.
type steered struct {
	t       *testing.T
	mock    *mockserver.Server
	handler http.Handler
	router  routers.Router
	used    map[string]bool // operations of the description
}

func steer(t *testing.T) *steered {
	t.Helper()
	mock := mockserver.New(t, mockserver.WithMisuse(mockserver.MisuseWarn), mockserver.WithStart(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)))
	s := &steered{t: t, mock: mock, handler: management.Handler(mock), used: map[string]bool{}}
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/openapi.json", http.NoBody))
	document, err := openapi3.NewLoader().LoadFromData(answer.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := document.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.router, err = legacy.NewRouter(document); err != nil {
		t.Fatal(err)
	}
	return s
}

// send sends a request, compares the answer with the description, and returns it.
func (s *steered) send(method, path, body string) (int, string) {
	s.t.Helper()
	request := func() *http.Request {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		return r
	}
	route, params, err := s.router.FindRoute(request())
	if err != nil {
		s.t.Fatalf("%s %s is not described: %v", method, path, err)
	}
	s.used[route.Operation.OperationID] = true
	input := &openapi3filter.RequestValidationInput{Request: request(), PathParams: params, Route: route}
	unfit := openapi3filter.ValidateRequest(s.t.Context(), input)
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, request())
	if refused := answer.Code == http.StatusBadRequest; unfit != nil && !refused {
		s.t.Errorf("%s %s %s: the description refuses it (%v), the answer is %d", method, path, body, unfit, answer.Code)
	}
	output := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: answer.Code, Header: answer.Header(), Body: io.NopCloser(bytes.NewReader(answer.Body.Bytes())),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	if err := openapi3filter.ValidateResponse(s.t.Context(), output); err != nil {
		s.t.Errorf("%s %s: the answer %d %s is not as described: %v", method, path, answer.Code, answer.Body, err)
	}
	return answer.Code, answer.Body.String()
}

// items asks the mock for the items of the form dialect.
func (s *steered) items(token string) int {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.mock.URL+"/items", http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("X-Auth-Bearer", token)
	resp, err := s.mock.Client().Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func member(t *testing.T, body, name string) string {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(body), &members); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return fmt.Sprint(members[name])
}

// TestEverythingThatIsDescribed takes a mock through a test as a program in another
// language would, and leaves no operation of the description out.
func TestEverythingThatIsDescribed(t *testing.T) {
	t.Parallel()
	s := steer(t)
	expect := func(method, path, body string, status int, part string) string {
		t.Helper()
		got, text := s.send(method, path, body)
		if got != status || !strings.Contains(text, part) {
			t.Errorf("%s %s %s: %d %s, want %d with %s", method, path, body, got, text, status, part)
		}
		return text
	}
	expect("GET", "/health", "", 200, s.mock.URL)
	expect("GET", "/accounts", "", 200, `"root@example.com"`)
	expect("POST", "/clock", `{"stopped":true}`, 200, "2030-01-02T03:04:")
	expect("POST", "/clock", `{"set":"2031-01-01T00:00:00Z","advance":"90m"}`, 200, "2031-01-01T01:30:00Z")
	expect("GET", "/clock", "", 200, "2031-01-01T01:30:00Z")

	token := member(t, expect("POST", "/tokens", `{"dialect":"form","login":"root"}`, 200, "access"), "access")
	if got := s.items(token); got != 200 {
		t.Errorf("the issued token is answered %d", got)
	}
	id := member(t, expect("POST", "/faults", `{"effect":"outage","operation":"resource","times":1,"retry_after":"2s"}`, 200, `"count":0`), "id")
	if got := s.items(token); got != 503 {
		t.Errorf("with a fault the answer is %d", got)
	}
	expect("GET", "/faults/"+id, "", 200, `"count":1`)
	expect("GET", "/faults", "", 200, `"retry_after":"2s"`)
	expect("DELETE", "/faults/"+id, "", 204, "")
	expect("GET", "/faults/"+id, "", 404, "no such id")
	expect("POST", "/faults", `{"effect":"reset"}`, 200, "")
	expect("DELETE", "/faults", "", 204, "")

	hold := member(t, expect("POST", "/holds", `{"operation":"resource"}`, 200, `"arrived":0`), "id")
	var answered sync.WaitGroup
	answered.Go(func() { s.items(token) })
	for !strings.Contains(expect("GET", "/holds/"+hold, "", 200, ""), `"arrived":1`) {
	}
	expect("DELETE", "/holds/"+hold, "", 204, "")
	answered.Wait()
	expect("GET", "/holds/"+hold, "", 404, "")

	expect("POST", "/stubs", `{"pattern":"GET /items","status":418,"header":{"X-Own":"1"},"body":"{}"}`, 204, "")
	if got := s.items(token); got != 418 {
		t.Errorf("the own route answers %d", got)
	}
	expect("POST", "/tokens/expire", `{"token":"`+token+`"}`, 204, "")
	if got := s.items(token); got != 401 {
		t.Errorf("an expired token is answered %d", got)
	}
	expect("POST", "/tokens/revoke", `{"token":"`+token+`"}`, 204, "")
	s.items(token)
	expect("GET", "/misuses", "", 200, "retry_after_ignored")
	expect("GET", "/journal?operation=resource", "", 200, `"session":"session-1"`)
	expect("GET", "/journal?operation=login", "", 200, `[]`)
	expect("GET", "/journal.har", "", 200, `"version": "1.2"`)
	if strings.Contains(expect("GET", "/journal", "", 200, ""), token) {
		t.Error("the journal holds a token")
	}
	expect("POST", "/reset", "", 204, "")
	expect("GET", "/journal", "", 200, `[]`)
	expect("GET", "/openapi.json", "", 200, "openapi")
	for name := range operationsOf(t, s) {
		if !s.used[name] {
			t.Errorf("the operation %s was not tried", name)
		}
	}
}

func operationsOf(t *testing.T, s *steered) map[string]bool {
	t.Helper()
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/openapi.json", http.NoBody))
	document, err := openapi3.NewLoader().LoadFromData(answer.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, item := range document.Paths.Map() {
		for _, operation := range item.Operations() {
			names[operation.OperationID] = true
		}
	}
	return names
}

// TestMistakes says what is wrong with a request.
func TestMistakes(t *testing.T) {
	t.Parallel()
	s := steer(t)
	for _, test := range []struct{ path, body, want string }{
		{"/faults", `{"effect":"explode"}`, "no effect"},
		{"/faults", `{"effect":"reset","tmies":1}`, `unknown field \"tmies\"; did you mean \"times\"?`},
		{"/clock", `{"hours":1}`, `unknown field \"hours\"; the members are set, advance, stopped`},
		{"/faults", `{"effect":"reset","delay":"soon"}`, "soon"},
		{"/faults", `{"effect":"reset"} {}`, "follows"},
		{"/faults", `{`, "read the body"},
		{"/clock", `{"advance":10}`, "read the body"},
		{"/clock", `{"set":"9999-12-31T23:00:00Z","advance":"2h"}`, "the year 10000"},
		{"/clock", `{"set":"0001-01-01T00:00:00Z","advance":"-1s"}`, "the year 0"},
		{"/tokens", `{"dialect":"form","login":"nobody"}`, "no account"},
		{"/tokens/expire", `{"token":""}`, "empty"},
		{"/holds", `{"operation":"lunch"}`, "lunch"},
		{"/stubs", `{"pattern":""}`, "needs a pattern"},
		{"/stubs", `{"pattern":"GET items"}`, "GET items"},
		{"/stubs", `{"pattern":"GET /x","status":99}`, "status 99"},
	} {
		if status, body := s.send("POST", test.path, test.body); status != 400 || !strings.Contains(body, test.want) {
			t.Errorf("%s %s: %d %s, want 400 with %s", test.path, test.body, status, body, test.want)
		}
	}
	if status, body := s.send("GET", "/journal?operation=logn", ""); status != 400 || !strings.Contains(body, "logn") {
		t.Errorf("a misspelt operation: %d %s", status, body)
	}
	if status, body := s.send("GET", "/journal?op=login", ""); status != 400 || !strings.Contains(body, "takes operation and session") {
		t.Errorf("a misspelt parameter: %d %s", status, body)
	}
	for range 20 { // of several the first by name is told, each time
		if _, body := s.send("GET", "/journal?d=1&c=1&b=1&a=1", ""); !strings.Contains(body, `no parameter \"a\"`) {
			t.Errorf("several misspelt parameters: %s", body)
		}
	}
	s.send("POST", "/stubs", `{"pattern":"GET /twice"}`)
	if status, body := s.send("POST", "/stubs", `{"pattern":"GET /twice"}`); status != 400 || strings.Contains(body, ".go") {
		t.Errorf("a route twice: %d %s", status, body)
	}
}

// TestPagesOfOtherSites refuses what a browser sends for another site.
func TestPagesOfOtherSites(t *testing.T) {
	t.Parallel()
	s := steer(t)
	r := httptest.NewRequest(http.MethodPost, "/reset", http.NoBody)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	answer := httptest.NewRecorder()
	if s.handler.ServeHTTP(answer, r); answer.Code != http.StatusForbidden {
		t.Errorf("a page of another site is answered %d", answer.Code)
	}
}

// TestStubFiles reads stubs from YAML and JSON.
func TestStubFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, test := range map[string]struct{ text, want string }{
		"good.yaml":    {"- pattern: GET /orders\n  body: '[]'\n- pattern: GET /x\n  status: 404\n", ""},
		"good.json":    {`[{"pattern":"GET /orders","header":{"X":"y"}}]`, ""},
		"unknown.yaml": {"- patern: GET /orders\n", "patern"},
		"text.yaml":    {"hello", "stubs"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		stubs, err := management.ReadStubs(path)
		if (err != nil) != (test.want != "") || err != nil && !strings.Contains(err.Error(), test.want) || err == nil && stubs[0].Pattern != "GET /orders" {
			t.Errorf("%s: %+v, %v", name, stubs, err)
		}
	}
	if _, err := management.ReadStubs(filepath.Join(dir, "absent.yaml")); err == nil {
		t.Error("an absent file was read")
	}
}
