package reference_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// ticks is a service of a program that embeds the server, with a stream.
var ticks = grpc.ServiceDesc{
	ServiceName: "test.Ticks", HandlerType: (*any)(nil),
	Streams: []grpc.StreamDesc{{StreamName: "Tick", ServerStreams: true, ClientStreams: true, Handler: func(_ any, stream grpc.ServerStream) error {
		return stream.SendMsg(&emptypb.Empty{})
	}}},
}

// TestRPCStreams: a stream is for callers with a live token, that of the server and those
// of the program around it (RPC-14, RPC-15).
func TestRPCStreams(t *testing.T) {
	t.Parallel()
	conn, token, _ := streaming(t, &ticks)
	cameras := rpcpb.NewDomainServiceClient(conn)
	for name, test := range map[string]struct {
		header []string
		want   codes.Code
	}{
		"no token":        {nil, codes.Unauthenticated},
		"a garbled token": {[]string{"auth_token", garble(token)}, codes.Unauthenticated},
		"two tokens":      {[]string{"auth_token", token, "auth_token", token}, codes.Unauthenticated},
		"Basic":           {[]string{"authorization", "Basic cm9vdDpyb290"}, codes.Unauthenticated},
		"a token":         {[]string{"auth_token", token}, codes.OK},
		"a bearer":        {[]string{"authorization", "Bearer " + token}, codes.OK},
	} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), test.header...)
		got, err := received(cameras.StreamCameras(ctx, &rpcpb.ListCamerasRequest{PageSize: 2}))
		wantCode(t, name+", cameras", err, test.want)
		tick, tickErr := conn.NewStream(ctx, &ticks.Streams[0], "/test.Ticks/Tick")
		if tickErr == nil {
			tickErr = tick.RecvMsg(new(emptypb.Empty))
		}
		wantCode(t, name+", a service of the program's own", tickErr, test.want)
		if want := map[codes.Code]int{codes.OK: 2}[test.want]; got != want {
			t.Errorf("%s: %d cameras came, want %d", name, got, want)
		}
	}
	_, err := received(cameras.StreamCameras(with(t, "auth_token", token), &rpcpb.ListCamerasRequest{PageSize: -1}))
	wantCode(t, "a bad page size", err, codes.InvalidArgument)
}

// received counts the messages of a stream up to its end.
func received(stream grpc.ServerStreamingClient[rpcpb.Camera], err error) (n int, _ error) {
	for ; err == nil; n++ {
		if _, err = stream.Recv(); err != nil {
			break
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// TestAStreamWhoseClientLeaves is no failure of the server, and is not logged as one.
func TestAStreamWhoseClientLeaves(t *testing.T) {
	t.Parallel()
	began := make(chan struct{})
	watch := grpc.ServiceDesc{
		ServiceName: "test.Watch", HandlerType: (*any)(nil),
		Streams: []grpc.StreamDesc{{StreamName: "Watch", ServerStreams: true, ClientStreams: true, Handler: func(_ any, stream grpc.ServerStream) error {
			close(began)
			<-stream.Context().Done()
			return stream.Context().Err()
		}}},
	}
	var log trail
	var calls observer
	conn, token, stop := streaming(t, &watch, func(c *reference.Config) {
		c.Logger, c.Observer = slog.New(slog.NewTextHandler(&log, nil)), &calls
	})
	ctx, cancel := context.WithCancel(with(t, "auth_token", token))
	if _, err := conn.NewStream(ctx, &watch.Streams[0], "/test.Watch/Watch"); err != nil {
		t.Fatal(err)
	}
	<-began
	cancel()
	stop()
	if !calls.has("rpc", "/test.Watch/Watch", "Canceled") || strings.Contains(log.text(), "ERROR") {
		t.Errorf("the calls are %+v, the log is %q", calls.requests, log.text())
	}
}

// streaming serves the rpc dialect with another service. Stop waits until all calls have
// ended.
func streaming(t *testing.T, service *grpc.ServiceDesc, change ...func(*reference.Config)) (conn *grpc.ClientConn, token string, stop func()) {
	t.Helper()
	cfg := reference.Config{Accounts: reference.DemoAccounts(), Hasher: account.FastHasher{}, RPCSigner: testSigner()}
	for _, c := range change {
		c(&cfg)
	}
	s, err := reference.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := s.GRPC()
	server.RegisterService(service, nil)
	listener := listen(t)
	go func() { _ = server.Serve(listener) }() // ends with Stop
	t.Cleanup(server.Stop)
	conn, err = grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	login, err := rpcpb.NewAuthenticationServiceClient(conn).AuthenticateEx2(t.Context(), &rpcpb.AuthenticateRequest{UserName: "root", Password: "root"})
	if err != nil {
		t.Fatal(err)
	}
	return conn, login.GetTokenValue(), server.GracefulStop
}
