package fleet_test

import (
	"context"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/fleet"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

func Example() {
	office := memhttp.Transport(fakeoffice.New()) // in a program: the network, without an option
	passwords := func(account string) sdk.SecretFunc {
		return func(context.Context) (sdk.Secret, error) { return sdk.NewSecret(fakeoffice.Password), nil }
	}
	f, err := fleet.New("https://office.example", func(account string) sdk.Dialect {
		return session.PasswordFunc(account, passwords(account))
	}, fleet.WithHTTPTransport(office), fleet.WithLoginNeeded(func(account string, err error) {
		fmt.Println("somebody has to log in as", account, "-", err)
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	defer func() { _ = f.Stop(ctx) }()
	for _, account := range []string{fakeoffice.User, "nobody@example.com"} {
		err := f.With(ctx, account, func(client *sdk.Client) error {
			response, err := client.R(ctx).Get("/things")
			if err == nil {
				fmt.Println(account, "is answered", response.StatusCode())
			}
			return err
		})
		if err != nil {
			fmt.Println("an error came back")
		}
	}
	// Output:
	// me@example.com is answered 200
	// somebody has to log in as nobody@example.com - session login: refused: the server answered 401 Unauthorized to POST /sessions
	// an error came back
}
