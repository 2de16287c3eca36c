// Command quickstart logs in to a back office and calls it, in the dialect that its
// argument names: session, form, rpc, scoped, or grpc, which is rpc without HTTP.
//
//	dragoman serve --demo &
//	go run ./examples/quickstart session
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
)

// office is where the back office is, and who logs in.
type office struct {
	url, grpc, user string
	password        sdk.Secret
}

// starts are the quick starts; each stands in the file of its name.
var starts = map[string]func(ctx context.Context, at office, out io.Writer) error{
	"session": overSession, "form": overForm, "rpc": overRPC, "grpc": overGRPC, "scoped": overScoped,
}

func main() {
	var at office
	flag.StringVar(&at.url, "url", "http://127.0.0.1:8080", "address of the back office")
	flag.StringVar(&at.grpc, "grpc", "127.0.0.1:9090", "address of its gRPC, for rpc and grpc")
	flag.StringVar(&at.user, "user", "", "who logs in (default root@example.com for session, else root)")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: quickstart [flags] session|form|rpc|grpc|scoped")
		flag.PrintDefaults()
	}
	flag.Parse()
	start, found := starts[flag.Arg(0)]
	if !found || flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if at.user == "" {
		at.user = map[string]string{"session": "root@example.com"}[flag.Arg(0)]
		at.user = cmp.Or(at.user, "root")
	}
	at.password = sdk.NewSecret(cmp.Or(os.Getenv("PASSWORD"), "root"))
	if err := start(context.Background(), at, os.Stdout); err != nil {
		log.Fatal(err)
	}
}
