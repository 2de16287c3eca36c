//go:build !race

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
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/dragoman-auth/dragoman/internal/reference/openapi"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// described is a description with a router for its paths.
type described struct {
	dialect  string
	document *openapi3.T
	router   routers.Router
	answers  *sync.Map // what was found about answers: a suite gets the same refusal hundreds of times
}

func load(t *testing.T, dialect string) described {
	t.Helper()
	text, err := openapi.Document(dialect, "")
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
	return described{dialect, document, router, &sync.Map{}}
}

// exchange is a request and its answer.
type exchange struct {
	request *http.Request // without its body
	asked   []byte        // the body
	answer  *httptest.ResponseRecorder
}

// filterOptions compare statuses and bodies, but not credentials.
func filterOptions() *openapi3filter.Options {
	return &openapi3filter.Options{
		MultiError: true, IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
	}
}

// judgement is the result of a comparison.
type judgement struct {
	operation string // or the name of the shared response
	refused   error  // why the description refuses the request; nil: it does not
	beyond    string // why the server may refuse what the description does not
	problem   error  // what is not as described
}

// judge compares an exchange with the description, in both directions: a request
// that succeeds is as described; one that the description refuses is answered
// 4xx; one that is answered 400 or 415 is refused by the description too, unless
// OpenAPI cannot express that (limits). Other statuses do not follow from the
// request: they depend on tokens, rights and counts.
func (d described) judge(e exchange) judgement {
	if e.request.Method == http.MethodHead { // answered as GET is, and a handler alone does not cut the body off
		e.request = e.request.Clone(context.Background())
		e.request.Method = http.MethodGet
	}
	route, params, err := d.router.FindRoute(e.request)
	if err != nil || ambiguous(e.request) {
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
		j.problem = d.judgeAnswer(j.operation, e, input)
	}
	return j
}

// refuses returns why the description refuses a request.
func (d described) refuses(e exchange, input *openapi3filter.RequestValidationInput) error {
	e.request.Body = io.NopCloser(bytes.NewReader(e.asked))
	if input.Route.Operation.RequestBody != nil && (d.dialect != wire.Form || input.Route.Operation.OperationID != "login") {
		e.request.Header.Set("Content-Type", "application/json") // the dialects do not need it, the filter does
		if !utf8.Valid(e.asked) || !json.Valid(e.asked) {        // the filter reads only the first value
			return errors.New("the body is not JSON")
		}
	}
	return openapi3filter.ValidateRequest(context.Background(), input)
}

// judgeAnswer compares an answer with what an operation, or a shared response, says of it.
func (d described) judgeAnswer(operation string, e exchange, input *openapi3filter.RequestValidationInput) error {
	if e.request.Header.Get(wire.SessionInflectionHeader) != "" {
		return nil // the keys are in another case than described
	}
	header := e.answer.Header().Clone()
	header.Del("Date") // no description has it
	key := fmt.Sprintln(operation, e.answer.Code, header, e.answer.Body)
	if known, judged := d.answers.Load(key); judged {
		return known.(answerJudgement).problem
	}
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: e.answer.Code, Header: e.answer.Header(),
		Body: io.NopCloser(bytes.NewReader(e.answer.Body.Bytes())), Options: input.Options,
	})
	if err != nil {
		err = errors.Join(errors.New("response"), err)
	}
	d.answers.Store(key, answerJudgement{err})
	return err
}

// answerJudgement is what was found about an answer; a nil problem: it is as described.
type answerJudgement struct{ problem error }

// shared are the responses to requests that no operation describes.
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
	case ambiguous(e.request):
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
	j.problem = d.judgeAnswer(name, e, &openapi3filter.RequestValidationInput{
		Request: e.request, Options: filterOptions(),
		Route: &routers.Route{Spec: d.document, Path: e.request.URL.Path, PathItem: &openapi3.PathItem{}, Method: e.request.Method, Operation: operation},
	})
	if allow := e.answer.Header().Get("Allow"); j.problem == nil && (name == "Options" || name == "MethodNotAllowed") && allow != strings.Join(methods, ", ") {
		j.problem = fmt.Errorf("%s %s says Allow: %s, the description %v", e.request.Method, e.request.URL, allow, methods)
	}
	return j
}

// methods are those that the description has for the path of a request, HEAD
// beside GET, and OPTIONS.
func (d described) methods(r *http.Request) []string {
	methods := []string{http.MethodOptions}
	for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodPatch, http.MethodPost, http.MethodPut, http.MethodTrace} {
		asked := r.Clone(context.Background())
		asked.Method = method
		if _, _, err := d.router.FindRoute(asked); err == nil {
			methods = append(methods, method)
		}
	}
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	return methods
}

// ambiguous says whether servers read a path in different ways. Such a path belongs
// to no dialect.
func ambiguous(r *http.Request) bool {
	written, _, _ := strings.Cut(r.RequestURI, "?")
	return strings.ContainsAny(written, `%\`) || strings.Contains(r.URL.Path, "/.") || strings.Contains(r.URL.Path, "//")
}
