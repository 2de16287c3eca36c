package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dragoman-auth/dragoman/internal/reference/prefix"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

type serveFlags struct {
	config       string
	demo         bool
	listen       string
	grpc         string
	dialects     []string
	prefixes     []string
	clockControl bool
	store        storeFlags
	tlsCert      string
	tlsKey       string
	proxies      []string
	origins      []string
	connections  int
	perNetwork   int
	admin        string
	adminTLSCert string
	adminTLSKey  string
	pprof        bool
	// adminPassword is that of the variable, which is no flag: others may read the
	// command line.
	adminPassword     string
	adminPasswordFile string
	audit             string
	traces            string
	tracesShare       float64
	drainDelay        time.Duration
	drain             time.Duration
}

func (flags *serveFlags) register(f *pflag.FlagSet) {
	f.StringVar(&flags.config, configFlag, "", "YAML `FILE` of settings, see above")
	f.BoolVar(&flags.demo, "demo", false, "add the demo accounts root, clerk and guarded")
	f.StringVar(&flags.listen, "listen", "127.0.0.1:8080", "`ADDRESS` of HTTP; port 0 takes a free one")
	f.StringVar(&flags.grpc, "grpc", "127.0.0.1:9090", "`ADDRESS` of gRPC, for the rpc dialect; \"\" serves none")
	bindDialects(f, &flags.dialects, "serve only this dialect, not all four")
	bindPrefixes(f, &flags.prefixes)
	f.BoolVar(&flags.clockControl, "clock-control", false,
		"let every client move the server's clock at /_dragoman/clock; for conformance runs only")
	flags.store.register(f)
	f.StringVar(&flags.tlsCert, "tls-cert", "", "PEM `FILE` of the certificate and its chain, for HTTP and gRPC; reloaded when it changes and on SIGHUP")
	f.StringVar(&flags.tlsKey, "tls-key", "", "PEM `FILE` of the private key of --tls-cert")
	f.StringSliceVar(&flags.proxies, "trusted-proxy", nil, "`NETWORK` or address of a proxy whose X-Forwarded-For is accepted, as 10.0.0.0/8 (default none)")
	f.StringSliceVar(&flags.origins, "cors-origin", nil, "`ORIGIN` whose pages may read answers in a browser, as https://app.example, or \"*\" (default none)")
	f.IntVar(&flags.connections, "max-connections", 0, "most connections (`N`) of each listener (default 10000, or as many as the descriptors of the process allow)")
	f.IntVar(&flags.perNetwork, "max-per-network", 1000, "most of them (`N`) from one IPv4 address, or the first 64 bits of an IPv6 address; not for this machine and trusted proxies")
	f.StringVar(&flags.admin, "admin", "", "`ADDRESS` of /metrics, /livez, /readyz and the page /admin/, for operators only, as 127.0.0.1:9100 (default off)")
	f.StringVar(&flags.adminTLSCert, "admin-tls-cert", "", "PEM `FILE` of the certificate for --admin, as --tls-cert; it may be the same")
	f.StringVar(&flags.adminTLSKey, "admin-tls-key", "", "PEM `FILE` of the private key of --admin-tls-cert")
	f.StringVar(&flags.adminPasswordFile, "admin-password-file", "", "`FILE` whose first line is the password of the page at --admin, at least 15 characters; where other machines reach --admin, it needs --admin-tls-cert (default $"+adminPasswordVariable+", else there is no page)")
	f.BoolVar(&flags.pprof, "pprof", false, "serve /debug/pprof/ at the address of --admin, too")
	f.StringVar(&flags.audit, "audit", auditStderr, "where the audit log goes: stderr, none, or a `FILE` that is appended to")
	f.StringVar(&flags.traces, "traces", "", "`URL` of a collector that takes traces by OTLP over HTTP, as http://127.0.0.1:4318 (default off)")
	f.Float64Var(&flags.tracesShare, "traces-share", 1, "share (`NUMBER`, above 0 and at most 1) of the traces that is sent, where no client decides")
	f.DurationVar(&flags.drainDelay, "drain-delay", 0, "how long (`DURATION`) to still accept connections after SIGTERM, while the server is not ready")
	f.DurationVar(&flags.drain, "drain", 10*time.Second, "how long (`DURATION`) running requests may take after --drain-delay has passed")
}

