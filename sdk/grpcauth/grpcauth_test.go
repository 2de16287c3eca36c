package grpcauth_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/grpcauth"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const tokenKey = "x_office_token" // not the name in the document: clients use the one they get

// office is a gRPC server of the rpc dialect.
type office struct {
	rpcpb.UnimplementedAuthenticationServiceServer
	rpcpb.UnimplementedDomainServiceServer
	life time.Duration

	mu     sync.Mutex
	serial int
	live   map[string]bool
	counts map[string]int
}

func (o *office) count(what string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.counts[what]
}

func (o *office) rejectAll() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.live)
}

func (o *office) issue() *rpcpb.AuthenticateResponseEx {
	o.serial++
	token := fmt.Sprintf("secret-token-%d", o.serial)
	o.live[token] = true
	return &rpcpb.AuthenticateResponseEx{
		TokenName: tokenKey, TokenValue: token, ExpiresAt: time.Now().Add(o.life).UTC().Format("20060102T150405"), UserId: "user-1",
	}
}

func (o *office) AuthenticateEx(ctx context.Context, in *rpcpb.AuthenticateRequest) (*rpcpb.AuthenticateResponseEx, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts["login"]++
	if md, _ := metadata.FromIncomingContext(ctx); len(md.Get(tokenKey)) > 0 {
		return nil, status.Error(codes.InvalidArgument, "a login is anonymous")
	}
	if md, _ := metadata.FromIncomingContext(ctx); len(md.Get("x-order")) > 0 {
		o.counts["order at login"]++
	}
	if in.GetPassword() == "quoted-password" {
		return nil, status.Errorf(codes.Internal, "no idea what to do with %s", in.GetPassword())
	}
	if in.GetUserName() == "careful" {
		return &rpcpb.AuthenticateResponseEx{
			ErrorCode:            rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_SECOND_FACTOR_AUTH_NEEDED,
			AuthSecondFactorInfo: &rpcpb.SecondFactorInfo{Type: rpcpb.SecondFactorInfo_SUPERVISOR, SessionId: "s-1", SessionExpiresAt: "20991112T144147"},
		}, nil
	}
	if in.GetUserName() != "root" || in.GetPassword() != "root-password" {
		return &rpcpb.AuthenticateResponseEx{ErrorCode: rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_WRONG_CREDENTIALS}, nil
	}
	return o.issue(), nil
}

func (o *office) AuthenticateBySecondFactor(_ context.Context, in *rpcpb.SecondFactorRequest) (*rpcpb.AuthenticateResponseEx, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if in.GetSessionId() != "s-1" || in.GetVerificationCode() != "123456" {
		return &rpcpb.AuthenticateResponseEx{ErrorCode: rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_TFA_WRONG_CODE}, nil
	}
	return o.issue(), nil
}

func (o *office) GetSessionInfo(ctx context.Context, in *rpcpb.GetSessionInfoRequest) (*rpcpb.GetSessionInfoResponse, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, err := o.check(ctx); err != nil || !o.live[in.GetSessionToken()] {
		return nil, status.Error(codes.Unauthenticated, "no")
	}
	return &rpcpb.GetSessionInfoResponse{Login: "root", ExpiresAt: timestamppb.New(time.Now().Add(time.Hour))}, nil
}

func (o *office) check(ctx context.Context) (string, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	token := strings.Join(md.Get(tokenKey), ",")
	if !o.live[token] {
		o.counts["denied"]++
		return "", status.Error(codes.Unauthenticated, "no: "+token)
	}
	return token, nil
}

func (o *office) RenewSession(ctx context.Context, _ *rpcpb.RenewSessionRequest) (*rpcpb.AuthenticateResponseEx, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts["renew"]++
	if _, err := o.check(ctx); err != nil {
		return nil, err
	}
	return o.issue(), nil
}

func (o *office) CloseSession(ctx context.Context, _ *rpcpb.CloseSessionRequest) (*rpcpb.CloseSessionResponse, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	token, err := o.check(ctx)
	if err != nil {
		return nil, err
	}
	o.counts["close"]++
	delete(o.live, token)
	return &rpcpb.CloseSessionResponse{}, nil
}

func (o *office) GetVersion(ctx context.Context, _ *rpcpb.GetVersionRequest) (*rpcpb.GetVersionResponse, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, err := o.check(ctx); err != nil {
		return nil, err
	}
	return &rpcpb.GetVersionResponse{Version: "1"}, nil
}

// ticks is a stream that sends one message and, if the token is bad, none.
var ticks = grpc.ServiceDesc{
	ServiceName: "test.Ticks", HandlerType: (*any)(nil),
	Streams: []grpc.StreamDesc{{StreamName: "Tick", ServerStreams: true, Handler: func(server any, stream grpc.ServerStream) error {
		o := server.(*office)
		o.mu.Lock()
		_, err := o.check(stream.Context())
		o.mu.Unlock()
		if err != nil {
			return err
		}
		if err := stream.RecvMsg(new(rpcpb.GetVersionRequest)); err != nil {
			return err
		}
		return stream.SendMsg(&rpcpb.GetVersionResponse{Version: "tick"})
	}}},
}

