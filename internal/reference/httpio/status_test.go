package httpio_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
)

// TestStatusRecorder answers in different ways over a real connection. The status
// that is recorded is the one that the client gets, and it is reported once.
func TestStatusRecorder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer   func(w http.ResponseWriter)
		want     int
		reported []int
	}{
		"nothing":    {func(http.ResponseWriter) {}, 200, nil},
		"a body":     {func(w http.ResponseWriter) { _, _ = io.WriteString(w, "x") }, 200, []int{200}},
		"a status":   {func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }, 404, []int{404}},
		"two bodies": {func(w http.ResponseWriter) { w.WriteHeader(http.StatusCreated); _, _ = io.WriteString(w, "x") }, 201, []int{201}},
		"early hints": {func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusForbidden)
		}, 403, []int{403}},
		"a flush": {func(w http.ResponseWriter) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Errorf("flush: %v", err)
			}
		}, 200, []int{200}},
		"a hijack": {func(w http.ResponseWriter) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Errorf("hijack: %v", err)
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			_ = conn.Close()
		}, 200, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var reported []int
			status := make(chan int, 1)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				recorder := httpio.NewStatusRecorder(w, func(status int) { reported = append(reported, status) })
				c.answer(recorder)
				status <- recorder.Status()
			}))
			defer server.Close()
			resp, err := server.Client().Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if got := <-status; got != c.want || resp.StatusCode != c.want || !slices.Equal(reported, c.reported) {
				t.Errorf("recorded %d, reported %v, sent %d; want %d and %v", got, reported, resp.StatusCode, c.want, c.reported)
			}
		})
	}
}