func newServeCommand() *cobra.Command {
	var flags serveFlags
	command := &cobra.Command{
		Use:   "serve",
		Short: "Serve the dialects: the reference server",
		Long: `serve runs the reference server: all four dialects on one HTTP listener at their
documented paths, and the rpc dialect over gRPC on another, until it is
interrupted. The page at / lists the paths, with a description of each dialect.

Accounts are those of "dragoman account"; --demo adds three: login "root", e-mail
"root@example.com", password "root", with all rights; login "clerk", e-mail
"clerk@example.com", password "clerk", with none; and login "guarded", password
"guarded", whom the rpc dialect asks for a code as well, of the authenticator
secret JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP. Their passwords are public, so they are
hashed cheaply; all others cost argon2id.

Sessions, tokens, keys and accounts are records in a store. Without --store that is
an SQLite file in the data directory, for one server; several replicas share one
PostgreSQL. With --demo it is the memory of the process.

Each flag is also a variable of the environment (--tls-cert is
DRAGOMAN_TLS_CERT; empty is the same as unset) and a key of the file that
--config names:

  # serve.yaml
  listen: :8443
  grpc: :9443
  tls-cert: /etc/dragoman/tls.crt
  tls-key: /etc/dragoman/tls.key
  trusted-proxy: [10.0.0.0/8]
  admin: 127.0.0.1:9100
  drain-delay: 5s

A flag takes precedence over the environment, that over the file, and that over
the default. A key that is not a flag is an error.

Exit codes: 0 interrupted, 2 it could not be started or failed; standard error
says why.`,
		Example: `  dragoman serve --demo
  curl http://127.0.0.1:8080/sessions \
    -d '{"session":{"email":"root@example.com","password":"root"}}'
  DRAGOMAN_STORE='postgres://dragoman:secret@db/dragoman?sslmode=verify-full' \
    dragoman serve --listen :8080
  dragoman serve --config serve.yaml --admin 127.0.0.1:9100`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := applySettings(cmd.Flags(), os.LookupEnv); err != nil {
				return err
			}
			flags.adminPassword = os.Getenv(adminPasswordVariable)
			return serve(cmd.Context(), cmd.ErrOrStderr(), flags)
		},
	}
	flags.register(command.Flags())
	return command
}

func serve(ctx context.Context, out io.Writer, flags serveFlags) (err error) {
	if flags.tracesShare != 1 && flags.traces == "" {
		return errors.New("--traces-share needs --traces URL, where the share is sent")
	}
	log := slog.New(slog.NewJSONHandler(out, nil))
	ops, err := newOperations(flags, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ops.close()) }()
	config := reference.Config{
		Dialects:       flags.dialects,
		ClockControl:   flags.clockControl,
		DrainDelay:     flags.drainDelay,
		Drain:          flags.drain,
		AllowedOrigins: flags.origins,
		MaxConnections: flags.connections,
		MaxPerNetwork:  flags.perNetwork,
		Logger:         log,
	}
	fallback := ""
	if flags.demo {
		fallback = storeurl.Memory
		config.Accounts = reference.DemoAccounts()
		config.Hasher = account.FastHasher{}
	}
	records, err := flags.store.open(ctx, fallback)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, records.Close()) }()
	config.Store = records
	if config.TrustedProxies, err = reference.TrustProxies(flags.proxies...); err != nil {
		return fmt.Errorf("--trusted-proxy: %w", err)
	}
	if config.Prefixes, err = prefix.Parse(flags.prefixes); err != nil {
		return fmt.Errorf("--prefix: %w", err)
	}
	if err := ops.configure(&config); err != nil {
		return err
	}
	server, err := reference.New(config)
	if err != nil {
		return err
	}
	httpListener, grpcListener, err := reference.Listen(ctx, flags.listen, grpcAddress(flags.grpc, flags.dialects))
	if err != nil {
		return err
	}
	if err := ops.listen(ctx, flags.admin); err != nil {
		return errors.Join(err, httpListener.Close(), closed(grpcListener))
	}
	announce(out, server.Dialects(), scheme(ops.cert), httpListener, grpcListener)
	ops.announce(out)
	if err := announceAccounts(ctx, out, records, flags.demo); err != nil {
		return errors.Join(err, httpListener.Close(), closed(grpcListener), closed(ops.listener))
	}
	return ops.run(ctx, server, httpListener, grpcListener)
}

// closed closes a listener, if there is one.
func closed(listener net.Listener) error {
	if listener == nil {
		return nil
	}
	return listener.Close()
}

// grpcAddress is where a command serves gRPC: nowhere if rpc is not among its
// dialects.
func grpcAddress(address string, dialects []string) string {
	if len(dialects) > 0 && !slices.Contains(dialects, "rpc") {
		return ""
	}
	return address
}

func announce(out io.Writer, dialects []string, scheme string, http, grpc net.Listener) {
	fmt.Fprintf(out, "dragoman: %s on %s://%s", strings.Join(dialects, ", "), scheme, http.Addr())
	if grpc != nil {
		fmt.Fprintf(out, ", gRPC on %s", grpc.Addr())
	}
	fmt.Fprintln(out)
}

// announceAccounts warns when there are no accounts.
func announceAccounts(ctx context.Context, out io.Writer, records storeurl.Store, demo bool) error {
	if demo {
		return nil
	}
	accounts, err := account.NewRegistry(records, nil, nil)
	if err != nil {
		return err
	}
	list, err := accounts.List(ctx)
	if err == nil && len(list) == 0 {
		fmt.Fprintln(out, `dragoman: there are no accounts, so no login can succeed; "dragoman account add LOGIN" adds one, --demo three`)
	}
	return err
}
