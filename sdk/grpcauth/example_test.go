package grpcauth_test

import (
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/grpcauth"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
)

func ExampleConn() {
	tls := credentials.NewTLS(nil) // the system's certificate authorities
	bare, err := grpc.NewClient("vms.example:20109", grpc.WithTransportCredentials(tls))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = bare.Close() }()
	client, err := sdk.New("https://vms.example:20109", rpc.Password("root", sdk.NewSecret("..."), grpcauth.Over(bare)))
	if err != nil {
		fmt.Println(err)
		return
	}
	conn := grpcauth.Conn(client, bare) // for generated clients, as in rpcpb.NewDomainServiceClient(conn)
	fmt.Println(client, conn != nil)
	// Output: client of https://vms.example:20109 in dialect rpc true
}

func ExampleDialOptions() {
	client, err := sdk.New("https://vms.example", rpc.Password("root", sdk.NewSecret("...")))
	if err != nil {
		fmt.Println(err)
		return
	}
	tls := credentials.NewTLS(nil)
	conn, err := grpc.NewClient("vms.example:20109", append(grpcauth.DialOptions(client), grpc.WithTransportCredentials(tls))...)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(conn.Target(), conn.Close())
	// Output: vms.example:20109 <nil>
}

// Log in over a gRPC connection, and use the token over HTTP too.
func ExampleOver() {
	conn, err := grpc.NewClient("vms.example:20109", grpc.WithTransportCredentials(credentials.NewTLS(nil)))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = conn.Close() }()
	client, err := sdk.New("https://vms.example", rpc.Password("root", sdk.NewSecret("..."), grpcauth.Over(conn)))
	fmt.Println(client, err)
	// Output: client of https://vms.example in dialect rpc <nil>
}
