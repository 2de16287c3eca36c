package exchange

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// identity asks for bodies as they are. A proxy may compress them anyway
// (RFC 9110 12.5.3), so that readBody undoes what every HTTP client knows.
const identity = "identity"

// readBody reads an answer's body whole, up to a bound, its content codings
// undone. The error says that it broke off or cannot be read.
func readBody(response *http.Response) ([]byte, error) {
	var body io.Reader = response.Body
	codings := strings.Split(strings.Join(response.Header.Values("Content-Encoding"), ","), ",")
	for i := range codings { // the last was applied last
		coding := strings.ToLower(strings.TrimSpace(codings[len(codings)-1-i]))
		decoded, err := decode(coding, body)
		if err == io.EOF { //nolint:errorlint // as bufio has it
			return nil, nil // nothing was coded, as in answers to HEAD and in 204
		}
		if err != nil {
			return nil, fmt.Errorf("read a body coded as %q: %w", coding, err)
		}
		body = decoded
	}
	read, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
	if len(read) > maxAnswer {
		return read[:keptBody], fmt.Errorf("the body is longer than %d bytes, which is all that the judge reads", maxAnswer)
	}
	return read, err
}

func decode(coding string, body io.Reader) (io.Reader, error) {
	switch coding {
	case "", identity:
		return body, nil
	case "gzip", "x-gzip":
		return gzip.NewReader(body)
	case "deflate": // zlib, and from some servers bare
		buffered := bufio.NewReader(body)
		head, err := buffered.Peek(2)
		if err != nil {
			return nil, err
		}
		if head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
			return zlib.NewReader(buffered)
		}
		return flate.NewReader(buffered), nil
	}
	return nil, fmt.Errorf("the judge asked for identity, and reads gzip and deflate at most")
}
