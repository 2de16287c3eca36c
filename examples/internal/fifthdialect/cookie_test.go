package fifthdialect_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/examples/internal/fifthdialect"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/sdktest"
)

const password = "open-sesame"

// server speaks the dialect.
type server struct {
	mu       sync.Mutex
	serial   int
	sessions map[string]bool
}

func (s *server) rejectAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sessions)
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sid := ""
	if c, err := r.Cookie("sid"); err == nil {
		sid = c.Value
	}
	if r.URL.Path == "/signin" {
		var in struct{ User, Password string }
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.User != "me" || in.Password != password {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		s.serial++
		sid = fmt.Sprintf("session-number-%d", s.serial)
		s.sessions[sid] = true
	}
	switch {
	case !s.sessions[sid]:
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/signout":
		delete(s.sessions, sid)
	default:
		_ = json.NewEncoder(w).Encode(map[string]any{"sid": sid, "seconds": 900})
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	sdktest.RunDialect(t, func(*testing.T) sdktest.Subject {
		s := &server{sessions: map[string]bool{}}
		return sdktest.Subject{
			Dialect:       fifthdialect.Password("me", sdk.NewSecret(password)),
			WrongPassword: fifthdialect.Password("me", sdk.NewSecret("wrong-one")),
			Server:        s,
			Resource:      "/anything",
			RejectAll:     s.rejectAll,
			Secrets:       []string{password, "wrong-one"},
		}
	})
}
