package grpcauth_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/grpcauth"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
)

func TestOverNeedsAConnection(t *testing.T) {
	t.Parallel()
	for what, option := range map[string]rpc.Option{"nil": grpcauth.Over(nil), "a nil pointer": grpcauth.Over((*grpc.ClientConn)(nil), nil)} {
		if _, err := sdk.New("https://vms.example", rpc.Password("root", sdk.NewSecret("root"), option)); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("%s: %v, want ErrConfig", what, err)
		}
	}
}

func TestWhatAServerQuotesStaysOutOfErrors(t *testing.T) {
	t.Parallel()
	_, options := start(t)
	bare := dial(t, "127.0.0.1:20109", options...)
	client := newClient(t, rpc.Password("root", sdk.NewSecret("quoted-password"), grpcauth.Over(bare)))
	err := client.Login(t.Context())
	var e *sdk.Error
	if !errors.As(err, &e) || !e.Temporary || e.Code != "INTERNAL" {
		t.Errorf("got %v, want a temporary error with the code of INTERNAL", err)
	}
	_, callErr := rpcpb.NewDomainServiceClient(grpcauth.Conn(client, bare)).GetVersion(t.Context(), &rpcpb.GetVersionRequest{})
	for _, err := range []error{err, callErr} {
		if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, "quoted-password") {
			t.Errorf("the password is printed: %s", text)
		}
	}
}

func TestNothingTravelsInClearToOthers(t *testing.T) {
	t.Parallel()
	o, options := start(t)
	bare := dial(t, "elsewhere.example:20109", options...)
	client := newClient(t, password(grpcauth.Over(bare)))
	err := client.Login(t.Context())
	if !errors.Is(err, sdk.ErrConfig) || o.count("login") != 0 {
		t.Errorf("a login in clear: %v after %d logins", err, o.count("login"))
	}
	trusting := newClient(t, password(grpcauth.Over(bare, grpcauth.WithAllowPlaintext())))
	if err := trusting.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = rpcpb.NewDomainServiceClient(grpcauth.Conn(trusting, bare)).GetVersion(t.Context(), &rpcpb.GetVersionRequest{})
	if status.Code(err) != codes.Unauthenticated || o.count("denied") != 0 || o.count("login") != 1 {
		t.Errorf("a call in clear: %v; counts %v", err, o.counts)
	}
	plain, err := sdk.New("http://elsewhere.example", password(grpcauth.Over(bare)), sdk.WithAllowPlaintext())
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Login(t.Context()); !errors.Is(err, sdk.ErrConfig) || o.count("login") != 1 {
		t.Errorf("an option about HTTP let a login travel in clear: %v", err)
	}
	if _, err := rpcpb.NewDomainServiceClient(grpcauth.Conn(trusting, bare, grpcauth.WithAllowPlaintext())).GetVersion(t.Context(), &rpcpb.GetVersionRequest{}); err != nil {
		t.Errorf("a call that is allowed in clear: %v", err)
	}
}

