package main

import (
	"context"
	"fmt"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/grpcauth"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
)

// overRPC logs in once and calls the same service over HTTP and over gRPC.
func overRPC(ctx context.Context, at office, out io.Writer) error {
	client, err := sdk.New(at.url, rpc.Password(at.user, at.password))
	if err != nil {
		return err
	}
	defer client.Close(ctx) // closes the session on both transports

	// Over HTTP: {"method": ..., "data": ...}.
	var version struct {
		Version string `json:"version"`
	}
	err = rpc.Of(client).Call(ctx, "axxonsoft.bl.domain.DomainService.GetVersion", nil, &version)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "version", version.Version)

	// Over gRPC, with the same token. Without TLS, tokens go to loopback only.
	options := append(grpcauth.DialOptions(client), grpc.WithTransportCredentials(insecure.NewCredentials()))
	conn, err := grpc.NewClient(at.grpc, options...)
	if err != nil {
		return err
	}
	defer conn.Close()
	cameras, err := rpcpb.NewDomainServiceClient(conn).ListCameras(ctx, &rpcpb.ListCamerasRequest{})
	if err != nil {
		return err
	}
	for _, camera := range cameras.GetItems() {
		fmt.Fprintln(out, "camera", camera.GetDisplayName())
	}
	return nil
}
