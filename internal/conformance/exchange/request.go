package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Request is one HTTP request as the suite sends it: raw, without redirects,
// cookies, retries or headers of its own beyond those of net/http.
type Request struct {
	Method string
	Path   string // below the subject's root, with its query, escaped
	Header http.Header
	Body   string
}

// String is the request in a word or two, without what its query holds.
func (r Request) String() string {
	path, _, query := strings.Cut(r.Path, "?")
	if query {
		path += "?…"
	}
	return r.Method + " " + path
}

// NewRequest starts a Request; header holds pairs of name and value.
func NewRequest(method, path string, header ...string) Request {
	r := Request{Method: method, Path: path, Header: http.Header{"Accept": {"application/json"}}}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// WithJSON is the request with a JSON body and its content type.
func (r Request) WithJSON(value any) Request {
	body, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("a request body that is no JSON: %v", err)) // a mistake in a step
	}
	return r.WithBody("application/json", string(body))
}

// WithBody is the request with a body and its content type.
func (r Request) WithBody(contentType, body string) Request {
	r = r.With("Content-Type", contentType)
	r.Body = body
	return r
}

// With is the request with one more header.
func (r Request) With(name, value string) Request {
	r.Header = r.Header.Clone()
	r.Header.Set(name, value)
	return r
}

// WithQuery is the request with one more parameter in its query.
func (r Request) WithQuery(name, value string) Request {
	separator := "?"
	if strings.Contains(r.Path, "?") {
		separator = "&"
	}
	r.Path += separator + url.QueryEscape(name) + "=" + url.QueryEscape(value)
	return r
}

// WithMethod is the request with another method. DELETE and GET go without the
// body, which many servers do not expect there.
func (r Request) WithMethod(method string) Request {
	r.Method = method
	if method == http.MethodDelete || method == http.MethodGet {
		r.Header = r.Header.Clone()
		r.Header.Del("Content-Type")
		r.Body = ""
	}
	return r
}

// Padded is the request with a body of more than size bytes: the same JSON
// object or form with one more, meaningless member. Without a limit it would be
// accepted. The error says that there is no body to pad.
func (r Request) Padded(size int) (Request, error) {
	before, after := "filler=", "&"+r.Body
	switch {
	case r.Body == "":
		return r, errors.New("the request has no body to pad")
	case strings.HasPrefix(r.Body, "{"):
		before, after = `{"filler":"`, `",`+r.Body[1:]
	}
	var body strings.Builder // some megabytes: they are written once
	body.Grow(len(before) + size + len(after))
	body.WriteString(before)
	for some := strings.Repeat("a", min(size, 1<<12)); size > 0; size -= len(some) {
		body.WriteString(some[:min(size, len(some))])
	}
	body.WriteString(after)
	r.Body = body.String()
	return r, nil
}
