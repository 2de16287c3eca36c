package mockserver_test

import (
	"io"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// TestCloseWaitsForHandlers of HTTP/2, too.
func TestCloseWaitsForHandlers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock, err := mockserver.Start(mockserver.WithTLS(), mockserver.WithMemory())
		if err != nil {
			t.Fatal(err)
		}
		end, ended := make(chan struct{}), make(chan struct{})
		mock.Handle("GET /slow", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			<-end
			close(ended)
		}))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, mock.URL+"/slow", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+issue(t, mock, "session").Access)
		go func() {
			if resp, err := mock.Client().Do(r); err == nil {
				_ = resp.Body.Close()
			}
		}()
		synctest.Wait() // the handler waits
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			_ = mock.Close()
		}()
		synctest.Wait()
		select {
		case <-closed:
			t.Error("Close has not waited for a handler")
		default:
		}
		close(end)
		<-ended
		<-closed
	})
}

// TestCloseLetsAnswersOut: an answer that the journal has still reaches its client, for a
// second; one that has begun to go out is a stream, and ends.
func TestCloseLetsAnswersOut(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request, end <-chan struct{})
		waits  bool
		took   time.Duration
		body   string // "" is an error
	}{
		"not gone out": {func(w http.ResponseWriter, _ *http.Request, end <-chan struct{}) {
			_, _ = io.WriteString(w, "first")
			<-end
		}, true, 0, "first"},
		"longer than a second": {func(w http.ResponseWriter, r *http.Request, _ <-chan struct{}) {
			_, _ = io.WriteString(w, "first")
			<-r.Context().Done()
		}, true, time.Second, ""},
		"a connection of the handler's own": {func(w http.ResponseWriter, _ *http.Request, _ <-chan struct{}) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nown")
			_ = conn.Close()
		}, false, 0, "own"},
		"a stream": {func(w http.ResponseWriter, r *http.Request, _ <-chan struct{}) {
			_, _ = io.WriteString(w, "first")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, false, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mock, err := mockserver.Start(mockserver.WithMemory())
				if err != nil {
					t.Fatal(err)
				}
				end := make(chan struct{})
				mock.Handle("GET /things", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { test.answer(w, r, end) }))
				got, token := make(chan answer, 1), issue(t, mock, "session").Access
				go func() {
					got <- ask(t, mock.Client(), mock, http.MethodGet, "/things", "", "Authorization: Bearer "+token)
				}()
				if err := mock.WaitFor(t.Context(), mockserver.Resource, 1); err != nil {
					t.Fatal(err)
				}
				began, closed := time.Now(), make(chan struct{})
				go func() {
					defer close(closed)
					if err := mock.Close(); err != nil {
						t.Error(err)
					}
				}()
				synctest.Wait()
				select {
				case <-closed:
					if test.waits {
						t.Error("Close has not waited for the answer")
					}
				default:
					if !test.waits {
						t.Error("Close waits for a stream")
					}
				}
				close(end)
				<-closed
				if took := time.Since(began).Truncate(time.Second); took != test.took {
					t.Errorf("Close took %s, not %s", took, test.took)
				}
				if a := <-got; (a.err == nil) != (test.body != "") || a.err == nil && a.body != test.body {
					t.Errorf("the client got %q and %v, not %q", a.body, a.err, test.body)
				}
			})
		})
	}
}

// TestCloseLetsTokensOut: also an answer of a dialect.
func TestCloseLetsTokensOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		mock, err := mockserver.Start(mockserver.WithMemory(), mockserver.WithDialects("form"), mockserver.WithAnswers(func(_ mockserver.Operation, body []byte) []byte {
			<-end
			return body
		}))
		if err != nil {
			t.Fatal(err)
		}
		form := url.Values{"login": {mock.Accounts()[0].Login}, "pass": {mock.Accounts()[0].Password}}.Encode()
		got := make(chan answer, 1)
		go func() {
			got <- ask(t, mock.Client(), mock, http.MethodPost, "/login", form, "Content-Type: application/x-www-form-urlencoded")
		}()
		if err := mock.WaitFor(t.Context(), mockserver.Login, 1); err != nil {
			t.Fatal(err)
		}
		closed := make(chan error, 1)
		go func() { closed <- mock.Close() }()
		synctest.Wait()
		close(end)
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if a := <-got; a.status != http.StatusOK {
			t.Errorf("the login is answered %d: %v", a.status, a.err)
		}
	})
}

// TestCloseLetsOutWhatHasNoBody: the mock's own client gets it, too.
func TestCloseLetsOutWhatHasNoBody(t *testing.T) {
	t.Parallel()
	for range 100 {
		mock, err := mockserver.Start(mockserver.WithMemory(), mockserver.WithDialects("form"))
		if err != nil {
			t.Fatal(err)
		}
		token := issue(t, mock, "form").Access
		left := make(chan answer, 1)
		go func() {
			left <- ask(t, mock.Client(), mock, http.MethodDelete, "/login?token="+token, "")
		}()
		if err := mock.WaitFor(t.Context(), mockserver.Revoke, 1); err != nil {
			t.Fatal(err)
		}
		if err := mock.Close(); err != nil {
			t.Fatal(err)
		}
		if got := <-left; got.err != nil || got.status != http.StatusNoContent {
			t.Fatalf("the logout is answered %d: %v", got.status, got.err)
		}
	}
}

// TestCloseCutsWhatIsSlow: a fault that sends an answer slowly holds nothing up.
func TestCloseCutsWhatIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock, err := mockserver.Start(mockserver.WithMemory())
		if err != nil {
			t.Fatal(err)
		}
		inject(t, mock, mockserver.Fault{Effect: mockserver.Slow, Operation: mockserver.Login, Delay: mockserver.Duration(time.Hour)})
		got := make(chan answer, 1)
		go func() { got <- ask(t, mock.Client(), mock, http.MethodPost, "/sessions", login) }()
		if err := mock.WaitFor(t.Context(), mockserver.Login, 1); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := mock.Close(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("Close took %s", took)
		}
		if a := <-got; a.err == nil {
			t.Errorf("the client got the whole of %q", a.body)
		}
	})
}
