package clientsuite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memnet"
)

// TestAnAnswerCountsThoughTheRunIsOver: only what a hosted client has not done by the end
// of a run is untestable, not what it did just before.
func TestAnAnswerCountsThoughTheRunIsOver(t *testing.T) {
	t.Parallel()
	host := NewHost()
	host.End()
	w := &world{options: Options{Host: host, Timeout: time.Minute}}
	client, err := converse(t.Context(), Func(func(_ context.Context, _ Environment, in io.Reader, out, _ io.Writer) error {
		_, _ = fmt.Fprintln(out, wordReady)
		lines := newLines(in)
		lines.Scan()
		_, _ = fmt.Fprintln(out, Answer{"200": 1})
		lines.Scan()
		return errOver
	}), Environment{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.kill()
	if answer, err := w.tell(t.Context(), client, "call GET /things"); err != nil || answer["200"] != 1 {
		t.Errorf("a call that was made: %v, %v", answer, err)
	}
	var unproven *unprovenError
	if answer, err := w.tell(t.Context(), client, "call GET /things"); !errors.As(err, &unproven) {
		t.Errorf("a call that was not made: %v, %v", answer, err)
	}
}

// TestTheEndIsAnswered: the page answers POST /end though the run, and with it the page, is
// over before the answer has gone out.
func TestTheEndIsAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host, listener := NewHost(), slowListener{memnet.Listen("page"), make(chan struct{})}
		ctx, over := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- host.Serve(ctx, listener) }()
		transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return listener.Dial(ctx) }}
		defer transport.CloseIdleConnections()
		status := make(chan int, 1)
		go func() {
			response, err := (&http.Client{Transport: transport}).Post("http://page.example/end", "", nil)
			if err != nil {
				t.Error(err)
				status <- 0
				return
			}
			status <- response.StatusCode
			response.Body.Close()
		}()
		<-host.ended
		over()
		synctest.Wait() // the page ends as far as it can
		close(listener.free)
		if got := <-status; got != http.StatusNoContent {
			t.Errorf("POST /end is answered %d", got)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// slowListener accepts connections on which nothing goes out before free is closed.
type slowListener struct {
	*memnet.Listener
	free chan struct{}
}

func (l slowListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return slowConn{conn, l.free}, err
}

type slowConn struct {
	net.Conn
	free chan struct{}
}

func (c slowConn) Write(b []byte) (int, error) {
	<-c.free
	return c.Conn.Write(b)
}

// TestTimeoutGrowsWithTheCalls: ten thousand calls may take longer than one.
func TestTimeoutGrowsWithTheCalls(t *testing.T) {
	t.Parallel()
	o := Options{Timeout: time.Minute}
	for command, want := range map[string]time.Duration{
		"": time.Minute, "call GET /users": time.Minute, "parallel 50 GET /users": 61 * time.Second, "parallel 10000 GET /users": 260 * time.Second, "parallel": time.Minute,
	} {
		if got := o.timeout(command); got != want {
			t.Errorf("%q may take %s, want %s", command, got, want)
		}
	}
}
