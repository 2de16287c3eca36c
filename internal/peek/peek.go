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
// after the bytes that were read. A body that has ended or failed is not read again,
// so that what was read of it can also be read after a close.
func Body(body io.ReadCloser, limit int64) (head []byte, whole io.ReadCloser, err error) {
	head, err = io.ReadAll(io.LimitReader(body, limit))
	rest := io.Reader(body)
	if err != nil {
		rest = over{err}
	} else if int64(len(head)) < limit {
		rest = over{io.EOF}
	}
	return head, struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), rest), body}, err
}

// over is a body that has ended or failed, and does so again.
type over struct{ err error }

func (o over) Read([]byte) (int, error) { return 0, o.err }
