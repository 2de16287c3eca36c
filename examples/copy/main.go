// Command copy copies the items of one back office, which speaks the form dialect, to
// another one, which speaks scoped. What is there already is not copied again, so a
// second run goes on where the first one has stopped.
//
//	dragoman serve --demo &
//	go run ./examples/copy
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
)

// account is where a back office is, and who logs in.
type account struct {
	url, login string
	password   sdk.Secret
}

func main() {
	var from, to account
	flag.StringVar(&from.url, "from", "http://127.0.0.1:8080", "back office to copy from (form)")
	flag.StringVar(&from.login, "from-login", "root", "who logs in there; the password is in FROM_PASSWORD")
	flag.StringVar(&to.url, "to", "http://127.0.0.1:8080", "back office to copy to (scoped)")
	flag.StringVar(&to.login, "to-login", "root", "who logs in there; the password is in TO_PASSWORD")
	flag.Parse()
	from.password = sdk.NewSecret(cmp.Or(os.Getenv("FROM_PASSWORD"), "root"))
	to.password = sdk.NewSecret(cmp.Or(os.Getenv("TO_PASSWORD"), "root"))

	// Ctrl-C ends ctx, and with it what is under way; run then logs out.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, from, to, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "copy:", err)
		os.Exit(exitCode(err))
	}
}

// exitCode tells errors apart for whoever starts the program.
func exitCode(err error) int {
	switch {
	case errors.Is(err, context.Canceled):
		return 130 // as shells have it for Ctrl-C
	case errors.Is(err, sdk.ErrRefused), errors.Is(err, sdk.ErrForbidden):
		return 2 // a person has to act: the password, or the rights of the account
	case errors.Is(err, sdk.ErrUnavailable):
		return 3 // start it again later
	default:
		return 1
	}
}

func run(ctx context.Context, from, to account, out io.Writer) (err error) {
	source, err := sdk.New(from.url, form.Password(from.login, from.password), sdk.WithRetry(3))
	if err != nil {
		return err
	}
	// Close logs out, also when ctx has ended.
	defer func() { err = errors.Join(err, source.Close(ctx)) }()

	// The token may do what this program does, and nothing else.
	target, err := sdk.New(to.url, scoped.Password(to.login, to.password,
		scoped.WithScopes("GET /objects", "POST /objects", "DELETE /tokens/:id")), sdk.WithRetry(3))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close(ctx)) }()
	return copyAll(ctx, source, target, out)
}
