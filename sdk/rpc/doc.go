// Package rpc speaks the dialect of {"method", "data"} over HTTP: a login with
// Basic authorization and credentials obtains a JSON Web Token, which is renewed
// while it is active and closed at the end:
//
//	client, err := sdk.New("https://vms.example", rpc.Password("root", sdk.NewSecret("...")))
//	err = rpc.Of(client).Call(ctx, "axxonsoft.bl.domain.DomainService.GetVersion", nil, &version)
//
// The same service over direct gRPC is in package grpcauth, whose Over option
// also makes [Password] log in that way; this package does not link gRPC. How
// tokens are kept is the business of package sdk.
package rpc
