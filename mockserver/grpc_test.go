package mockserver_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/mockserver"
)

func dial(t *testing.T, mock *mockserver.Server) *grpc.ClientConn {
	t.Helper()
	conn, err := mock.GRPC()
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func withToken(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "auth_token", token)
}

// TestEffectsOverGRPC meets the second renewal of three with each fault that exists
// over gRPC, on every network.
func TestEffectsOverGRPC(t *testing.T) {
	t.Parallel()
	for network, options := range map[string][]mockserver.Option{"plain": nil, "TLS": {mockserver.WithTLS()}, "memory": {mockserver.WithMemory()}} {
		for _, test := range []struct {
			fault mockserver.Fault
			code  codes.Code
			in    codes.Code // the journal
		}{
			{mockserver.Fault{Effect: mockserver.Status}, codes.Internal, codes.Internal},
			{mockserver.Fault{Effect: mockserver.Status, Status: 403}, codes.PermissionDenied, codes.PermissionDenied},
			{mockserver.Fault{Effect: mockserver.Outage}, codes.Unavailable, codes.Unavailable},
			{mockserver.Fault{Effect: mockserver.Quota}, codes.ResourceExhausted, codes.ResourceExhausted},
			{mockserver.Fault{Effect: mockserver.Reset}, codes.Unavailable, codes.Unavailable},
			{mockserver.Fault{Effect: mockserver.Close}, codes.Unavailable, codes.Unavailable},
			{mockserver.Fault{Effect: mockserver.LostReply}, codes.Unavailable, codes.OK},
			{mockserver.Fault{Effect: mockserver.Reject}, codes.Unauthenticated, codes.Unauthenticated},
			{mockserver.Fault{Effect: mockserver.Delay, Delay: mockserver.Duration(time.Millisecond)}, codes.OK, codes.OK},
		} {
			t.Run(network+"/"+string(test.fault.Effect), func(t *testing.T) {
				t.Parallel()
				mock := mockserver.New(t, append(options, mockserver.WithDialects("rpc"))...)
				auth := rpcpb.NewAuthenticationServiceClient(dial(t, mock))
				token := issue(t, mock, "rpc").Access
				test.fault.From, test.fault.Times = 2, 1
				injected := inject(t, mock, test.fault)
				for n := range 3 {
					_, err := auth.RenewSession(withToken(t.Context(), token), &rpcpb.RenewSessionRequest{}, grpc.WaitForReady(true))
					want := codes.OK
					if n == 1 {
						want = test.code
					}
					if status.Code(err) != want {
						t.Errorf("call %d: %v, want %v", n+1, err, want)
					}
				}
				requests := mock.Requests()
				if injected.Count() != 1 || len(requests) != 3 || requests[1].Status != int(test.in) || requests[1].Fault != test.fault.Effect || requests[0].Session != "session-1" {
					t.Errorf("counted %d, the journal is %v", injected.Count(), requests)
				}
			})
		}
	}
}

// TestEffectsOnStreams meets the second stream of three with each fault that exists over
// gRPC. A stream of three cameras ends with its code.
func TestEffectsOnStreams(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault    mockserver.Fault
		code     codes.Code
		in       codes.Code // the journal
		messages int
	}{
		{mockserver.Fault{Effect: mockserver.Status, Status: 403}, codes.PermissionDenied, codes.PermissionDenied, 0},
		{mockserver.Fault{Effect: mockserver.Outage}, codes.Unavailable, codes.Unavailable, 0},
		{mockserver.Fault{Effect: mockserver.Quota}, codes.ResourceExhausted, codes.ResourceExhausted, 0},
		{mockserver.Fault{Effect: mockserver.Reset}, codes.Unavailable, codes.Unavailable, 0},
		{mockserver.Fault{Effect: mockserver.Close}, codes.Unavailable, codes.Unavailable, 0},
		{mockserver.Fault{Effect: mockserver.LostReply}, codes.Unavailable, codes.OK, 0},
		{mockserver.Fault{Effect: mockserver.Truncate}, codes.Unavailable, codes.Unavailable, 1},
		{mockserver.Fault{Effect: mockserver.Reject}, codes.Unauthenticated, codes.Unauthenticated, 0},
		{mockserver.Fault{Effect: mockserver.RevokeBefore}, codes.Unauthenticated, codes.Unauthenticated, 0},
		{mockserver.Fault{Effect: mockserver.Delay, Delay: mockserver.Duration(time.Millisecond)}, codes.OK, codes.OK, 3},
	} {
		t.Run(string(test.fault.Effect), func(t *testing.T) {
			t.Parallel()
			mock := mockserver.New(t, mockserver.WithDialects("rpc"))
			domain := rpcpb.NewDomainServiceClient(dial(t, mock))
			test.fault.From, test.fault.Times = 2, 1
			injected := inject(t, mock, test.fault)
			for n := range 3 {
				want, wantMessages := codes.OK, 3
				if n == 1 {
					want, wantMessages = test.code, test.messages
				}
				token := issue(t, mock, "rpc").Access
				messages, err := received(domain.StreamCameras(withToken(t.Context(), token), &rpcpb.ListCamerasRequest{PageSize: 3}, grpc.WaitForReady(true)))
				if status.Code(err) != want || messages != wantMessages {
					t.Errorf("stream %d: %d messages, %v, want %d, %v", n+1, messages, err, wantMessages, want)
				}
			}
			requests := mock.Requests()
			if injected.Count() != 1 || len(requests) != 3 || requests[1].Status != int(test.in) || requests[1].Fault != test.fault.Effect || requests[0].Session != "session-1" {
				t.Errorf("counted %d, the journal is %v", injected.Count(), requests)
			}
		})
	}
}

