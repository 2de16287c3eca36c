package steps

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// maxAnswer bounds what is read of an answer's body.
const maxAnswer = 16 << 20

// Request is one HTTP request as the suite sends it: raw, without redirects,
// cookies, retries or headers of its own beyond those of net/http.
type Request struct {
	Method string
	Path   string // below the subject's root, with its query, escaped
	Header http.Header
	Body   string
}

// request starts a Request; header holds pairs of name and value.
func request(method, path string, header ...string) Request {
	r := Request{Method: method, Path: path, Header: http.Header{"Accept": {"application/json"}}}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// withJSON adds a JSON body and its content type.
func (r Request) withJSON(value any) Request {
	body, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("a request body that is no JSON: %v", err)) // a mistake in a step
	}
	return r.withBody("application/json", string(body))
}

// withBody adds a body and its content type.
func (r Request) withBody(contentType, body string) Request {
	r.Header = r.Header.Clone()
	r.Header.Set("Content-Type", contentType)
	r.Body = body
	return r
}

// with adds a header.
func (r Request) with(name, value string) Request {
	r.Header = r.Header.Clone()
	r.Header.Set(name, value)
	return r
}

// withQuery adds a parameter to a request's query.
func (r Request) withQuery(name, value string) Request {
	separator := "?"
	if strings.Contains(r.Path, "?") {
		separator = "&"
	}
	r.Path += separator + url.QueryEscape(name) + "=" + url.QueryEscape(value)
	return r
}

// Answer is one HTTP answer, its body read whole.
type Answer struct {
	Request Request
	Status  int
	Header  http.Header
	Body    string
	// Before and After are the subject's time around the exchange.
	Before, After time.Time
	// Took is the real time that the exchange took.
	Took time.Duration
}

// send does one exchange and makes it the last one. It is an error when no
// answer comes at all.
func (w *World) send(ctx context.Context, r Request) (*Answer, error) {
	answer, err := w.exchange(ctx, r)
	if err != nil {
		return nil, err
	}
	w.last = answer
	return answer, w.inTime(answer)
}

// exchange does one exchange without touching the World's state beside the
// evidence, so that many can run at once.
func (w *World) exchange(ctx context.Context, r Request) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, w.subject.Timeout)
	defer cancel()
	httpRequest, err := w.newHTTPRequest(ctx, r)
	if err != nil {
		return nil, err
	}
	shown := evidence.Exchange{
		Transport: "http", Method: r.Method, URL: httpRequest.URL.String(),
		RequestHeader: r.Header, RequestBody: shorten(r.Body),
	}
	w.keepRequestSecret(r)
	answer := &Answer{Request: r, Before: w.subject.Clock.Now()}
	started := time.Now()
	defer func() {
		shown.Took = time.Since(started)
		w.log.Add(shown)
	}()
	response, err := w.subject.Transport.RoundTrip(httpRequest)
	if err != nil {
		shown.Error = err.Error()
		return nil, fmt.Errorf("%s %s got no answer: %w", r.Method, r.Path, cause(ctx, err))
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	answer.Status, answer.Header, answer.Body = response.StatusCode, response.Header, string(body)
	answer.After, answer.Took = w.subject.Clock.Now(), time.Since(started)
	w.took(answer.Took)
	w.keepSecret(answer)
	shown.Status, shown.ResponseHeader, shown.ResponseBody = response.Status, response.Header, shorten(answer.Body)
	if err != nil {
		shown.Error = err.Error()
		return nil, fmt.Errorf("%s %s: the answer broke off: %w", r.Method, r.Path, cause(ctx, err))
	}
	return answer, nil
}

// newHTTPRequest makes the request for net/http. Each asks for its connection
// to be closed, because a POST on a kept connection is lost where a server
// closes it without saying so.
func (w *World) newHTTPRequest(ctx context.Context, r Request) (*http.Request, error) {
	httpRequest, err := http.NewRequestWithContext(ctx, r.Method, w.subject.HTTP+r.Path, strings.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.Method, r.Path, err)
	}
	if r.Body == "" {
		httpRequest.Body = http.NoBody
		httpRequest.ContentLength = 0
	}
	for name, values := range r.Header {
		httpRequest.Header[name] = values
	}
	httpRequest.Close = true
	return httpRequest, nil
}

// cause names the timeout where that is what ended an exchange.
func cause(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%w (timed out)", err)
	}
	return err
}

// keptBody bounds a body in the evidence.
const keptBody = 1 << 20

func shorten(body string) string { return evidence.Shorten(body, keptBody) }

// success says whether the status is 2xx.
func (a *Answer) success() bool { return a.Status >= 200 && a.Status <= 299 }

// json reads the body as one JSON value. Numbers stay json.Number.
func (a *Answer) json() (any, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(a.Body)))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("expected a JSON body, got %s: %w", a.brief(), err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("expected one JSON value, got more after it: %s", a.brief())
	}
	return value, nil
}

// member finds a member of a JSON object, by a path of names with dots. The
// bool says whether it is there.
func (a *Answer) member(path string) (any, bool, error) {
	value, err := a.json()
	if err != nil {
		return nil, false, err
	}
	for name := range strings.SplitSeq(path, ".") {
		object, ok := value.(map[string]any)
		if !ok {
			return nil, false, nil
		}
		if value, ok = object[name]; !ok {
			return nil, false, nil
		}
	}
	return value, true, nil
}

// text reads a member that has to be a non-empty string.
func (a *Answer) text(path string) (string, error) {
	value, found, err := a.member(path)
	if err != nil {
		return "", err
	}
	text, ok := value.(string)
	if !found || !ok || text == "" {
		return "", fmt.Errorf("expected a non-empty string member %q, got %s", path, a.brief())
	}
	return text, nil
}

// brief shows an answer in an error. Secrets in it are hidden by whoever
// reports the error.
func (a *Answer) brief() string {
	body := a.Body
	if len(body) > 500 {
		body = body[:500] + "…"
	}
	return fmt.Sprintf("%d %s %q", a.Status, http.StatusText(a.Status), body)
}
