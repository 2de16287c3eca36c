package sdk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/peek"
)

// Reply is the answer to a [Call], read to its end. It prints as its status.
type Reply struct {
	// Status is the HTTP status.
	Status int
	// Header holds the headers of the answer.
	Header http.Header
	// Sent and Received are when the request was sent and the answer had
	// arrived, by the client's clock.
	Sent, Received time.Time

	body          func() []byte // a function, as in Secret
	op, dialect   string
	endpoint      string
	retryAfter    time.Duration
	target        string // where a redirect leads, "" if that is not to be shown
	plain         bool   // it came over plain HTTP
	dialectsError func([]byte) string
	quotesSecret  func(string) bool // of the call
}

// Body returns the body, which may hold secrets. It must not be modified.
func (r *Reply) Body() []byte {
	if r.body == nil {
		return nil
	}
	return r.body()
}

// String implements [fmt.Stringer].
func (r *Reply) String() string { return strconv.Itoa(r.Status) + " " + http.StatusText(r.Status) }

// Format implements [fmt.Formatter]; every verb prints as String does.
func (r *Reply) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, r.String()) }

// JSON reads the body into v, ignoring members that v does not have, and a byte
// order mark in front (RFC 8259 section 8.1). Its error is an [*Error] that wraps
// [ErrProtocol], says what the body is instead, and shows nothing of it.
func (r *Reply) JSON(v any) error {
	body := bytes.TrimPrefix(r.Body(), []byte("\ufeff"))
	err := json.Unmarshal(body, v)
	if err == nil {
		return nil
	}
	return r.Protocol(r.noJSON(body, err))
}

// noJSON says why a body could not be read as JSON of the expected shape.
func (r *Reply) noJSON(body []byte, err error) string {
	var wrongType *json.UnmarshalTypeError
	text := bytes.TrimSpace(body)
	switch {
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return fmt.Sprintf("the member %q has an unexpected type", wrongType.Field)
	case json.Valid(body):
		return "the body is JSON, but not of the expected shape"
	case len(text) == 0:
		return "the body is empty"
	case r.Header.Get("Content-Encoding") != "":
		return "the body has a Content-Encoding that was not asked for"
	case text[0] == '<':
		return "the body is no JSON, but HTML or XML"
	default:
		return "the body is no JSON"
	}
}

// Protocol returns an [*Error] that wraps [ErrProtocol]. The text says what is
// wrong with the answer; it must quote nothing of it.
func (r *Reply) Protocol(text string) error {
	return &Error{
		Op: r.op, Dialect: r.dialect, Endpoint: r.endpoint, Status: r.Status, OutcomeUnknown: r.Status < 300,
		Err: fmt.Errorf("%w: %s", ErrProtocol, text),
	}
}

// Refused returns an [*Error] for an answer that is a refusal by its body, not
// by its status. It wraps [ErrRefused].
func (r *Reply) Refused(code string) error {
	return &Error{
		Op: r.op, Dialect: r.dialect, Endpoint: r.endpoint, Status: r.Status, Code: r.shownCode(code),
		RetryAfter: r.retryAfter, Err: ErrRefused,
	}
}

// Unavailable is [Reply.Refused] for a refusal that is temporary. Its error wraps
// [ErrUnavailable].
func (r *Reply) Unavailable(code string) error {
	return &Error{
		Op: r.op, Dialect: r.dialect, Endpoint: r.endpoint, Status: r.Status, Code: r.shownCode(code),
		Temporary: true, RetryAfter: r.retryAfter, Err: ErrUnavailable,
	}
}

// err is the *Error of an answer whose status is no success, else nil.
func (r *Reply) err() error {
	if r.Status >= 200 && r.Status < 300 {
		return nil
	}
	temporary, cause := statusError(r.Status)
	switch {
	case r.target != "":
		cause = fmt.Errorf("%w to %s", cause, r.target)
	case r.Status == http.StatusBadRequest && r.plain && wantsTLS(r.Body()):
		cause = fmt.Errorf("%w: the server takes https only", ErrProtocol)
	}
	e := &Error{Op: r.op, Dialect: r.dialect, Endpoint: r.endpoint, Status: r.Status, Temporary: temporary, RetryAfter: r.retryAfter, Err: cause}
	if r.dialectsError != nil {
		e.Code = r.shownCode(r.dialectsError(r.Body()))
	}
	// A server or proxy that fails half-way may have done its work; one that
	// asks to be left alone has not.
	e.OutcomeUnknown = temporary && (r.Status >= 500 && r.Status != http.StatusServiceUnavailable || r.Status == http.StatusRequestTimeout)
	return e
}

