package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/internal/memnet"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// Judge a server that listens on a Unix socket.
func ExampleOptions() {
	folder, err := os.MkdirTemp("", "socket")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	socket := filepath.Join(folder, "http.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		fmt.Println(err)
		return
	}
	backOffice, err := reference.New(reference.Config{Accounts: reference.DemoAccounts()})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewUnstartedServer(backOffice.Handler())
	server.Listener = listener
	server.Start()
	defer server.Close()

	m, err := manifest.Parse("example.yaml", []byte(`
subject: {url: "http://back-office.example"}
dialects:
  form:
    accounts:
      full: {login: root, password: root}
`), os.LookupEnv)
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := conformance.Run(context.Background(), m, conformance.Options{
		Only: []string{"FRM-05"},
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Subject.HTTP, report.Requirements[0].ID, report.Requirements[0].Verdict)
	// Output:
	// http://back-office.example FRM-05 pass
}

// The whole suite reaches a server by Dial alone, over HTTP and gRPC.
func TestASubjectInMemory(t *testing.T) {
	t.Parallel()
	server, err := reference.New(reference.Config{
		Accounts: reference.DemoAccounts(), Hasher: account.Fast{}, Clock: clock.NewOffset(clock.System{}), ClockControl: true,
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
