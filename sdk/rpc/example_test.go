package rpc_test

import (
	"context"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/wiretest"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
)

func ExampleAPI_Call() {
	// A server that answers as documented.
	server := wiretest.New(
		wiretest.JSON(`{"token_name":"auth_token","token_value":"eyJ...","expires_at":"20991112T144147","is_unrestricted":true,"user_id":"328e","roles_ids":[],"error_code":"AUTHENTICATE_CODE_OK"}`),
		wiretest.JSON(`{"version":"5.0"}`),
		wiretest.JSON(`{"error_code":"OK"}`),
	)
	client, err := sdk.New("https://vms.example", rpc.Password("root", sdk.NewSecret("...")), sdk.WithHTTPTransport(memhttp.Transport(server)))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	var version struct{ Version string }
	err = rpc.Of(client).Call(ctx, "axxonsoft.bl.domain.DomainService.GetVersion", nil, &version)
	fmt.Println(version.Version, err)
	fmt.Println(client.Close(ctx))
	// Output:
	// 5.0 <nil>
	// <nil>
}
