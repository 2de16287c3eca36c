package sdk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

func ExampleNew() {
	client, err := sdk.New("https://demo.back-office.pro", session.Password("me@example.com", sdk.NewSecret("...")))
	fmt.Println(client, err)
	_, err = sdk.New("http://demo.back-office.pro", session.Password("me@example.com", sdk.NewSecret("...")))
	fmt.Println(err)
	// Output:
	// client of https://demo.back-office.pro in dialect session <nil>
	// new client: base URL http://demo.back-office.pro would send credentials in clear; use https, or sdk.WithAllowPlainHTTP: bad configuration
}

func ExampleSecret() {
	secret := sdk.NewSecret("hunter2")
	fmt.Println(secret, len(secret.Reveal()))
	fmt.Printf("%+v\n", struct{ Password sdk.Secret }{secret})
	// Output:
	// [redacted] 7
	// {Password:[redacted]}
}

func ExampleError() {
	office := fakeoffice.New()
	client, err := sdk.New("https://office.example", session.Password("me@example.com", sdk.NewSecret("wrong")), sdk.WithHTTPTransport(fakeoffice.Transport(office)))
	if err != nil {
		fmt.Println(err)
		return
	}
	err = client.Login(context.Background())
	var e *sdk.Error
	if errors.As(err, &e) {
		fmt.Println(e.Op, e.Status, e.Temporary, errors.Is(err, sdk.ErrRefused))
	}
	fmt.Println(err)
	// Output:
	// login 401 false true
	// session login: refused: the server answered 401 Unauthorized to POST /sessions
}
