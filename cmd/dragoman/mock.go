package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dragoman-auth/dragoman/internal/atomicfile"
	"github.com/dragoman-auth/dragoman/internal/commandline"
	"github.com/dragoman-auth/dragoman/internal/drain"
	"github.com/dragoman-auth/dragoman/internal/management"
	"github.com/dragoman-auth/dragoman/internal/reference/prefix"
	"github.com/dragoman-auth/dragoman/mockserver"
	"github.com/dragoman-auth/dragoman/reference/account"
)

type mockFlags struct {
	config      string
	listen      string
	grpc        string
	dialects    []string
	prefixes    []string
	management  string
	addressFile string
	tls         bool
	accounts    []string
	stubs       []string
	start       string
	seed        uint64
	misuse      string
}

func (flags *mockFlags) register(f *pflag.FlagSet) {
	f.StringVar(&flags.config, configFlag, "", "YAML `FILE` of settings: flag: value")
	f.StringVar(&flags.listen, "listen", "127.0.0.1:8080", "`ADDRESS` of HTTP; port 0 takes a free one")
	f.StringVar(&flags.grpc, "grpc", "127.0.0.1:9090", "`ADDRESS` of gRPC, for the rpc dialect; \"\" serves none")
	bindDialects(f, &flags.dialects, "serve only this dialect, not all four")
	bindPrefixes(f, &flags.prefixes)
	f.StringVar(&flags.management, "management", "127.0.0.1:8081", "`ADDRESS` of the management, for tests only; \"\" serves none")
	f.StringVar(&flags.addressFile, "address-file", "", "write the line of standard output to this `FILE`, too, once everything listens")
	f.BoolVar(&flags.tls, "tls", false, "encrypt HTTP and gRPC, with a certificate of the authority that standard output shows")
	f.StringSliceVar(&flags.accounts, "account", nil, "add an `ACCOUNT` with all rights, as login:password or login:password:email (repeatable)")
	f.StringSliceVar(&flags.stubs, "stub", nil, "YAML or JSON `FILE` of own routes: a list of pattern, status, header, body (repeatable)")
	f.StringVar(&flags.start, "start", "", "time (`TIME`) of the clock at the start, as 2030-01-02T03:04:05Z; from there it runs (default now)")
	f.Uint64Var(&flags.seed, "seed", 1, "seed (`NUMBER`) of faults that affect a share of the requests")
	commandline.OneOf(f, &flags.misuse, "misuse", "off", []string{"off", "warn", "fail"}, "look for tokens that clients misuse (`LEVEL`): off, warn, or fail, which ends with exit code 1")
}

func newMockCommand() *cobra.Command {
	var flags mockFlags
	command := &cobra.Command{
		Use:   "mock",
		Short: "Run the mock server, for tests of clients in any language",
		Long: `mock runs the server that package mockserver gives to Go tests: the reference
with the demo accounts (root/root, clerk/clerk; as e-mail root@example.com,
clerk@example.com), cheap password hashing, and a clock that tests can move.

Tests steer it over the management port: clock, faults, holds, own routes, tokens,
and the journal of what the client did. /openapi.json there describes it.

Standard output is one line of JSON, once everything listens: url, grpc,
management, and with --tls the certificate (PEM) that clients have to trust.

Each flag is also a variable of the environment (--address-file is
DRAGOMAN_ADDRESS_FILE) and a key of the file that --config names.

Exit codes: 0 interrupted, 1 with --misuse fail: a client misused a token, 2 it
could not be started.`,
		Example: `  dragoman mock --listen 127.0.0.1:0 --address-file mock.json
  curl http://127.0.0.1:8081/clock -d '{"advance":"10m"}'
  curl http://127.0.0.1:8081/faults \
    -d '{"effect":"lost_reply","operation":"renewal","times":1}'
  curl http://127.0.0.1:8081/journal`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := applySettings(cmd.Flags(), os.LookupEnv); err != nil {
				return err
			}
			return runMock(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), flags)
		},
	}
	flags.register(command.Flags())
	return command
}

// mockAddresses is the line of standard output.
type mockAddresses struct {
	URL         string `json:"url"`
	GRPC        string `json:"grpc,omitempty"`
	Management  string `json:"management,omitempty"`
	Certificate string `json:"certificate,omitempty"`
}

