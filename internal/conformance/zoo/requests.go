package zoo

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
)

// requests changes some requests before they are answered.
func (s *Server) requests(which match, change func(*http.Request)) {
	s.wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if which(r) {
				r = r.Clone(r.Context())
				change(r)
			}
			inner.ServeHTTP(w, r)
		})
	})
}

// oneAtATime lets each of some requests wait for the one before it.
func (s *Server) oneAtATime(which match) {
	var turn sync.Mutex
	s.wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if which(r) {
				turn.Lock()
				defer turn.Unlock()
			}
			inner.ServeHTTP(w, r)
		})
	})
}

// maxPeek is more than the reference reads of a body, so that it still sees
// when one is too long.
const maxPeek = 1<<20 + 64<<10

// body reads a request's body and puts it back.
func body(r *http.Request) []byte {
	read, _ := io.ReadAll(io.LimitReader(r.Body, maxPeek)) // what is missing, the reference finds out
	rest := r.Body
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(read), rest), rest}
	return read
}

// sent are the members of the JSON object that a request sends; nil for one
// that the reference will not read, because it is too long.
func sent(r *http.Request) map[string]any {
	if isLong(r) {
		return nil
	}
	return object(body(r))
}

// sentText is a member of it that is a string, or "".
func sentText(r *http.Request, name string) string {
	text, _ := sent(r)[name].(string)
	return text
}

// setBody replaces a request's body.
func setBody(r *http.Request, body []byte) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
}

// bearer is the token in the Authorization header, or "".
func bearer(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}

func setBearer(r *http.Request, token string) { r.Header.Set("Authorization", "Bearer "+token) }
