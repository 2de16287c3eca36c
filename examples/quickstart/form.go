package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
)

// overForm logs in by an HTML form for 30 days, reads the items with a plain
// *http.Client, and extends and deletes its token.
func overForm(ctx context.Context, at office, out io.Writer) error {
	client, err := sdk.New(at.url, form.Password(at.user, at.password, form.WithLongToken()))
	if err != nil {
		return err
	}
	defer client.Close(ctx)

	// Any code that takes an *http.Client works; X-Auth-Bearer is set for it.
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.url+"/items", nil)
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
