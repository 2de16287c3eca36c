package openapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/dragoman-auth/dragoman/internal/reference/openapi"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// described is a description with its paths ready to be found.
type described struct {
	dialect  string
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
	return described{dialect, document, router}
}

// exchange is a request and its answer.
type exchange struct {
	request *http.Request // its body is read: it is asked
	asked   []byte
	answer  *httptest.ResponseRecorder
}

// filterOptions compare statuses and bodies, and leave credentials to the server.
func filterOptions() *openapi3filter.Options {
	return &openapi3filter.Options{
		MultiError: true, IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
	}
}

// judgement is what an exchange has shown.
type judgement struct {
	operation string // or the name of the shared response
	refused   error  // why the description refuses the request; nil: it does not
	beyond    string // why the server may refuse what the description does not
	problem   error  // what is not as described
}

// judge compares an exchange with the description. Between the request and the
// status it asks both ways: what succeeds was asked as described, what the
// description refuses is answered 4xx, and what is answered 400 or 415 the
// description refuses too, unless it cannot say so (limits). Of the other
// statuses no request tells: they depend on tokens, rights and counts.
func (d described) judge(e exchange) judgement {
	route, params, err := d.router.FindRoute(e.request)
	if err != nil || tricky(e.request) {
		return d.judgeShared(e, err)
	}
	j := judgement{operation: route.Operation.OperationID}
	input := &openapi3filter.RequestValidationInput{Request: e.request, PathParams: params, Route: route, Options: filterOptions()}
	j.refused = d.refuses(e, input)
	bad := e.answer.Code == http.StatusBadRequest || e.answer.Code == http.StatusUnsupportedMediaType
	if bad && j.refused == nil {
		j.beyond = beyondSchema(d.dialect, e)
	}
	switch {
	case j.refused != nil && (e.answer.Code < 400 || e.answer.Code > 499):
		j.problem = fmt.Errorf("answers %d to what the description refuses: %w\n%s", e.answer.Code, j.refused, e.asked)
	case bad && j.refused == nil && j.beyond == "":
		j.problem = fmt.Errorf("answers %d to what the description accepts: %s %s %.300q", e.answer.Code, e.request.Method, e.request.URL, e.asked)
	default:
		j.problem = d.judgeAnswer(e, input)
	}
	return j
}

// refuses says why the description refuses a request.
func (d described) refuses(e exchange, input *openapi3filter.RequestValidationInput) error {
	e.request.Body = io.NopCloser(bytes.NewReader(e.asked))
	if input.Route.Operation.RequestBody != nil && (d.dialect != wire.Form || input.Route.Operation.OperationID != "login") {
		e.request.Header.Set("Content-Type", "application/json") // which the dialects do not ask for
		if !utf8.Valid(e.asked) || !json.Valid(e.asked) {        // the filter reads the first value and no further
			return errors.New("the body is not JSON")
		}
	}
	return openapi3filter.ValidateRequest(context.Background(), input)
}

func (d described) judgeAnswer(e exchange, input *openapi3filter.RequestValidationInput) error {
	if e.request.Header.Get(wire.SessionInflectionHeader) != "" {
		return nil // the keys are in another case than described
	}
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: e.answer.Code, Header: e.answer.Header(),
		Body: io.NopCloser(bytes.NewReader(e.answer.Body.Bytes())), Options: input.Options,
	})
	if err != nil {
		return errors.Join(errors.New("response"), err)
	}
	return nil
}

// shared are the answers to requests that no operation describes.
var shared = map[string]int{
	"MethodNotAllowed": http.StatusMethodNotAllowed, "Options": http.StatusOK, "UnknownPath": http.StatusNotFound,
	"HeaderTooLarge": http.StatusRequestHeaderFieldsTooLarge,
}

// judgeShared compares the answer to a request that no operation describes with
// the shared responses. Allow names exactly the described methods, and OPTIONS.
func (d described) judgeShared(e exchange, notFound error) judgement {
	name := "UnknownPath"
	methods := d.methods(e.request)
	switch {
	case e.answer.Code == http.StatusRequestHeaderFieldsTooLarge:
		name = "HeaderTooLarge"
	case tricky(e.request):
	case errors.Is(notFound, routers.ErrMethodNotAllowed) && e.request.Method == http.MethodOptions:
		name = "Options"
	case errors.Is(notFound, routers.ErrMethodNotAllowed):
		name = "MethodNotAllowed"
	}
	j := judgement{operation: name}
	response := d.document.Components.Responses[name]
	if response == nil {
		j.problem = fmt.Errorf("%s %s answers %d, and there is no shared response %s", e.request.Method, e.request.URL, e.answer.Code, name)
		return j
	}
	operation := &openapi3.Operation{Responses: openapi3.NewResponses(openapi3.WithStatus(shared[name], response))}
	j.problem = d.judgeAnswer(e, &openapi3filter.RequestValidationInput{
		Request: e.request, Options: filterOptions(),
		Route: &routers.Route{Spec: d.document, Path: e.request.URL.Path, PathItem: &openapi3.PathItem{}, Method: e.request.Method, Operation: operation},
	})
	if allow := e.answer.Header().Get("Allow"); j.problem == nil && (name == "Options" || name == "MethodNotAllowed") && allow != strings.Join(methods, ", ") {
		j.problem = fmt.Errorf("%s %s says Allow: %s, described are %v", e.request.Method, e.request.URL, allow, methods)
	}
	return j
}

// methods are those that are described for the path of a request, and OPTIONS.
func (d described) methods(r *http.Request) []string {
	methods := []string{http.MethodOptions}
	for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodPatch, http.MethodPost, http.MethodPut, http.MethodHead, http.MethodTrace} {
		asked := r.Clone(context.Background())
		asked.Method = method
		if _, _, err := d.router.FindRoute(asked); err == nil {
			methods = append(methods, method)
		}
	}
	slices.Sort(methods)
	return methods
}

// tricky says whether a path is written so that servers differ about what it
// means: it is no path of any dialect.
func tricky(r *http.Request) bool {
	written, _, _ := strings.Cut(r.RequestURI, "?")
	return strings.ContainsAny(written, `%\`) || strings.Contains(r.URL.Path, "/.") || strings.Contains(r.URL.Path, "//")
}
