// Command scoped logs in, issues a token that may only read objects, uses it,
// and revokes it.
//
//	dragoman serve --demo &
//	go run ./examples/scoped
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
	"github.com/dragoman-auth/dragoman/sdk/scoped"
)

func main() {
	url := flag.String("url", "http://127.0.0.1:8080", "address of the platform")
	username := flag.String("username", "root", "who logs in")
	flag.Parse()
	password := sdk.NewSecret(cmp.Or(os.Getenv("PASSWORD"), "root"))
	if err := run(context.Background(), *url, *username, password, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, url, username string, password sdk.Secret, out io.Writer) error {
	owner, err := sdk.New(url, scoped.Password(username, password, scoped.WithLifetime("12 hours")))
	if err != nil {
		return err
	}
	defer owner.Close(ctx)

	// A token for somebody else: short, named, and good for one thing only.
	issued, err := scoped.Of(owner).Issue(ctx, scoped.IssueRequest{
		Name:   "reader",
		Life:   "30 minutes",
		Scopes: []string{"GET /objects", "GET /objects/:id"},
	})
	if err != nil {
		return err
	}

	reader, err := sdk.New(url, scoped.Static(issued.Token))
	if err != nil {
		return err
	}
	defer reader.Stop(ctx) // Stop leaves the token alive; Close would revoke it
	for _, path := range []string{"/api/v1/objects/42", "/api/v1/geofences"} {
		response, err := reader.R(ctx).Get(path)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, path, response.StatusCode())
	}

	return scoped.Of(owner).Revoke(ctx, issued.ID)
}
