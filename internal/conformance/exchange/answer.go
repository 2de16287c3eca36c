package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// Answer is one answer, its body read whole. One over gRPC reads like one over
// HTTP: the body is the message in its JSON form, the header the metadata, and
// the status the one that HTTP has for the same outcome. It is not safe for
// concurrent use.
type Answer struct {
	Request Request
	Status  int
	Header  http.Header
	Body    string
	// Before and After are the subject's time around the exchange.
	Before, After time.Time
	// Undated says that the answer's Date is not of the clock that the judge
	// moves.
	Undated bool
	// Took is the real time that the exchange took.
	Took time.Duration

	again func(context.Context, *Client) (*Answer, error) // without its credentials; nil: cannot be
	read  reading
}

// reading is what a body is as JSON. A step reads many members of one answer.
type reading struct {
	done  bool
	body  string // that was read
	value any
	err   error
}

// Accepted says whether the status is 2xx, and over gRPC whether it is OK.
func (a *Answer) Accepted() bool { return a.Status >= 200 && a.Status <= 299 }

// JSON reads the body as one JSON value, which must not be changed. Numbers stay
// json.Number.
func (a *Answer) JSON() (any, error) {
	if !a.read.done || a.read.body != a.Body {
		value, err := a.parse()
		a.read = reading{done: true, body: a.Body, value: value, err: err}
	}
	return a.read.value, a.read.err
}

func (a *Answer) parse() (any, error) {
	decoder := json.NewDecoder(strings.NewReader(a.Body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("expected a JSON body, got %s: %w", a.Brief(), err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("expected one JSON value, got more after it: %s", a.Brief())
	}
	return value, nil
}

// Member finds a member of a JSON object, by a path of names with dots. The
// bool says whether it is there; the error says that the body is no JSON.
func (a *Answer) Member(path string) (any, bool, error) {
	value, err := a.JSON()
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

// Text reads a member that has to be a non-empty string.
func (a *Answer) Text(path string) (string, error) {
	value, found, err := a.Member(path)
	if err != nil {
		return "", err
	}
	text, ok := value.(string)
	if !found || !ok || text == "" {
		return "", fmt.Errorf("expected a non-empty string member %q, got %s", path, a.Brief())
	}
	return text, nil
}

// Texts reads a member that has to be a list of strings; it may be empty.
func (a *Answer) Texts(path string) ([]string, error) {
	value, found, err := a.Member(path)
	if err != nil {
		return nil, err
	}
	texts, ok := TextsIn(value)
	if !found || !ok {
		return nil, fmt.Errorf("expected a list of strings in member %q, got %s", path, a.Brief())
	}
	return texts, nil
}

// WholeNumber reads a member that has to be a JSON number without a fraction.
// 600.0 and 6e2 are whole: JSON has one kind of number.
func (a *Answer) WholeNumber(path string) (int64, error) {
	value, found, err := a.Member(path)
	if err != nil {
		return 0, err
	}
	number, ok := value.(json.Number)
	if found && ok {
		if n, err := number.Int64(); err == nil {
			return n, nil
		}
		// Above 2^53 a float64 no longer holds every whole number.
		if f, err := number.Float64(); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return int64(f), nil
		}
	}
	return 0, fmt.Errorf("expected a whole number in member %q, got %s", path, a.Brief())
}

// HeadersAndCookies yields the name and value of each header field, and of each
// cookie instead of the field that sets it, in the order of the fields' names.
func (a *Answer) HeadersAndCookies() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for field, values := range ByName(a.Header) {
			for _, value := range values {
				name := field
				if field == "Set-Cookie" {
					name, value, _ = strings.Cut(value, "=")
					value, _, _ = strings.Cut(value, ";")
				}
				if !yield(name, value) {
					return
				}
			}
		}
	}
}

// Brief shows an answer in an error, its body as evidence.Quote marks it.
func (a *Answer) Brief() string {
	body := a.Body
	if len(body) > 500 {
		body = body[:500] + "…"
	}
	return fmt.Sprintf("%d %s %s", a.Status, http.StatusText(a.Status), evidence.Quote(body))
}

// codeName is what an error_code should be.
var codeName = regexp.MustCompile(`^[A-Z0-9_]+$`)

// Outcome is an answer's status in words, and the error_code of the rpc dialect
// where there is one.
func (a *Answer) Outcome() string {
	outcome := fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status))
	if name := a.Header.Get(StatusHeader); name != "" {
		outcome = name
	}
	if code, given := a.ErrorCode(); given && !IsOK(code) {
		if !codeName.MatchString(code) {
			code = evidence.Quote(code)
		}
		outcome += " with error_code " + code
	}
	return outcome
}

// ErrorCode is the error_code that answers of the rpc dialect have beside their
// status, and whether there is one.
func (a *Answer) ErrorCode() (string, bool) {
	value, found, err := a.Member("error_code")
	if err != nil || !found || value == nil {
		return "", false
	}
	return fmt.Sprint(value), true
}

// IsOK says whether an error_code is that of a success. It takes the number of
// OK as well, for RPC-01 alone wants its name.
func IsOK(code string) bool {
	return code == "OK" || code == "AUTHENTICATE_CODE_OK" || code == "AUTHENTICATE_SFC_OK" || code == "0"
}