func runMock(ctx context.Context, stdout, stderr io.Writer, flags mockFlags) (err error) {
	options, err := flags.options()
	if err != nil {
		return err
	}
	mock, err := mockserver.Start(options...)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(errors.Join(err, mock.Close()), misuseOf(mock, flags.misuse)) }()
	for _, path := range flags.stubs {
		if err := addStubs(mock, path); err != nil {
			return err
		}
	}
	at := mockAddresses{URL: mock.URL, GRPC: mock.GRPCAddr, Certificate: string(mock.CertificatePEM())}
	if flags.management != "" {
		address, stop, err := manage(ctx, mock, flags.management)
		if err != nil {
			return err
		}
		defer stop()
		at.Management = address
	}
	if err := at.tell(stdout, flags.addressFile); err != nil {
		return err
	}
	where := mock.URL
	if mock.GRPCAddr != "" {
		where += ", gRPC on " + mock.GRPCAddr
	}
	fmt.Fprintln(stderr, "dragoman: mock on", where)
	<-ctx.Done()
	return nil
}

// options are those of the mock that the flags name.
func (flags *mockFlags) options() ([]mockserver.Option, error) {
	options := []mockserver.Option{
		mockserver.WithAddresses(flags.listen, grpcAddress(flags.grpc, flags.dialects)),
		mockserver.WithDialects(flags.dialects...),
		mockserver.WithClockControl(),
		mockserver.WithSeed(flags.seed),
	}
	prefixes, err := prefix.Parse(flags.prefixes)
	if err != nil {
		return nil, fmt.Errorf("--prefix: %w", err)
	}
	for dialect, path := range prefixes {
		options = append(options, mockserver.WithPrefix(dialect, path))
	}
	if flags.tls {
		options = append(options, mockserver.WithTLS())
	}
	for _, text := range flags.accounts {
		login, rest, _ := strings.Cut(text, ":")
		password, email, _ := strings.Cut(rest, ":")
		if login == "" || password == "" {
			return nil, errors.New("--account is login:password or login:password:email") // the text holds a password
		}
		options = append(options, mockserver.WithAccount(mockserver.Account{Login: login, Password: password, Email: email, Rights: account.Rights{account.Everything}, Unrestricted: true}))
	}
	if flags.start != "" {
		start, err := time.Parse(time.RFC3339, flags.start)
		if err != nil {
			return nil, fmt.Errorf("--start is a time as 2030-01-02T03:04:05Z: %w", err)
		}
		options = append(options, mockserver.WithStart(start))
	}
	level := map[string]mockserver.MisuseLevel{"off": mockserver.MisuseOff, "warn": mockserver.MisuseWarn, "fail": mockserver.MisuseFail}[flags.misuse]
	return append(options, mockserver.WithMisuse(level)), nil
}

func addStubs(mock *mockserver.Server, path string) error {
	stubs, err := management.ReadStubs(path)
	if err != nil {
		return err
	}
	for _, stub := range stubs {
		if err := stub.Add(mock); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// answerTime is how long an answer of the management may take to go out at the end.
const answerTime = time.Second

// manage serves the management until stop.
func manage(ctx context.Context, mock *mockserver.Server, address string) (url string, stop func(), err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return "", nil, fmt.Errorf("--management: %w", err)
	}
	server := &http.Server{Handler: management.Handler(mock), ReadHeaderTimeout: 10 * time.Second}
	ctx, end := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = drain.Serve(ctx, server, listener, answerTime) // ends with stop
	}()
	return "http://" + listener.Addr().String(), func() {
		end()
		<-served
	}, nil
}

// tell writes the addresses to standard output, and to the file where there is one.
func (at mockAddresses) tell(stdout io.Writer, path string) error {
	line, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("write the addresses: %w", err)
	}
	line = append(line, '\n')
	if path != "" {
		write := func(w io.Writer) error {
			_, err := w.Write(line)
			return err
		}
		if err := atomicfile.Replace(path, path+".new", 0o644, write); err != nil { // addresses are no secret
			return fmt.Errorf("--address-file: %w", err)
		}
	}
	if _, err := stdout.Write(line); err != nil {
		return fmt.Errorf("write the addresses: %w", err)
	}
	return nil
}

// misuseOf is the error of a run whose client misused tokens, where that is asked for.
func misuseOf(mock *mockserver.Server, level string) error {
	found := mock.Misuses()
	if level != "fail" || len(found) == 0 {
		return nil
	}
	lines := make([]string, len(found))
	for i, m := range found {
		lines[i] = m.String()
	}
	return &exitError{exitNonConformant, fmt.Errorf("clients misused tokens:\n  %s", strings.Join(lines, "\n  "))}
}
