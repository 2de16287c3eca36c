package subject_test

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
)

// TestHTTP2Only: a server that speaks nothing but HTTP/2 is reached by that, with TLS
// and without. One that speaks both is reached by HTTP/1.1.
func TestHTTP2Only(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		protocols func(*http.Protocols)
		tls       *tls.Config // nil: none
		major     int
	}{
		"without TLS, HTTP/2 only": {protocols: func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) }, major: 2},
		"without TLS, both": {protocols: func(p *http.Protocols) {
			p.SetHTTP1(true)
			p.SetUnencryptedHTTP2(true)
		}, major: 1},
		"over TLS, HTTP/2 only": {protocols: func(p *http.Protocols) { p.SetHTTP2(true) }, tls: &tls.Config{NextProtos: []string{"h2"}}, major: 2},
		"over TLS, both": {protocols: func(p *http.Protocols) {
			p.SetHTTP1(true)
			p.SetHTTP2(true)
		}, tls: &tls.Config{NextProtos: []string{"h2", "http/1.1"}}, major: 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.Protocols = new(http.Protocols)
			test.protocols(server.Config.Protocols)
			server.TLS = test.tls
			if test.tls == nil {
				server.Start()
			} else {
				server.StartTLS()
			}
			t.Cleanup(server.Close)
			m := parse(t, "{url: '"+server.URL+"'}")
			if test.tls != nil {
				m.Subject.TLS = &manifest.TLS{Insecure: true}
			}
			running := start(t, m, subject.Options{})
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, running.HTTP, strings.NewReader("x"))
			if err != nil {
				t.Fatal(err)
			}
			request.Close = true
			response, err := running.Transport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.ProtoMajor != test.major || running.HTTP2 != (test.major == 2) {
				t.Errorf("got HTTP/%d, and HTTP2 is %t", response.ProtoMajor, running.HTTP2)
			}
			if running.Digest(t.Context()) == "" {
				t.Error("there is no digest")
			}
			if err := running.Answers(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestPortOfGRPC: the port of gRPC, named as that of HTTP, is recognised.
func TestPortOfGRPC(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() {
		server.Stop()
		serving.Wait()
	})
	_, err = subject.Start(t.Context(), parse(t, "{url: 'http://"+listener.Addr().String()+"'}"), subject.Options{})
	wantError(t, err, "gRPC is spoken there: that port is for subject.grpc")
}

// TestFirstConnectionLost: a server that speaks both, and closes the first connection, as
// the proxy of an engine does before it listens, is reached by HTTP/1.1.
func TestFirstConnectionLost(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Listener = &losesFirst{Listener: server.Listener}
	server.Start()
	t.Cleanup(server.Close)
	if start(t, parse(t, "{url: '"+server.URL+"'}"), subject.Options{}).HTTP2 {
		t.Error("it is judged over HTTP/2, and it speaks HTTP/1.1")
	}
}

// losesFirst is a listener that closes its first connection. One goroutine accepts.
type losesFirst struct {
	net.Listener
	lost bool
}

func (l *losesFirst) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil || l.lost {
		return conn, err
	}
	l.lost = true
	if err := conn.Close(); err != nil {
		return nil, err
	}
	return l.Listener.Accept()
}
