// Command rpc logs in once and calls the same service over HTTP and over gRPC.
//
//	dragoman serve --demo &
//	go run ./examples/rpc
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/grpcauth"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
)

func main() {
	url := flag.String("url", "http://127.0.0.1:8080", "address of the web server")
	address := flag.String("grpc", "127.0.0.1:9090", "address of direct gRPC")
	user := flag.String("user", "root", "who logs in")
	flag.Parse()
	password := sdk.NewSecret(cmp.Or(os.Getenv("PASSWORD"), "root"))
	if err := run(context.Background(), *url, *address, *user, password, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, url, address, user string, password sdk.Secret, out io.Writer) error {
	client, err := sdk.New(url, rpc.Password(user, password))
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
	conn, err := grpc.NewClient(address, options...)
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
