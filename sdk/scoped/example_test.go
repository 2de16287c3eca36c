package scoped_test

import (
	"context"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/wiretest"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
)

func ExampleAPI_Issue() {
	// A server that answers as documented.
	server := wiretest.New(
		wiretest.JSON(`{"_id":"66a66b2207dfcec6494cd618","issuedAt":1722182434022,"expiresAt":1722268834022,"user":{"name":"me"},"token":"t1"}`),
		wiretest.JSON(`{"_id":"66a64c586a8ed41e84ece92b","issuedAt":1722182434022,"expiresAt":1722787234022,"user":{"name":"me"},"token":"eyJ..."}`),
		wiretest.JSON(`{"success":true}`),
	)
	client, err := sdk.New("https://iot.example", scoped.Password("me", sdk.NewSecret("...")), sdk.WithHTTPTransport(memhttp.Transport(server)))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	token, err := scoped.Of(client).Issue(ctx, scoped.IssueRequest{Life: "7 days", Name: "reader", Scopes: []string{"GET /objects"}})
	fmt.Println(token.ID, token.Token, err)
	fmt.Println(client.Close(ctx))
	// Output:
	// 66a64c586a8ed41e84ece92b [redacted] <nil>
	// <nil>
}
