package mutation

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/peek"
)

// OnRequest changes some requests before they are answered.
func (s *Server) OnRequest(which Match, change func(*http.Request)) {
	s.Wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if which(r) {
				r = r.Clone(r.Context())
				change(r)
			}
			inner.ServeHTTP(w, r)
		})
	})
}

// OneAtATime lets each of some requests wait for the one before it.
func (s *Server) OneAtATime(which Match) {
	var turn sync.Mutex
	s.Wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if which(r) {
				turn.Lock()
				defer turn.Unlock()
			}
			inner.ServeHTTP(w, r)
		})
	})
}

// Stay keeps a request inside for a while, so that others that were sent at the
// same time may meet it. It counts turns, not time alone: on a busy machine the
// others need longer to get there, and so does each turn.
func (s *Server) Stay(r *http.Request) {
	turn := time.NewTicker(time.Millisecond)
	defer turn.Stop()
	for range s.Turns {
		select {
		case <-turn.C:
		case <-r.Context().Done():
			return
		}
	}
}

// RenamePaths routes requests for one path to another.
func (s *Server) RenamePaths(to map[string]string) {
	s.OnRequest(All, func(r *http.Request) {
		if path, known := to[r.URL.Path]; known {
			SetPath(r, path)
		}
	})
}

// SetPath routes a request to another path. Its query stays.
func SetPath(r *http.Request, path string) {
	at := *r.URL
	at.Path, at.RawPath = path, ""
	r.URL = &at
}

// maxPeek is more than the reference reads of a body, so that it still sees
// when one is too long.
const maxPeek = 1<<20 + 64<<10

// Body reads a request's body and puts it back.
func Body(r *http.Request) []byte {
	read, whole, _ := peek.Body(r.Body, maxPeek) // an error the reference finds, too
	r.Body = whole
	return read
}

// IsLong selects requests whose body is over the reference's limit.
func IsLong(r *http.Request) bool { return r.ContentLength > 1<<20 }

// Sent are the members of the JSON object that a request sends; nil for one
// that the reference will not read, because it is too long.
func Sent(r *http.Request) map[string]any {
	if IsLong(r) {
		return nil
	}
	return Object(Body(r))
}

// SentText is a member of it that is a string, or "".
func SentText(r *http.Request, name string) string {
	text, _ := Sent(r)[name].(string)
	return text
}

// SetBody replaces a request's body.
func SetBody(r *http.Request, body []byte) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
}

// Bearer is the token in the Authorization header, or "".
func Bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// SetBearer puts a token into the Authorization header.
func SetBearer(r *http.Request, token string) { r.Header.Set("Authorization", "Bearer "+token) }
