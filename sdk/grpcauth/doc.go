// Package grpcauth presents the tokens of an [sdk.Client] on gRPC connections,
// and lets the rpc dialect log in over one.
//
// With a connection of its own for the login:
//
//	client, err := sdk.New("https://vms.example", rpc.Password("root", sdk.NewSecret("...")))
//	conn, err := grpc.NewClient("vms.example:20109", append(grpcauth.DialOptions(client), grpc.WithTransportCredentials(tls))...)
//
// With one connection for everything, and no HTTP at all:
//
//	bare, err := grpc.NewClient("vms.example:20109", grpc.WithTransportCredentials(tls))
//	client, err := sdk.New("https://vms.example:20109", rpc.Password("root", sdk.NewSecret("..."), grpcauth.Over(bare)))
//	conn := grpcauth.Conn(client, bare)
//
// A unary call that is answered UNAUTHENTICATED is made once more with the next
// token. A stream is not: its token is taken out of use, and the next stream
// gets another. Passwords and tokens travel on encrypted connections only, but
// for those to this machine; see [WithAllowPlaintext]. Options of package sdk
// that concern HTTP mean nothing here.
package grpcauth
