// Command tokencli lists the items of a back office (form dialect). It logs in once and
// keeps the token for later runs, in a directory or in the keyring of the platform.
//
//	dragoman serve --demo &
//	PASSWORD=root go run ./examples/tokencli items
//	go run ./examples/tokencli items
//	go run ./examples/tokencli logout
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/filestore"
	"github.com/dragoman-auth/dragoman/sdk/form"
	"github.com/dragoman-auth/dragoman/sdk/keyringstore"
)

const name = "tokencli"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	url := flags.String("url", "http://127.0.0.1:8080", "address of the back office")
	login := flags.String("login", "root", "who logs in; the password is in PASSWORD")
	dir := flags.String("dir", "", "directory of the tokens (default one of the user's)")
	keyring := flags.Bool("keyring", false, "keep the token in the keyring of the platform")
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "usage: %s [flags] items|logout\n", name)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}

	store, err := open(*dir, *keyring)
	if err != nil {
		return err
	}
	dialect := form.PasswordFunc(*login, password, form.WithLongToken()) // 30 days
	client, err := sdk.New(*url, dialect, sdk.WithStore(store))
	if err != nil {
		return err
	}
	// Stop and not Close: Close would end the token, and it is for the next run.
	defer func() { err = errors.Join(err, client.Stop(ctx)) }()

	switch flags.Arg(0) {
	case "items":
		return items(ctx, client, out)
	case "logout":
		return client.Logout(ctx) // ends the token, and removes it from the store
	default:
		flags.Usage()
		return flag.ErrHelp
	}
}

// open opens the store. Processes that share one share the token.
func open(dir string, keyring bool) (sdk.Store, error) {
	if keyring {
		return keyringstore.New(name)
	}
	if dir == "" {
		parent, err := os.UserConfigDir()
		if err != nil {
			return nil, err
		}
		dir = filepath.Join(parent, name)
	}
	return filestore.New(dir)
}

// password is asked for only where a login is needed. A program for people would ask at
// the terminal here.
func password(context.Context) (sdk.Secret, error) {
	text := os.Getenv("PASSWORD")
	if text == "" {
		return sdk.Secret{}, errors.New("a login is needed: set PASSWORD")
	}
	return sdk.NewSecret(text), nil
}

func items(ctx context.Context, client *sdk.Client, out io.Writer) error {
	var items []struct{ Name, Price string }
	response, err := client.R(ctx).SetResult(&items).Get("/items")
	if err != nil {
		return err
	}
	if response.IsError() {
		return fmt.Errorf("list items: %s", response.Status())
	}
	for _, item := range items {
		fmt.Fprintln(out, item.Name, item.Price)
	}
	return nil
}
