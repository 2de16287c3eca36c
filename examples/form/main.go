// Command form logs in by an HTML form for 30 days, reads the items with a
// plain *http.Client, and extends and deletes its token.
//
//	dragoman serve --demo &
//	go run ./examples/form
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
)

func main() {
	url := flag.String("url", "http://127.0.0.1:8080", "address of the back office")
	login := flag.String("login", "root", "who logs in")
	flag.Parse()
	password := sdk.NewSecret(cmp.Or(os.Getenv("PASSWORD"), "root"))
	if err := run(context.Background(), *url, *login, password, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, url, login string, password sdk.Secret, out io.Writer) error {
	client, err := sdk.New(url, form.Password(login, password, form.WithLongToken()))
	if err != nil {
		return err
	}
	defer client.Close(ctx)

	// Any code that takes an *http.Client works; X-Auth-Bearer is set for it.
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/items", nil)
	if err != nil {
		return err
	}
	response, err := client.HTTPClient().Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var items []struct {
		Name, Price string
	}
	if err := json.NewDecoder(response.Body).Decode(&items); err != nil {
		return fmt.Errorf("list items: %s: %w", response.Status, err)
	}
	for _, item := range items {
		fmt.Fprintln(out, item.Name, item.Price)
	}

	// Extending is done for you before the token ends; this is by hand.
	before, err := form.Of(client).Validate(ctx)
	if err != nil {
		return err
	}
	after, err := form.Of(client).Extend(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "extended:", !after.Expires.Before(before.Expires))
	return form.Of(client).Delete(ctx)
}
