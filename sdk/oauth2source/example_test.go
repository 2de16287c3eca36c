package oauth2source_test

import (
	"context"
	"fmt"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/oauth2source"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
)

func ExampleNew() {
	client, err := sdk.New("https://iot.example", scoped.Static(sdk.NewSecret("a-token")))
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := oauth2source.New(context.Background(), client).Token()
	fmt.Println(token.AccessToken, token.TokenType, err)
	// Output: a-token Bearer <nil>
}