// start serves an office in memory and returns how to dial it.
func start(t *testing.T) (*office, []grpc.DialOption) {
	t.Helper()
	o := &office{life: time.Hour, live: map[string]bool{}, counts: map[string]int{}}
	server := grpc.NewServer()
	rpcpb.RegisterAuthenticationServiceServer(server, o)
	rpcpb.RegisterDomainServiceServer(server, o)
	server.RegisterService(&ticks, o)
	listener := bufconn.Listen(1 << 16)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		<-served
	})
	return o, []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
	}
}

func dial(t *testing.T, host string, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+host, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func newClient(t *testing.T, dialect sdk.Dialect, options ...sdk.Option) *sdk.Client {
	t.Helper()
	client, err := sdk.New("http://127.0.0.1:1", dialect, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return client
}

func password(options ...rpc.Option) sdk.Dialect {
	return rpc.Password("root", sdk.NewSecret("root-password"), options...)
}

func TestOneConnectionForEverything(t *testing.T) {
	t.Parallel()
	o, options := start(t)
	bare := dial(t, "127.0.0.1:20109", options...)
	client := newClient(t, password(grpcauth.Over(bare)))
	domain := rpcpb.NewDomainServiceClient(grpcauth.Conn(client, bare))
	for range 3 {
		answer, err := domain.GetVersion(t.Context(), &rpcpb.GetVersionRequest{})
		if err != nil || answer.GetVersion() != "1" {
			t.Fatalf("got %v, %v", answer, err)
		}
	}
	if _, err := client.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := client.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o.count("login") != 1 || o.count("renew") != 1 || o.count("close") != 1 {
		t.Errorf("counts: %v", o.counts)
	}
	if _, err := domain.GetVersion(t.Context(), &rpcpb.GetVersionRequest{}); status.Code(err) != codes.Unauthenticated {
		t.Errorf("with a closed client: %v, want UNAUTHENTICATED", err)
	}
}

func TestMetadataOfACallIsNotForTheLogin(t *testing.T) {
	t.Parallel()
	o, options := start(t)
	bare := dial(t, "127.0.0.1:20109", options...)
	client := newClient(t, password(grpcauth.Over(bare)))
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-order", "7")
	if _, err := rpcpb.NewDomainServiceClient(grpcauth.Conn(client, bare)).GetVersion(ctx, &rpcpb.GetVersionRequest{}); err != nil {
		t.Fatal(err)
	}
	if o.count("login") != 1 || o.count("order at login") != 0 {
		t.Errorf("counts: %v", o.counts)
	}
}

func TestUnaryCallIsMadeOnceMore(t *testing.T) {
	t.Parallel()
	o, options := start(t)
	bare := dial(t, "127.0.0.1:20109", options...)
	client := newClient(t, password(grpcauth.Over(bare)))
	conn := dial(t, "127.0.0.1:20109", append(options, grpcauth.DialOptions(client)...)...)
	domain := rpcpb.NewDomainServiceClient(conn)
	if err := client.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.rejectAll()
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := domain.GetVersion(t.Context(), &rpcpb.GetVersionRequest{}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := o.count("login"); got != 2 {
		t.Errorf("%d logins, want the first and one more", got)
	}
	if got := o.count("renew"); got != 0 {
		t.Errorf("%d renewals with a token that the server rejects", got)
	}
}

func TestStreamIsNotRepeatedButTheNextHasANewToken(t *testing.T) {
	t.Parallel()
	o, options := start(t)
	bare := dial(t, "127.0.0.1:20109", options...)
	client := newClient(t, password(grpcauth.Over(bare)))
	conn := grpcauth.Conn(client, bare)
	tick := func() error {
		stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, "/test.Ticks/Tick")
		if err != nil {
			return err
		}
		if err := stream.SendMsg(&rpcpb.GetVersionRequest{}); err != nil {
			return err
		}
		if err := stream.CloseSend(); err != nil {
			return err
		}
		return stream.RecvMsg(new(rpcpb.GetVersionResponse))
	}
	if err := tick(); err != nil {
		t.Fatal(err)
	}
	o.rejectAll()
	if err := tick(); status.Code(err) != codes.Unauthenticated {
		t.Fatalf("got %v, want UNAUTHENTICATED", err)
	}
	if err := tick(); err != nil {
		t.Errorf("the next stream: %v", err)
	}
}

func TestStatusOfAFailedLogin(t *testing.T) {
	t.Parallel()
	_, options := start(t)
	for name, c := range map[string]struct {
		dialect func(bare *grpc.ClientConn) sdk.Dialect
		want    codes.Code
	}{
		"wrong password": {func(bare *grpc.ClientConn) sdk.Dialect {
			return rpc.Password("root", sdk.NewSecret("wrong"), grpcauth.Over(bare))
		}, codes.Unauthenticated},
		"nobody listens": {func(*grpc.ClientConn) sdk.Dialect { return password() }, codes.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bare := dial(t, "127.0.0.1:20109", options...)
			client := newClient(t, c.dialect(bare))
			_, err := rpcpb.NewDomainServiceClient(grpcauth.Conn(client, bare)).GetVersion(t.Context(), &rpcpb.GetVersionRequest{})
			if status.Code(err) != c.want {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	bare := dial(t, "127.0.0.1:20109", options...)
	client := newClient(t, password(grpcauth.Over(bare)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := rpcpb.NewDomainServiceClient(grpcauth.Conn(client, bare)).GetVersion(ctx, &rpcpb.GetVersionRequest{}); status.Code(err) != codes.Canceled {
		t.Errorf("with a cancelled context: %v, want CANCELED", err)
	}
}
