package httpio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MaxBody is the length of the longest request body that is accepted, in bytes.
const MaxBody = 1 << 20

// maxDrain is how many more bytes of a body that is too long are read and
// discarded, so that a client that sends the whole body first sees the answer.
const maxDrain = 16 << 20

// BadRequestError says what is wrong with a request, in a text for the client.
type BadRequestError struct {
	// Status is 400, 413 or 415.
	Status int
	Reason string
}

func (e *BadRequestError) Error() string { return e.Reason }

// BadRequest returns a [*BadRequestError] with status 400.
func BadRequest(reason string) error {
	return &BadRequestError{Status: http.StatusBadRequest, Reason: reason}
}

// Body reads the request's body. One over [MaxBody] is a [*BadRequestError] with
// status 413, one with a content coding is one with 415 (RFC 9110 section 8.4).
func Body(r *http.Request) ([]byte, error) {
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return nil, &BadRequestError{Status: http.StatusUnsupportedMediaType, Reason: "the body has a content coding; send it without"}
	}
	body, err := readBody(r)
	if err != nil {
		return nil, BadRequest("the body could not be read")
	}
	if len(body) > MaxBody {
		if r.Header.Get("Expect") == "" {
			_, _ = io.CopyN(io.Discard, r.Body, maxDrain)
		}
		return nil, &BadRequestError{
			Status: http.StatusRequestEntityTooLarge,
			Reason: fmt.Sprintf("the body is longer than %d bytes", MaxBody),
		}
	}
	return body, nil
}

// readBody reads at most one byte more than MaxBody.
func readBody(r *http.Request) ([]byte, error) {
	if 0 < r.ContentLength && r.ContentLength < 1<<16 { // memory for a longer body is allocated as it arrives
		body := make([]byte, r.ContentLength)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	return io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
}

// JSON reads the request's body as one JSON object into value, whatever its
// Content-Type says (SES-03). Members that value does not know are ignored.
// Errors are [*BadRequestError] and never repeat the body.
func JSON(r *http.Request, value any) error {
	body, err := Body(r)
	if err != nil {
		return err
	}
	return Unmarshal(body, value)
}

// Unmarshal is [JSON] for a body that has been read already. Names of members are
// compared exactly, and a repeated one is an error (RFC 8259 section 4), so that no
// two readers see another value.
func Unmarshal(body []byte, value any) error {
	if !utf8.Valid(body) || !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return BadRequest("the body is not a JSON object")
	}
	err := json.Unmarshal(body, value)
	var wrongType *json.SemanticError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jsontext.ErrDuplicateName):
		return BadRequest("a member of the body is repeated")
	case errors.As(err, &wrongType) && wrongType.JSONPointer != "":
		return BadRequest(fmt.Sprintf("the member %q has the wrong type", strings.ReplaceAll(string(wrongType.JSONPointer[1:]), "/", ".")))
	default:
		return BadRequest("the body is not valid JSON of the documented shape")
	}
}

// Address returns the client's IP address without port.
func Address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