// TestTruncateCutsShortStreams: also those of one message.
func TestTruncateCutsShortStreams(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("rpc"))
	inject(t, mock, mockserver.Fault{Effect: mockserver.Truncate})
	domain, token := rpcpb.NewDomainServiceClient(dial(t, mock)), withToken(t.Context(), issue(t, mock, "rpc").Access)
	for size, want := range map[int32]int{1: 1, 2: 1, 0: 1} { // 0 is all of them
		if got, err := received(domain.StreamCameras(token, &rpcpb.ListCamerasRequest{PageSize: size})); got != want || status.Code(err) != codes.Unavailable {
			t.Errorf("of %d: %d messages, %v", size, got, err)
		}
	}
}

// TestTruncateLeavesCallsAlone: a unary call has no second message.
func TestTruncateLeavesCallsAlone(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("rpc"))
	injected := inject(t, mock, mockserver.Fault{Effect: mockserver.Truncate})
	token := withToken(t.Context(), issue(t, mock, "rpc").Access)
	if _, err := rpcpb.NewDomainServiceClient(dial(t, mock)).ListCameras(token, &rpcpb.ListCamerasRequest{}); err != nil || injected.Count() != 0 {
		t.Errorf("got %v, and it counts %d", err, injected.Count())
	}
}

// received counts the messages of a stream up to its end.
func received(stream grpc.ServerStreamingClient[rpcpb.Camera], err error) (messages int, _ error) {
	for ; err == nil; messages++ {
		if _, err = stream.Recv(); err != nil {
			break
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return messages, err
}

// TestRefusalsOverGRPC refuses with a code where the method has one.
func TestRefusalsOverGRPC(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("rpc"))
	auth := rpcpb.NewAuthenticationServiceClient(dial(t, mock))
	inject(t, mock, mockserver.Fault{Effect: mockserver.Refuse, Error: "SECOND_FACTOR_AUTH_NEEDED"})
	credentials := &rpcpb.AuthenticateRequest{UserName: "root", Password: "root"}
	resp, err := auth.AuthenticateEx(t.Context(), credentials)
	if err != nil || resp.GetErrorCode() != rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_SECOND_FACTOR_AUTH_NEEDED ||
		resp.GetAuthSecondFactorInfo().GetSessionId() == "" || resp.GetTokenValue() != "" {
		t.Errorf("AuthenticateEx: %v, %v", resp, err)
	}
	if _, err := auth.Authenticate(t.Context(), credentials); status.Code(err) != codes.Unauthenticated {
		t.Errorf("Authenticate: %v", err)
	}
}

// TestThirtyDaysInABubble lets a token of the form dialect expire in the time of the
// bubble, over HTTP, and one of rpc over gRPC: nothing of it takes real time.
func TestThirtyDaysInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := mockserver.New(t, mockserver.WithMemory(), mockserver.WithDialects("form", "rpc"))
		a := ask(t, mock.Client(), mock, "POST", "/login", "login=root&pass=root&longtoken=true", "Content-Type: application/x-www-form-urlencoded")
		token := tokenOf(t, a.body)
		auth := rpcpb.NewAuthenticationServiceClient(dial(t, mock))
		first, err := auth.AuthenticateEx(t.Context(), &rpcpb.AuthenticateRequest{UserName: "root", Password: "root"})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			wait time.Duration
			form int
			rpc  codes.Code
		}{
			{3 * time.Hour, 200, codes.OK},
			{2 * time.Hour, 200, codes.Unauthenticated},
			{30*24*time.Hour - 5*time.Hour - time.Second, 200, codes.Unauthenticated},
			{2 * time.Second, 401, codes.Unauthenticated},
		} {
			<-time.After(step.wait) // in the bubble
			if got := get(t, mock.Client(), mock, token).status; got != step.form {
				t.Errorf("after %v more the form token is answered %d, want %d", step.wait, got, step.form)
			}
			_, err := auth.RenewSession(withToken(t.Context(), first.GetTokenValue()), &rpcpb.RenewSessionRequest{})
			if status.Code(err) != step.rpc {
				t.Errorf("after %v more the rpc token is answered %v, want %v", step.wait, err, step.rpc)
			}
		}
	})
}
