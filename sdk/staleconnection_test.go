package sdk_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
)

// stale is a server behind something that forgets connections while they are
// idle: once armed, it resets every connection that was used before.
type stale struct {
	office *fakeoffice.Office

	mu    sync.Mutex
	armed bool
	used  map[string]bool // by the client's address
	asked []string
}

func (s *stale) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	reset := s.armed && s.used[r.RemoteAddr]
	s.used[r.RemoteAddr] = true
	if s.armed {
		s.asked = append(s.asked, r.Method+" "+r.URL.Path)
	}
	s.mu.Unlock()
	if !reset {
		s.office.ServeHTTP(w, r)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // the end is a reset
	}
	_ = conn.Close()
}

func TestALoginOnAStaleConnectionIsSentAgain(t *testing.T) {
	t.Parallel()
	for _, d := range allDialects() {
		if d.life == 0 {
			continue // it does not log in
		}
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := &stale{office: fakeoffice.New(), used: map[string]bool{}}
			var clock movedClock
			s.office.Now = clock.now
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			client, err := sdk.New(server.URL, d.new(), sdk.WithoutBackgroundRenewal(), sdk.WithClock(clock.now))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = client.Stop(context.Background()) })
			if _, err := client.R(t.Context()).Get("/things"); err != nil {
				t.Fatal(err)
			}
			clock.move(d.life + time.Hour)
			s.mu.Lock()
			s.armed = true
			s.mu.Unlock()
			response, err := client.R(t.Context()).Get("/things")
			if err != nil || response.StatusCode() != http.StatusOK {
				t.Errorf("got %v, %v", response.Status(), err)
			}
			if n := s.office.Count("login"); n != 2 {
				t.Errorf("%d logins, want 2", n)
			}
			rotations := 0
			for _, asked := range s.asked {
				if asked == "POST /tokens" {
					rotations++
				}
			}
			if rotations > 1 {
				t.Errorf("the rotation was sent %d times: %v", rotations, s.asked)
			}
		})
	}
}

// movedClock is a clock that a test moves.
type movedClock struct {
	mu    sync.Mutex
	moved time.Duration
}

func (c *movedClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.moved)
}

func (c *movedClock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved += d
}

// TestAnUploadThatIsCutOffCostsOneToken uploads to a server that answers before
// it reads the body, and resets the connection.
func TestAnUploadThatIsCutOffCostsOneToken(t *testing.T) {
	t.Parallel()
	office := fakeoffice.New()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/upload" {
			office.ServeHTTP(w, r)
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}))
	t.Cleanup(server.Close)
	client, err := sdk.New(server.URL, sessionPassword())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Stop(context.Background()) })
	if err := client.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	office.EndAll() // its token is rejected from now on
	for range 3 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/upload", &counted{Reader: bytes.NewReader(text(8 << 20))})
		if err != nil {
			t.Fatal(err)
		}
		if response, err := client.HTTPClient().Do(request); err == nil {
			response.Body.Close()
		}
		if response, err := client.R(t.Context()).Get("/things"); err != nil || response.StatusCode() != http.StatusOK {
			t.Errorf("the next request got %v, %v", response.Status(), err)
		}
	}
	wantCount(t, office, "denied", 0)
	wantCount(t, office, "login", 2)
}
