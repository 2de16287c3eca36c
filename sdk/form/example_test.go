package form_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/wiretest"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
)

func ExamplePassword() {
	// A server that answers as documented.
	server := wiretest.New(
		wiretest.JSON(`{"token":"9f8h9","validTo":"2026-12-21 10:00:00","user":"me"}`),
		wiretest.JSON(`[{"name":"lamp"}]`),
		wiretest.Answer{Status: http.StatusNoContent},
	)
	client, err := sdk.New("https://shop.example", form.Password("me", sdk.NewSecret("..."), form.WithLongToken()),
		sdk.WithHTTPTransport(memhttp.Transport(server)))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	response, err := client.R(ctx).Get("/items")
	fmt.Println(response.StatusCode(), response, err)
	fmt.Println(client.Close(ctx))
	// Output:
	// 200 [{"name":"lamp"}] <nil>
	// <nil>
}
