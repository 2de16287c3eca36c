package grpcauth_test

import (
	"context"
	"maps"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/grpcauth"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// named is a channel whose server gives tokens a name of the test's choice.
type named string

func (n named) Authenticate(context.Context, string, wire.RPCCredentials) (wire.RPCAuthentication, error) {
	return wire.RPCAuthentication{TokenName: string(n), TokenValue: "the-token"}, nil
}

func (n named) Renew(context.Context, string, sdk.Token) (wire.RPCAuthentication, error) {
	return wire.RPCAuthentication{}, sdk.ErrUnsupported
}

func (n named) Close(context.Context, string, sdk.Token) (wire.RPCClosed, error) {
	return wire.RPCClosed{}, nil
}

func (n named) AuthenticateBySecondFactor(context.Context, string, wire.RPCSecondFactorAnswer) (wire.RPCAuthentication, error) {
	return wire.RPCAuthentication{}, sdk.ErrUnsupported
}

func (n named) GetSessionInfo(context.Context, string, sdk.Token) (wire.RPCSessionInfo, error) {
	return wire.RPCSessionInfo{}, sdk.ErrUnsupported
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		dialect sdk.Dialect
		want    map[string]string // nil: an error
	}{
		"its name":          {password(rpc.WithChannel(named("auth_token"))), map[string]string{"auth_token": "the-token"}},
		"in capitals":       {password(rpc.WithChannel(named("X-Token"))), map[string]string{"x-token": "the-token"}},
		"no name":           {password(rpc.WithChannel(named(""))), map[string]string{"authorization": "Bearer the-token"}},
		"a name of gRPC":    {password(rpc.WithChannel(named("grpc-token"))), nil},
		"a name with space": {password(rpc.WithChannel(named("auth token"))), nil},
		"a pseudo header":   {password(rpc.WithChannel(named(":authority"))), nil},
		"another dialect":   {session.APIKey(sdk.NewSecret("the-key")), map[string]string{"x-api-key": "the-key"}},
	} {
		got, err := grpcauth.Credentials(newClient(t, c.dialect)).GetRequestMetadata(t.Context(), "https://127.0.0.1:20109/service")
		if !maps.Equal(got, c.want) || (err == nil) != (c.want != nil) || err != nil && status.Code(err) != codes.Unauthenticated {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
