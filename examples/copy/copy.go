package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/go-resty/resty/v2"

	"github.com/dragoman-auth/dragoman/sdk"
)

// item is an entry of the source, and object one of the target.
type (
	item struct {
		ID    int    `json:"id"`
		Name  string `json:"name"`
		Price string `json:"price"`
	}
	object struct {
		Name  string `json:"name"`
		Model string `json:"model"`
	}
)

// copyAll copies what the target does not have. Neither a token that ends meanwhile nor
// one that is rejected concerns it: the clients see to that.
func copyAll(ctx context.Context, source, target *sdk.Client, out io.Writer) error {
	var there []object
	if err := answer(target.R(ctx).SetResult(&there).Get("/api/v1/objects")); err != nil {
		return fmt.Errorf("list the target: %w", err)
	}
	known := map[string]bool{}
	for _, o := range there {
		known[o.Name] = true
	}

	var items []item
	if err := answer(source.R(ctx).SetResult(&items).Get("/items")); err != nil {
		return fmt.Errorf("list the source: %w", err)
	}
	copied := 0
	for _, listed := range items {
		if known[listed.Name] {
			continue
		}
		var whole item
		if err := answer(source.R(ctx).SetResult(&whole).Get("/items/" + strconv.Itoa(listed.ID))); err != nil {
			return fmt.Errorf("read item %d: %w", listed.ID, err)
		}
		// A POST is sent again only where the server has rejected its token. After any
		// other failure nobody knows whether the object is there: the next run looks.
		made := object{Name: whole.Name, Model: "price " + whole.Price}
		if err := answer(target.R(ctx).SetBody(made).Post("/api/v1/objects")); err != nil {
			return fmt.Errorf("write %q: %w", whole.Name, err)
		}
		copied++
		fmt.Fprintln(out, "copied", whole.Name)
	}
	fmt.Fprintf(out, "%d copied, %d were there\n", copied, len(items)-copied)
	return nil
}

// answer makes an error of an answer that is none of success, with the words of the SDK.
func answer(response *resty.Response, err error) error {
	if err != nil || response.IsSuccess() {
		return err
	}
	cause := sdk.ErrProtocol
	switch status := response.StatusCode(); {
	case status == http.StatusUnauthorized:
		cause = sdk.ErrRefused
	case status == http.StatusForbidden:
		cause = sdk.ErrForbidden
	case status == http.StatusNotFound:
		cause = sdk.ErrNotFound
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		cause = sdk.ErrUnavailable
	}
	return fmt.Errorf("%s: %w", response.Status(), cause)
}
