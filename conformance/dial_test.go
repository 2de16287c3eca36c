package conformance_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/internal/memnet"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// The whole suite reaches a server by Dial alone, over HTTP and gRPC.
func TestASubjectInMemory(t *testing.T) {
	t.Parallel()
	server, err := reference.New(reference.Config{
		Accounts: reference.DemoAccounts(), Hasher: account.FastHasher{}, Clock: clock.NewOffset(clock.System{}), ClockControl: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	overHTTP, overGRPC := memnet.Listen("http.example:80"), memnet.Listen("grpc.example:9090")
	httpServer, grpcServer := &http.Server{Handler: server.Handler()}, server.GRPC()
	served := make(chan struct{}, 2)
	go func() { _ = httpServer.Serve(overHTTP); served <- struct{}{} }()
	go func() { _ = grpcServer.Serve(overGRPC); served <- struct{}{} }()
	t.Cleanup(func() {
		_ = httpServer.Close()
		grpcServer.Stop()
		<-served
		<-served
	})
	var calls, strays atomic.Int64
	m := subject.Reference()
	m.Subject.Builtin, m.Subject.URL, m.Subject.GRPC = false, "http://http.example", "grpc.example:9090"
	result, err := conformance.Run(t.Context(), m, conformance.Options{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		switch {
		case network == "tcp" && address == overHTTP.Addr().String():
			return overHTTP.Dial(ctx)
		case network == "tcp" && address == overGRPC.Addr().String():
			calls.Add(1)
			return overGRPC.Dial(ctx)
		}
		strays.Add(1)
		return nil, errors.New("no such address")
	}})
	if err != nil {
		t.Fatal(err)
	}
	if result.Conclusion != report.Conformant || len(result.Errors) != 0 || calls.Load() == 0 || strays.Load() != 0 {
		t.Errorf("%s, %v, %d connections for gRPC, %d to elsewhere", result.Conclusion, result.Errors, calls.Load(), strays.Load())
	}
	for _, row := range result.Requirements {
		if row.Verdict != report.Pass && row.Verdict != report.NotApplicable {
			t.Errorf("%s %s: %s %s", row.Dialect, row.ID, row.Verdict, row.Reason)
		}
	}
}
