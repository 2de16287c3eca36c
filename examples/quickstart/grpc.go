package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/grpcauth"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
)

// overGRPC speaks direct gRPC alone: the login is a call, too. It shows what failed
// calls look like.
func overGRPC(ctx context.Context, at office, out io.Writer) error {
	// One connection for all. Without TLS, passwords and tokens go to loopback only.
	bare, err := grpc.NewClient(at.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer bare.Close()

	client, err := sdk.New(at.url, rpc.Password(at.user, at.password, grpcauth.Over(bare)))
	if err != nil {
		return err
	}
	defer client.Close(ctx)
	domain := rpcpb.NewDomainServiceClient(grpcauth.Conn(client, bare)) // in your program: your own generated client
	limited, cancel := context.WithTimeout(ctx, 5*time.Second)          // for login and call together
	defer cancel()
	version, err := domain.GetVersion(limited, &rpcpb.GetVersionRequest{})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "version", version.GetVersion())

	// A deadline that has passed: a status, and nothing was sent.
	late, cancel := context.WithDeadline(ctx, time.Unix(0, 0))
	defer cancel()
	_, err = domain.GetVersion(late, &rpcpb.GetVersionRequest{})
	fmt.Fprintln(out, "late:", status.Code(err))

	// A login that fails: a status, and the *sdk.Error of the login in it.
	wrong, err := sdk.New(at.url, rpc.Password(at.user, sdk.NewSecret("not the password"), grpcauth.Over(bare)))
	if err != nil {
		return err
	}
	defer wrong.Close(ctx)
	_, err = rpcpb.NewDomainServiceClient(grpcauth.Conn(wrong, bare)).GetVersion(ctx, &rpcpb.GetVersionRequest{})
	fmt.Fprintln(out, "wrong password:", status.Code(err), "refused:", errors.Is(err, sdk.ErrRefused))
	var failure *sdk.Error
	if errors.As(err, &failure) {
		fmt.Fprintln(out, failure.Op, "failed with", failure.Code, "temporary:", failure.Temporary)
	}
	return nil
}
