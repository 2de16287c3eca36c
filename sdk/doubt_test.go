package sdk_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
	"github.com/dragoman-auth/dragoman/sdk/internal/fakeoffice"
)

// forbidding answers 403 where the office answers 401, and to everything below
// /private.
func forbidding(office *fakeoffice.Office, inquiries *counter) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path == "/login" {
			inquiries.add()
			<-time.After(time.Millisecond)
		}
		if strings.HasPrefix(r.URL.Path, "/private") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		office.ServeHTTP(&statusChanger{w}, r)
	})
}

type statusChanger struct{ http.ResponseWriter }

func (s *statusChanger) WriteHeader(status int) {
	if status == http.StatusUnauthorized {
		status = http.StatusForbidden
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

func TestADeadTokenThatIsAnsweredWith403(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		office, inquiries := fakeoffice.New(), &counter{}
		client := newClient(t, form.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)),
			sdk.WithHTTPTransport(fakeoffice.Transport(forbidding(office, inquiries))))
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
		if n := inquiries.value(); n != 1 {
			t.Errorf("%d inquiries, want 1", n)
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
		if n := inquiries.value(); n < 5 || n > 7 {
			t.Errorf("%d inquiries within 5 minutes, want about one per minute", n)
		}
	})
}