func TestAnErrorIsAStatusAndTheClients(t *testing.T) {
	t.Parallel()
	o, options := start(t)
	bare := dial(t, "127.0.0.1:20109", options...)
	slow := grpc.WithChainUnaryInterceptor(func(ctx context.Context, _ string, _, _ any, _ *grpc.ClientConn, _ grpc.UnaryInvoker, _ ...grpc.CallOption) error {
		<-ctx.Done()
		return status.FromContextError(ctx.Err()).Err()
	})
	for name, c := range map[string]struct {
		dialect sdk.Dialect
		code    codes.Code
		cause   error
		timeout bool
	}{
		"wrong password": {rpc.Password("root", sdk.NewSecret("wrong"), grpcauth.Over(bare)), codes.Unauthenticated, sdk.ErrRefused, false},
		"nobody listens": {password(), codes.Unavailable, sdk.ErrUnavailable, false},
		"too late":       {password(grpcauth.Over(dial(t, "127.0.0.1:20109", append(options, slow)...))), codes.DeadlineExceeded, context.DeadlineExceeded, true},
	} {
		client := newClient(t, c.dialect)
		conn := grpcauth.Conn(client, bare)
		ctx, cancel := context.WithCancel(t.Context())
		if c.timeout {
			ctx, cancel = context.WithTimeout(ctx, 300*time.Millisecond)
		}
		_, unary := rpcpb.NewDomainServiceClient(conn).GetVersion(ctx, &rpcpb.GetVersionRequest{})
		_, stream := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/test.Ticks/Tick")
		alone := dial(t, "127.0.0.1:20109", append(options, grpc.WithPerRPCCredentials(grpcauth.Credentials(client)))...)
		_, credentials := rpcpb.NewDomainServiceClient(alone).GetVersion(ctx, &rpcpb.GetVersionRequest{})
		cancel()
		for kind, err := range map[string]error{"unary": unary, "stream": stream, "credentials": credentials} {
			if c.timeout && kind == "credentials" {
				continue // gRPC notices the end by itself
			}
			var e *sdk.Error
			if status.Code(err) != c.code || !errors.Is(err, c.cause) || errors.As(err, &e) == c.timeout || os.IsTimeout(err) != c.timeout {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
		}
	}
	if o.count("denied") != 0 {
		t.Errorf("counts: %v", o.counts)
	}
}

func TestWhyThereIsNoConnectionOfGRPC(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options []grpc.DialOption
		cause   string
	}{
		"nobody there": {[]grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}, "connection refused"},
		"no handshake": {[]grpc.DialOption{grpc.WithTransportCredentials(credentials.NewTLS(nil)), grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			return ours, theirs.Close()
		})}, "handshake"},
	} {
		client := newClient(t, password(grpcauth.Over(dial(t, "127.0.0.1:1", c.options...))))
		err := client.Login(t.Context())
		var e *sdk.Error
		if !errors.As(err, &e) || e.OutcomeUnknown || !e.Temporary || e.Code != "UNAVAILABLE" || !strings.Contains(err.Error(), c.cause) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAUserNameWithAColon(t *testing.T) {
	t.Parallel()
	_, options := start(t)
	dialect := rpc.Password("ro:ot", sdk.NewSecret("x"), grpcauth.Over(dial(t, "127.0.0.1:20109", options...)))
	if err := newClient(t, dialect).Login(t.Context()); !errors.Is(err, sdk.ErrRefused) {
		t.Errorf("got %v, want the server's refusal", err)
	}
}

func TestASecondFactorAndInspectOverGRPC(t *testing.T) {
	t.Parallel()
	o, options := start(t)
	bare := dial(t, "127.0.0.1:20109", options...)
	for code, want := range map[string]string{"123456": "", "0": "AUTHENTICATE_CODE_TFA_WRONG_CODE"} {
		client := newClient(t, rpc.Password("careful", sdk.NewSecret("x"), grpcauth.Over(bare), rpc.WithSecondFactor(func(_ context.Context, challenge rpc.Challenge) (string, error) {
			if challenge.Session.Reveal() != "s-1" || challenge.Kind != "SUPERVISOR" || challenge.Expires.IsZero() {
				t.Errorf("the challenge is %+v", challenge)
			}
			return code, nil
		})))
		err := client.Login(t.Context())
		var e *sdk.Error
		if (err == nil) != (want == "") || err != nil && (!errors.As(err, &e) || e.Code != want) {
			t.Errorf("with %s: %v", code, err)
		}
		if err != nil {
			continue
		}
		if token, err := client.Inspect(t.Context()); err != nil || token.Subject != "root" || token.Life() <= 0 {
			t.Errorf("inspect: %v, %v", token, err)
		}
		o.rejectAll()
		if _, err := client.Inspect(t.Context()); !errors.Is(err, sdk.ErrRefused) {
			t.Errorf("inspect a dead token: %v", err)
		}
	}
	if err := newClient(t, rpc.Password("careful", sdk.NewSecret("x"), grpcauth.Over(bare))).Login(t.Context()); !errors.Is(err, rpc.ErrSecondFactor) {
		t.Errorf("nobody to ask: %v", err)
	}
}
