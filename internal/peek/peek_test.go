package peek_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dragoman-auth/dragoman/internal/peek"
)

// body is a body that records whether it was closed, and cannot be read after that.
type body struct {
	io.Reader
	closed bool
}

func (b *body) Read(p []byte) (int, error) {
	if b.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	return b.Reader.Read(p)
}

func (b *body) Close() error {
	b.closed = true
	return nil
}

func TestBody(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	for _, c := range []struct {
		text  string
		err   error
		limit int64
		head  string
	}{
		{"", nil, 5, ""}, {"12345", nil, 5, "12345"}, {"1234567", nil, 5, "12345"}, {"123", broken, 5, "123"}, {"12345", broken, 5, "12345"},
	} {
		source := io.Reader(strings.NewReader(c.text))
		if c.err != nil {
			source = io.MultiReader(source, iotest.ErrReader(c.err))
		}
		given := &body{Reader: source}
		head, whole, err := peek.Body(given, c.limit)
		if wantErr := int64(len(c.text)) < c.limit && c.err != nil; string(head) != c.head || errors.Is(err, broken) != wantErr {
			t.Errorf("of %q it reads %q (%v), want %q", c.text, head, err, c.head)
		}
		if all, err := io.ReadAll(whole); string(all) != c.text || !errors.Is(err, c.err) {
			t.Errorf("afterwards %q reads as %q (%v), want the error %v", c.text, all, err, c.err)
		}
		if err := whole.Close(); err != nil || !given.closed {
			t.Errorf("a close does not reach the body (%v)", err)
		}
	}
}

// TestBodyThatIsOver reads a body only after a close, as a client does that frees the
// connection first.
func TestBodyThatIsOver(t *testing.T) {
	t.Parallel()
	given := &body{Reader: strings.NewReader("1234")}
	_, whole, err := peek.Body(given, 5)
	if err = errors.Join(err, whole.Close()); err != nil {
		t.Fatal(err)
	}
	if all, err := io.ReadAll(whole); string(all) != "1234" || err != nil {
		t.Errorf("after a close it reads %q (%v)", all, err)
	}
}
