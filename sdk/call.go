package sdk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/sdk/headerfield"
)

// Call is one request to the back office: a token endpoint, or a verb of a
// dialect. It prints as method and path.
type Call struct {
	// Op is what the call is for; it becomes [Error.Op].
	Op string
	// Method is the HTTP method, GET if empty.
	Method string
	// Path is appended to the path of the client's base URL. It starts with
	// "/" and is escaped already.
	Path string
	// Query follows the path.
	Query url.Values
	// Header holds extra headers. Names that differ in letter case alone are one field
	// (RFC 9110 section 5.1), which has the values of all, in the order of the names.
	Header http.Header
	// JSON becomes the body, unless nil. Form becomes an HTML form; a call
	// has one of the two at most.
	JSON any
	Form url.Values
	// Repeatable says that the server may be asked twice: a login, but not a
	// rotation. A call that fails on a connection that had been idle, before any
	// byte of an answer, is then sent again on another one. PUT and DELETE are
	// repeatable anyway (RFC 9110 section 9.2.2).
	Repeatable bool
	// Token authorises the call; the zero Token does not. [Client.Do] ignores
	// it and uses the client's own.
	Token Token
}

// String implements [fmt.Stringer].
func (c Call) String() string { return c.method() + " " + c.Path }

// Format implements [fmt.Formatter]; every verb prints as String does.
func (c Call) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, c.String()) }

func (c Call) method() string {
	if c.Method == "" {
		return http.MethodGet
	}
	return c.Method
}

// request builds the HTTP request of the call below base.
func (c Call) request(ctx context.Context, base *url.URL) (*http.Request, error) {
	address := strings.TrimSuffix(base.String(), "/") + c.Path
	if len(c.Query) > 0 {
		address += "?" + c.Query.Encode()
	}
	var body io.Reader
	var contentType string
	switch {
	case c.JSON != nil && c.Form != nil:
		return nil, fmt.Errorf("a call has a JSON body or a form, not both: %w", ErrConfig)
	case c.JSON != nil:
		text, err := json.Marshal(c.JSON)
		if err != nil {
			return nil, fmt.Errorf("encode the body: %w", ErrConfig)
		}
		body, contentType = bytes.NewReader(text), "application/json"
	case c.Form != nil:
		body, contentType = strings.NewReader(c.Form.Encode()), "application/x-www-form-urlencoded"
	}
	request, err := http.NewRequestWithContext(ctx, c.method(), address, body)
	if err != nil {
		return nil, fmt.Errorf("no request can be made of this method and path: %w", ErrConfig)
	}
	if !headerfield.AreFields(c.Header) {
		return nil, fmt.Errorf("a header of the call holds what no header can carry: %w", ErrConfig)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Header)) {
		field := http.CanonicalHeaderKey(name)
		request.Header[field] = append(request.Header[field], c.Header[name]...)
	}
	if c.Repeatable || request.Method == http.MethodPut || request.Method == http.MethodDelete {
		// The word of net/http for it: without a value it is not sent.
		request.Header["Idempotency-Key"] = []string{}
	}
	if request.Header.Get("Accept") == "" {
		request.Header.Set("Accept", "application/json")
	}
	if contentType != "" && request.Header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", contentType)
	}
	return request, nil
}