// wantsTLS says whether a body of 400 is the complaint of a server whose port
// speaks TLS: net/http, nginx, Apache, Tomcat. It has not looked at credentials.
func wantsTLS(body []byte) bool {
	for _, words := range []string{"to an HTTPS server", "to HTTPS port", "to an SSL-enabled server port", "requires TLS"} {
		if bytes.Contains(body, []byte(words)) {
			return true
		}
	}
	return false
}

// targetOf says where a redirect leads: the origin, because a path or a query may
// hold a secret.
func (r *Reply) targetOf(request *http.Request) string {
	location := r.Header.Get("Location")
	if r.Status < 300 || r.Status > 399 || location == "" {
		return ""
	}
	u, err := request.URL.Parse(location)
	if err != nil {
		return ""
	}
	to := originOf(u)
	switch shown := to.String(); {
	case to == originOf(request.URL):
		return "another path"
	case u.Scheme != "http" && u.Scheme != "https" || strings.Trim(to.host, "abcdefghijklmnopqrstuvwxyz0123456789-._:") != "" ||
		r.quotesSecret(u.Host) || r.quotesSecret(shown): // a host is shown in lower case
		return ""
	default:
		return shown
	}
}

// shownCode is the code if it is nothing but a code.
func (r *Reply) shownCode(code string) string {
	if code = cleanCode(code); code == "" || r.quotesSecret != nil && r.quotesSecret(code) {
		return ""
	}
	return code
}

// ExpiresIn is the end of a life that the answer gave as a span. It counts
// from the request, so that a slow answer cannot make a token look younger.
func (r *Reply) ExpiresIn(life time.Duration) time.Time { return r.Sent.Add(life) }

// ExpiresAt turns a time of the server's clock into one of the client's. The
// server's clock is read from the Date header; where its whole seconds and the
// time on the way leave room for doubt, the clocks are taken to agree, and else
// the earlier end counts.
func (r *Reply) ExpiresAt(end time.Time) time.Time {
	date, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		return end
	}
	// At some moment between Sent and Received the server's clock stood
	// somewhere between date and date + 1 s.
	least, most := date.Sub(r.Received), date.Add(time.Second).Sub(r.Sent)
	if least <= 0 && most >= 0 {
		return end
	}
	return end.Add(-most)
}

// maxBody is the most that is read of an answer to a Call.
const maxBody = 1 << 20

// readBody reads a response to its end.
func readBody(response *http.Response, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", bareError(err))
	case int64(len(body)) > limit:
		return nil, fmt.Errorf("%w: its body is over %d bytes", ErrProtocol, limit)
	}
	return body, nil
}

// maxRetryAfter bounds what a server may ask for.
const maxRetryAfter = time.Hour

// retryAfter reads the Retry-After header (RFC 9110 section 10.2.3), seconds
// or a date, on 429 and 503. It returns 0 for anything else, and an hour at
// most.
func retryAfter(response *http.Response, now time.Time) time.Duration {
	if response.StatusCode != http.StatusTooManyRequests && response.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	text := strings.TrimSpace(response.Header.Get("Retry-After"))
	wait := time.Duration(0)
	if text != "" && strings.Trim(text, "0123456789") == "" {
		seconds, _ := strconv.ParseInt(text, 10, 64) // out of range it is the largest
		wait = time.Duration(min(seconds, int64(maxRetryAfter/time.Second))) * time.Second
	} else if date, err := http.ParseTime(text); err == nil {
		// A date is of the server's clock; so is Date, which cancels the
		// difference between the clocks.
		if serverNow, err := http.ParseTime(response.Header.Get("Date")); err == nil {
			now = serverNow
		}
		wait = date.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}

// PeekBody reads up to limit bytes of a response body and puts them back, so
// that whoever comes next reads the same body. It is for implementations of
// [Dialect.Rejected].
func PeekBody(response *http.Response, limit int64) ([]byte, error) {
	if response.Body == nil {
		return nil, nil
	}
	start, whole, err := peek.Body(response.Body, limit)
	response.Body = whole
	return start, err
}
