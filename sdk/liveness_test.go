package sdk_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
)

// forbidding answers a dead token with status, where the office answers 401, and
// everything below /private with 403.
func forbidding(office *fakeoffice.Office, status int, probes *counter) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path == "/login" {
			probes.add()
			<-time.After(time.Millisecond)
		}
		if strings.HasPrefix(r.URL.Path, "/private") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		office.ServeHTTP(&statusChanger{w, status}, r)
	})
}

type statusChanger struct {
	http.ResponseWriter
	status int
}

func (s *statusChanger) WriteHeader(status int) {
	if status == http.StatusUnauthorized {
		status = s.status
	}
	s.ResponseWriter.WriteHeader(status)
}

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) add() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
}

func (c *counter) value() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func TestADeadTokenThatIsNotAnsweredWith401(t *testing.T) {
	t.Parallel()
	for _, status := range []int{302, 303, 307, 400, 403, 404} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			deadToken(t, status)
		})
	}
}

func deadToken(t *testing.T, status int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		office, probes := fakeoffice.New(), &counter{}
		client := newClient(t, form.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)),
			sdk.WithHTTPTransport(memhttp.Transport(forbidding(office, status, probes))))
		if err := client.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		office.EndAll()
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				response, err := client.R(t.Context()).Post("/things")
				if err != nil || response.StatusCode() != http.StatusOK {
					t.Errorf("got %v, %v", response.Status(), err)
				}
			})
		}
		group.Wait()
		wantCount(t, office, "login", 2)
		if n := probes.value(); n != 1 {
			t.Errorf("%d probes, want 1", n)
		}
		// What the user may not do is asked about once a minute.
		for range 300 {
			response, err := client.R(t.Context()).Get("/private")
			if err != nil || response.StatusCode() != http.StatusForbidden {
				t.Fatalf("got %v, %v", response.Status(), err)
			}
			pass(time.Second)
		}
		wantCount(t, office, "login", 2)
		if n := probes.value(); n < 5 || n > 7 {
			t.Errorf("%d probes within 5 minutes, want about one per minute", n)
		}
	})
}

// A server that knows no tokens at GET /login must not be logged in to again
// and again.
func TestALivenessCheckThatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		office := fakeoffice.New()
		office.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				return false
			}
			w.WriteHeader(http.StatusNotFound)
			return true
		}
		client := newClient(t, form.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)), sdk.WithHTTPTransport(memhttp.Transport(office)))
		for range 600 {
			response, err := client.R(t.Context()).Get("/nothing")
			if err != nil || response.StatusCode() != http.StatusNotFound {
				t.Fatalf("got %v, %v", response.Status(), err)
			}
			pass(100 * time.Millisecond)
		}
		if n := office.Count("login"); n > 10 {
			t.Errorf("%d logins within a minute", n)
		}
	})
}
