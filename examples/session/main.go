// Command session logs in with an e-mail address and a password, lists the
// users, shows its own sessions, and logs out.
//
//	dragoman serve --demo &
//	go run ./examples/session
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

func main() {
	url := flag.String("url", "http://127.0.0.1:8080", "address of the back office")
	email := flag.String("email", "root@example.com", "who logs in")
	flag.Parse()
	password := sdk.NewSecret(cmp.Or(os.Getenv("PASSWORD"), "root"))
	if err := run(context.Background(), *url, *email, password, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, url, email string, password sdk.Secret, out io.Writer) error {
	client, err := sdk.New(url, session.Password(email, password))
	if err != nil {
		return err
	}
	defer client.Close(ctx) // this dialect has no logout: the token runs out

	// The first call logs in. From here on the token is kept fresh.
	var users []struct {
		Email string `json:"email"`
	}
	response, err := client.R(ctx).SetResult(&users).Get("/users")
	if err != nil {
		return err
	}
	if response.IsError() {
		return fmt.Errorf("list users: %s", response.Status())
	}
	for _, user := range users {
		fmt.Fprintln(out, "user", user.Email)
	}

	sessions, err := session.Of(client).List(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "sessions of", sessions[0].User+":", len(sessions))
	return nil
}
