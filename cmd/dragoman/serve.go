package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/store/open"
)

type serveFlags struct {
	demo         bool
	listen       string
	grpc         string
	dialects     []string
	clockControl bool
	store        storeFlags
}

func newServeCommand() *cobra.Command {
	var flags serveFlags
	command := &cobra.Command{
		Use:   "serve",
		Short: "Serve the dialects: the reference server",
		Long: `serve runs the reference server: all four dialects on one HTTP listener at their
documented paths, and the rpc dialect over gRPC on another, until it is
interrupted.

Accounts are those of "dragoman account"; --demo adds two: login "root", e-mail
"root@example.com", password "root", with all rights; and login "clerk", e-mail
"clerk@example.com", password "clerk", with none. Their passwords are public, so
they are hashed cheaply; all others cost argon2id.

Sessions, tokens, keys and accounts are kept in a store. Without --store that is
an SQLite file in the data directory, for one server; several replicas share one
PostgreSQL. With --demo it is memory, which forgets at the end.`,
		Example: `  dragoman serve --demo
  curl http://127.0.0.1:8080/sessions -d '{"session":{"email":"root@example.com","password":"root"}}'
  DRAGOMAN_STORE=postgres://dragoman:secret@db/dragoman dragoman serve --listen :8080`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), cmd.ErrOrStderr(), flags) },
	}
	f := command.Flags()
	f.BoolVar(&flags.demo, "demo", false, "make the demo accounts root and clerk")
	f.StringVar(&flags.listen, "listen", "127.0.0.1:8080", "address of HTTP; port 0 takes a free one")
	f.StringVar(&flags.grpc, "grpc", "127.0.0.1:9090", `address of gRPC, for the rpc dialect; "" serves none`)
	f.StringSliceVar(&flags.dialects, "dialects", nil, "serve only these, as session,rpc (default all four)")
	f.BoolVar(&flags.clockControl, "clock-control", false,
		"let anybody move the server's clock at /_dragoman/clock; for conformance runs only")
	flags.store.register(f)
	return command
}

func serve(ctx context.Context, out io.Writer, flags serveFlags) (err error) {
	config := reference.Config{
		Dialects:     flags.dialects,
		ClockControl: flags.clockControl,
		Logger:       slog.New(slog.NewJSONHandler(out, nil)),
	}
	fallback := ""
	if flags.demo {
		fallback = open.Memory
		config.Accounts = reference.DemoAccounts()
		config.Hasher = account.Fast{}
	}
	kept, err := flags.store.open(ctx, fallback)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	config.Store = kept
	server, err := reference.New(config)
	if err != nil {
		return err
	}
	httpListener, grpcListener, err := listenBoth(ctx, flags.listen, grpcAddress(flags.grpc, flags.dialects))
	if err != nil {
		return err
	}
	announce(out, server.Dialects(), httpListener, grpcListener)
	if err := announceAccounts(ctx, out, kept, flags.demo); err != nil {
		return err
	}
	return server.Serve(ctx, httpListener, grpcListener)
}

// grpcAddress is where a command serves gRPC: nowhere if rpc is not among the
// dialects that it was told to serve.
func grpcAddress(address string, dialects []string) string {
	if len(dialects) > 0 && !slices.Contains(dialects, "rpc") {
		return ""
	}
	return address
}

// listenBoth opens the HTTP listener and, unless its address is empty, the
// gRPC one.
func listenBoth(ctx context.Context, http, grpc string) (httpListener, grpcListener net.Listener, err error) {
	var config net.ListenConfig
	if httpListener, err = config.Listen(ctx, "tcp", http); err != nil {
		return nil, nil, fmt.Errorf("--listen: %w", err)
	}
	if grpc == "" {
		return httpListener, nil, nil
	}
	if grpcListener, err = config.Listen(ctx, "tcp", grpc); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("--grpc: %w", err), httpListener.Close())
	}
	return httpListener, grpcListener, nil
}

func announce(out io.Writer, dialects []string, http, grpc net.Listener) {
	fmt.Fprintf(out, "dragoman: %s on http://%s", strings.Join(dialects, ", "), http.Addr())
	if grpc != nil {
		fmt.Fprintf(out, ", gRPC on %s", grpc.Addr())
	}
	fmt.Fprintln(out)
}

// announceAccounts says so when nobody can log in.
func announceAccounts(ctx context.Context, out io.Writer, kept open.Store, demo bool) error {
	if demo {
		return nil
	}
	accounts, err := account.NewRegistry(kept, nil, nil)
	if err != nil {
		return err
	}
	list, err := accounts.List(ctx)
	if err == nil && len(list) == 0 {
		fmt.Fprintln(out, `dragoman: there are no accounts, so nobody can log in; "dragoman account add LOGIN" adds one, --demo two`)
	}
	return err
}
