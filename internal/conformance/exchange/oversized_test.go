package exchange

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// TestOversizedReadsAnEarlyAnswer: a server may answer and close before it has
// read the request, so that writing fails.
func TestOversizedReadsAnEarlyAnswer(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	served := make(chan struct{})
	go func() {
		defer close(served)
		for i := 0; ; i++ {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = bufio.NewReader(connection).ReadString('\n')
			if i > 0 { // the first time it says nothing at all
				_, _ = io.WriteString(connection, "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
			}
			connection.Close()
		}
	}()
	log := &evidence.Log{}
	c := NewClient(&Subject{
		HTTP: "http://" + listener.Addr().String(), Clock: stillClock{}, Secrets: &evidence.Secrets{}, Timeout: 10 * time.Second,
	}, "form", log)
	r, err := NewRequest(http.MethodPost, "/login").WithBody("application/x-www-form-urlencoded", "a=b").Padded(8 << 20)
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := c.DoOversized(t.Context(), r); err != nil {
		t.Error(err)
	} else if answer.Status != 413 || answer.Body != "no" {
		t.Errorf("expected the early answer, got %s", answer.Brief())
	}
	listener.Close()
	<-served
	if _, err := c.DoOversized(t.Context(), r); err == nil {
		t.Error("expected an error where nobody listens")
	}
	if kept := log.Exchanges(nil); len(kept) < 2 || len(kept[0].RequestBody) > 1<<20 {
		t.Errorf("expected short evidence of each try, got %d exchanges", len(kept))
	}
}

// stillClock is a subject's clock that nobody moves.
type stillClock struct{}

func (stillClock) Now() time.Time                               { return time.Unix(0, 0) }
func (stillClock) Advance(context.Context, time.Duration) error { return nil }

// TestOversizedWaits: a server may limit the rate of requests, large ones too; that is no
// answer to them.
func TestOversizedWaits(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		in     func(context.Context) context.Context
		status int
		asked  int32
	}{
		"a limited rate":           {func(ctx context.Context) context.Context { return ctx }, http.StatusRequestEntityTooLarge, 3},
		"the very answer is asked": {WithoutWaits, http.StatusTooManyRequests, 1},
	} {
		var asked atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0")
			switch asked.Add(1) {
			case 1:
				w.WriteHeader(http.StatusTooManyRequests)
			case 2:
				w.WriteHeader(http.StatusServiceUnavailable)
			default:
				w.Header().Del("Retry-After")
				w.WriteHeader(http.StatusRequestEntityTooLarge)
			}
		}))
		c := NewClient(&Subject{HTTP: server.URL, Clock: stillClock{}, Secrets: &evidence.Secrets{}, Timeout: time.Minute}, "form", &evidence.Log{})
		r, err := NewRequest(http.MethodPost, "/login").WithBody("application/x-www-form-urlencoded", "a=b").Padded(1 << 20)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := c.DoOversized(row.in(t.Context()), r)
		server.Close()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if answer.Status != row.status || asked.Load() != row.asked {
			t.Errorf("%s: %s after %d requests, want %d after %d", name, answer.Brief(), asked.Load(), row.status, row.asked)
		}
	}
}
