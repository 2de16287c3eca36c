package reference_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/dragoman-auth/dragoman/internal/memnet"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// TestDrainIsNotReadyFirst: after its context has ended, the server is not ready
// while it still answers, also on new connections.
func TestDrainIsNotReadyFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const delay = time.Second
		server, err := reference.New(reference.Config{DrainDelay: delay, RPCSigner: testSigner()})
		if err != nil {
			t.Fatal(err)
		}
		listener, calls := memnet.Listen("http"), memnet.Listen("grpc")
		ctx, end := context.WithCancel(t.Context())
		defer end()
		served := make(chan error, 1)
		go func() { served <- server.Serve(ctx, listener, calls) }()
		if err := server.Ready(t.Context()); err != nil {
			t.Fatalf("before the end: %v", err)
		}
		conn, err := grpc.NewClient("passthrough:///server", grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return calls.Dial(ctx) }))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		health := func() grpc_health_v1.HealthCheckResponse_ServingStatus {
			answer, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
			if err != nil {
				t.Fatalf("health: %v", err)
			}
			return answer.GetStatus()
		}
		if got := health(); got != grpc_health_v1.HealthCheckResponse_SERVING {
			t.Errorf("before the end gRPC is %v", got)
		}
		asked := time.Now()
		end()
		synctest.Wait()
		if err, got := server.Ready(t.Context()), health(); err == nil || got == grpc_health_v1.HealthCheckResponse_SERVING {
			t.Errorf("after the end the server is ready (%v), gRPC is %v", err, got)
		}
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return listener.Dial(ctx)
		}}}
		if resp, err := client.Get("http://server.example/healthz"); err != nil {
			t.Errorf("a new connection within the delay: %v", err)
		} else {
			resp.Body.Close()
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
		if took := time.Since(asked); took != delay {
			t.Errorf("the server ended after %v", took)
		}
		if resp, err := client.Get("http://server.example/healthz"); err == nil {
			resp.Body.Close()
			t.Error("the server answers after its end")
		}
	})
}

func TestReadyAsksTheStore(t *testing.T) {
	t.Parallel()
	server, err := reference.New(reference.Config{Store: &broken{Store: memory.New(), down: true}})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Ready(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("without a store: %v", err)
	}
}
