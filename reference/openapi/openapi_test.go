package openapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/conformance/subject"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/openapi"
	"github.com/dragoman-auth/dragoman/sdk/wire"
)

func Example() {
	text, err := openapi.Document(wire.Session)
	if err != nil {
		fmt.Println(err)
		return
	}
	var document struct {
		OpenAPI string `json:"openapi"`
		Info    struct {
			Title string `json:"title"`
		} `json:"info"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(document.OpenAPI, document.Info.Title)
	// Output: 3.1.0 dragoman reference server: the session dialect
}

func TestUnknownDialect(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "soap", "../openapi.go"} {
		if _, err := openapi.Document(name); err == nil {
			t.Errorf("there is a description of %q", name)
		}
	}
}

// described is a description with its paths ready to be found.
type described struct {
	document *openapi3.T
	router   routers.Router
}

func load(t *testing.T, dialect string) described {
	t.Helper()
	text, err := openapi.Document(dialect)
	if err != nil {
		t.Fatal(err)
	}
	document, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatalf("%s: %v", dialect, err)
	}
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		t.Fatalf("%s: %v", dialect, err)
	}
	return described{document, router}
}

func TestDocumentsAreValid(t *testing.T) {
	t.Parallel()
	for _, dialect := range wire.Dialects() {
		if err := load(t, dialect).document.Validate(t.Context(), openapi3.IsOpenAPI31OrLater()); err != nil {
			t.Errorf("%s: %v", dialect, err)
		}
	}
}

// TestReferenceIsAsDescribed runs the whole suite against the reference and
// compares every exchange with the description of its dialect.
func TestReferenceIsAsDescribed(t *testing.T) {
	t.Parallel()
	server, err := reference.New(reference.Config{Accounts: reference.DemoAccounts(), ClockControl: true, Hasher: account.Fast{}})
	if err != nil {
		t.Fatal(err)
	}
	between := newInspector(t)
	web := httptest.NewServer(between.inspect(server.Handler()))
	t.Cleanup(web.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	calls := server.GRPC()
	served := make(chan error, 1)
	go func() { served <- calls.Serve(listener) }()
	t.Cleanup(func() {
		calls.Stop()
		<-served
	})
	manifest := subject.Reference()
	manifest.Subject.Builtin = false
	manifest.Subject.URL, manifest.Subject.GRPC = web.URL, listener.Addr().String()
	r, err := conformance.Run(t.Context(), manifest, conformance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Conclusion != report.Conformant {
		t.Errorf("the run ended %s", r.Conclusion)
	}
	between.conclude(t)
}

// inspector stands between the suite and the server.
type inspector struct {
	dialects map[string]described

	mu        sync.Mutex
	compared  map[string]int // "operation status" -> exchanges
	deviating map[string]string
}

func newInspector(t *testing.T) *inspector {
	i := &inspector{dialects: map[string]described{}, compared: map[string]int{}, deviating: map[string]string{}}
	for _, dialect := range wire.Dialects() {
		i.dialects[dialect] = load(t, dialect)
	}
	return i
}

func (i *inspector) inspect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		asked := r.Clone(context.Background())
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		i.compare(asked, body, answer)
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

// english are the names under which localised collections are described.
var english = strings.NewReplacer("/sessioni", "/sessions", "/utenti", "/users")

// compare notes what is not as described.
func (i *inspector) compare(r *http.Request, body []byte, answer *httptest.ResponseRecorder) {
	dialect := dialectOf(r.URL.Path)
	if dialect == "" || strings.Contains(r.URL.EscapedPath(), "&") {
		return // the index, the clock, and the query in the path, which no description can say
	}
	tricky := strings.ContainsAny(r.URL.EscapedPath(), `%\`) || strings.Contains(r.URL.Path, "/.") || strings.Contains(r.URL.Path, "//") // the scope tricks: no path of any dialect
	r.URL.Path, r.URL.RawPath = english.Replace(r.URL.Path), ""
	r.URL.Scheme, r.URL.Host, r.Host = "", "", ""
	operation, err := i.validate(i.dialects[dialect], r, tricky, body, answer)
	i.mu.Lock()
	defer i.mu.Unlock()
	key := fmt.Sprintf("%s %s %d", dialect, operation, answer.Code)
	i.compared[key]++
	if err != nil {
		i.deviating[key] = err.Error()
	}
}

func dialectOf(path string) string {
	for _, known := range []struct{ prefix, dialect string }{
		{"/sessions", wire.Session}, {"/sessioni", wire.Session}, {"/users", wire.Session}, {"/utenti", wire.Session}, {"/tokens", wire.Session},
		{"/login", wire.Form}, {"/items", wire.Form}, {"/grpc", wire.RPC}, {"/api/v1", wire.Scoped},
	} {
		if strings.HasPrefix(path, known.prefix) {
			return known.dialect
		}
	}
	return ""
}

func (i *inspector) validate(d described, r *http.Request, tricky bool, body []byte, answer *httptest.ResponseRecorder) (operation string, err error) {
	route, params, err := d.router.FindRoute(r)
	if err != nil || tricky {
		if answer.Code < 400 || answer.Code > 499 {
			return "none", fmt.Errorf("%s %s is not described and answers %d", r.Method, r.URL.Path, answer.Code)
		}
		return "none", nil
	}
	operation = route.Operation.OperationID
	input := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			MultiError: true, IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		},
	}
	if answer.Code < 300 { // who gets what he wanted has asked as described
		r.Body = io.NopCloser(bytes.NewReader(body))
		if operation != "login" || d.document.Paths.Find("/login") == nil {
			r.Header.Set("Content-Type", "application/json") // which the dialects do not ask for
		}
		if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
			return operation, fmt.Errorf("request: %w", err)
		}
	}
	if r.Header.Get("X-Api-Inflection") != "" {
		return operation, nil // the keys are in another case than described
	}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: answer.Code, Header: answer.Header(),
		Body: io.NopCloser(bytes.NewReader(answer.Body.Bytes())), Options: input.Options,
	})
	if err != nil {
		err = errors.Join(errors.New("response"), err)
	}
	return operation, err
}

// conclude fails for what deviates, and for a run that has shown too little.
func (i *inspector) conclude(t *testing.T) {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	for key, problem := range i.deviating {
		t.Errorf("%s is not as described: %s", key, problem)
	}
	if len(i.compared) < 40 {
		t.Errorf("only %d kinds of exchanges were seen: %v", len(i.compared), i.compared)
	}
	for _, wanted := range []string{
		"session login 200", "session refresh 200", "session listUsers 403", "session endSession 204", "form login 415",
		"form extendToken 200", "form logout 204", "rpc call 200", "rpc call 401", "scoped issueToken 200", "scoped listMethods 200",
	} {
		if i.compared[wanted] == 0 {
			t.Errorf("the run has shown no %s", wanted)
		}
	}
}
