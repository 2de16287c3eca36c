// Package peek reads the beginning of a body, so that it can be read again from the
// start.
package peek

import (
	"bytes"
	"io"
)

// Body reads up to limit bytes of a body. It returns them together with a body that
// begins with the same bytes and takes the place of the given one; closing it
// closes that. An error of reading is returned, and the new body returns it again
// after the bytes that were read.
func Body(body io.ReadCloser, limit int64) (head []byte, whole io.ReadCloser, err error) {
	head, err = io.ReadAll(io.LimitReader(body, limit))
	rest := io.Reader(body)
	if err != nil {
		rest = failing{err}
	}
	return head, struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), rest), body}, err
}

// failing returns the error of a body again.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
