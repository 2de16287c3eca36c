package session_test

import (
	"context"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/wiretest"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

func ExamplePassword() {
	// A server that answers as documented.
	server := wiretest.New(
		wiretest.JSON(`{"token_type":"Bearer","expires_in":600,"access_token":"a","refresh_token":"r"}`),
		wiretest.JSON(`[{"name":"Ada"}]`),
	)
	client, err := sdk.New("https://demo.back-office.pro", session.Password("me@example.com", sdk.NewSecret("...")),
		sdk.WithHTTPTransport(memhttp.Transport(server)))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	defer func() { _ = client.Close(ctx) }()
	response, err := client.R(ctx).Get("/users")
	fmt.Println(response.StatusCode(), response, err)
	// Output: 200 [{"name":"Ada"}] <nil>
}

func ExampleAPIKey() {
	client, err := sdk.New("https://demo.back-office.pro", session.APIKey(sdk.NewSecret("...")))
	fmt.Println(client, err)
	// Output: client of https://demo.back-office.pro in dialect session <nil>
}

// List the sessions of the user.
func ExampleOf() {
	server := wiretest.New(
		wiretest.JSON(`{"token_type":"Bearer","expires_in":600,"access_token":"a","refresh_token":"r"}`),
		wiretest.JSON(`[{"id":"1","user_agent":"phone"},{"id":"2","user_agent":"laptop"}]`),
	)
	client, err := sdk.New("https://demo.back-office.pro", session.Password("me@example.com", sdk.NewSecret("...")),
		sdk.WithHTTPTransport(memhttp.Transport(server)))
	if err != nil {
		fmt.Println(err)
		return
	}
	sessions, err := session.Of(client).List(context.Background())
	for _, s := range sessions {
		fmt.Println(s.ID, s.UserAgent)
	}
	fmt.Println(err)
	// Output:
	// 1 phone
	// 2 laptop
	// <nil>
}
