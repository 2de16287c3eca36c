package sdk_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/dragoman-auth/dragoman/mockserver"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/grpcauth"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
)

// TestAnAuthenticatorAtTheReference logs in with a code over both transports of the
// reference that can ask for one, and inspects the token.
func TestAnAuthenticatorAtTheReference(t *testing.T) {
	t.Parallel()
	const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	mock := mockserver.New(t, mockserver.WithDialects("rpc"), mockserver.WithAccount(mockserver.Account{Login: "ann", Password: "ann-password", TOTPSecret: secret}))
	conn, err := grpc.NewClient(mock.GRPCAddr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	ask := rpc.WithSecondFactor(func(_ context.Context, c rpc.Challenge) (string, error) {
		if c.Kind != "GOOGLE_AUTHENTICATOR" || !c.Expires.After(time.Now()) {
			t.Errorf("the challenge is %+v", c)
		}
		return totp.GenerateCode(secret, mock.Now())
	})
	password := sdk.NewSecret("ann-password")
	for name, options := range map[string][]rpc.Option{"HTTP": {ask}, "gRPC": {ask, grpcauth.Over(conn)}} {
		mock.Advance(time.Minute) // a code is accepted once
		client := clientOf(t, mock, rpc.Password("ann", password, options...))
		if err := client.Login(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	client := clientOf(t, mock, rpc.Password("ann", password))
	err = client.Login(t.Context())
	var stopped *rpc.SecondFactorError
	if !errors.Is(err, rpc.ErrSecondFactor) || !errors.Is(err, sdk.ErrRefused) || !errors.As(err, &stopped) || stopped.Challenge.Session.IsZero() {
		t.Errorf("without an option the login ends with %v", err)
	}
}
