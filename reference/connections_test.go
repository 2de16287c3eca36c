package reference_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/dragoman-auth/dragoman/reference"
)

// TestConnectionsAreBounded fills the HTTP listener with connections that send nothing:
// one more is closed at once, gRPC goes on, and an end makes room.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	server, err := reference.New(reference.Config{MaxConnections: 2})
	if err != nil {
		t.Fatal(err)
	}
	web, calls := listen(t), listen(t)
	ctx, end := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, web, calls) }()
	t.Cleanup(func() {
		end()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	dial := func() net.Conn {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", web.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	idle := []net.Conn{dial(), dial()}
	for range 3 {
		more := dial()
		if n, err := more.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("a connection above the bound is answered %d bytes (%v)", n, err)
		}
	}
	conn, err := grpc.NewClient(calls.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{}); err != nil {
		t.Errorf("gRPC: %v", err)
	}
	_ = idle[0].Close()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for { // until the server has seen the end
		resp, err := client.Get("http://" + web.Addr().String() + "/healthz")
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			break
		}
		select {
		case <-time.After(time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("no room after an end")
		}
	}
	if _, err := reference.New(reference.Config{MaxPerNetwork: -1}); err == nil {
		t.Error("a negative bound is taken")
	}
}
