package memhttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
)

// TestLikeANetwork sends the same requests over a real connection and in memory:
// handler and client see the same.
func TestLikeANetwork(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Seen", fmt.Sprintf("%s %s %s %v", r.Method, r.RequestURI, r.Header.Get("X-Sent"), r.RemoteAddr != ""))
		switch r.URL.Path {
		case "/echo":
			_, _ = io.Copy(w, r.Body)
			w.Header().Set("X-Late", "not sent")
		case "/hints":
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusForbidden)
			w.WriteHeader(http.StatusOK)
		case "/flush":
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Errorf("flush: %v", err)
			}
			w.WriteHeader(http.StatusTeapot)
		}
	})
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of the second status
	server.Start()
	defer server.Close()
	send := func(client *http.Client, method, path, body string) string {
		request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Sent", "yes")
		resp, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		return fmt.Sprintf("%s %s %q late %q (%v)", resp.Status, resp.Header.Get("X-Seen"), text, resp.Header.Get("X-Late"), err)
	}
	memory := &http.Client{Transport: memhttp.Transport(handler)}
	for _, target := range []string{"POST /echo", "GET /hints?a=b%20c", "GET /flush", "HEAD /echo", "GET /nothing"} {
		method, path, _ := strings.Cut(target, " ")
		if want, got := send(server.Client(), method, path, "body"), send(memory, method, path, "body"); got != want {
			t.Errorf("%s in memory is\n%s, over a network\n%s", target, got, want)
		}
	}
}

// body is a request's body that records how far it was read and whether it was
// closed.
type body struct {
	*strings.Reader
	closed bool
}

func (b *body) Close() error {
	b.closed = true
	return nil
}

func TestRequestsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"before", "during"} {
		ctx, cancel := context.WithCancel(t.Context())
		if when == "before" {
			cancel()
		}
		called := false
		client := memhttp.Transport(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			called = true
			cancel()
		}))
		sent := &body{Reader: strings.NewReader("x")}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://server.example/", sent)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.RoundTrip(request)
		if resp != nil {
			resp.Body.Close()
		}
		if !errors.Is(err, context.Canceled) || called != (when == "during") || !sent.closed {
			t.Errorf("cancelled %s the call: %v, called %v, body closed %v", when, err, called, sent.closed)
		}
	}
}

func TestBodiesAreSentWhole(t *testing.T) {
	t.Parallel()
	sent := &body{Reader: strings.NewReader("which the handler does not read")}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://server.example/", sent)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := memhttp.Transport(http.NotFoundHandler()).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if sent.Len() != 0 || !sent.closed || request.RequestURI != "" {
		t.Errorf("%d bytes are left, closed %v; the client's request has the URI %q", sent.Len(), sent.closed, request.RequestURI)
	}
}
