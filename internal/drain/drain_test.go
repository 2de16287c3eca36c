package drain_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/drain"
	"github.com/dragoman-auth/dragoman/internal/memnet"
)

// TestServe: what has come when the context ends is answered, unless that takes too long.
func TestServe(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ works, ends time.Duration }{
		"in time":  {9 * time.Second, 9 * time.Second},
		"too long": {11 * time.Second, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				came, listener := make(chan struct{}), memnet.Listen("served")
				server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					close(came)
					select {
					case <-time.After(test.works):
					case <-r.Context().Done(): // cut off
						return
					}
					_, _ = io.WriteString(w, "answered")
				})}
				ctx, end := context.WithCancel(t.Context())
				served := make(chan error, 1)
				go func() { served <- drain.Serve(ctx, server, listener, 10*time.Second) }()
				answer := make(chan string, 1)
				go func() { answer <- read(listener) }()
				<-came
				began := time.Now()
				end()
				if err := <-served; err != nil {
					t.Error(err)
				}
				if took := time.Since(began).Truncate(time.Second); took != test.ends {
					t.Errorf("it ended after %s, not %s", took, test.ends)
				}
				if got := <-answer; (got == "answered") != (test.works == test.ends) {
					t.Errorf("the client got %q", got)
				}
				if _, err := listener.Dial(t.Context()); err == nil {
					t.Error("the listener is open")
				}
			})
		})
	}
}

// read reads an answer; "" is an error.
func read(listener *memnet.Listener) string {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return listener.Dial(ctx) }}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get("http://served.example")
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return ""
	}
	return string(body)
}

// TestServeTellsWhatWentWrong: an end that nobody asked for is an error.
func TestServeTellsWhatWentWrong(t *testing.T) {
	t.Parallel()
	listener := memnet.Listen("served")
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := drain.Serve(t.Context(), &http.Server{ReadHeaderTimeout: time.Minute}, listener, time.Second); !errors.Is(err, net.ErrClosed) {
		t.Errorf("served from a closed listener: %v", err)
	}
}
