package shellclient

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/internal/commandline"
	"github.com/dragoman-auth/dragoman/internal/humanize"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/filestore"
	"github.com/dragoman-auth/dragoman/sdk/form"
	"github.com/dragoman-auth/dragoman/sdk/keyringstore"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// target is a back office and an account there, as flags and variables say.
type target struct {
	dialect, url, login string
	password            passwordSource
	store               string
	ca                  string
	plain               bool
	prefix              string
	longToken           bool
	v2Names             bool
	scopes              []string
	lifetime            string
}

// The values of --store besides a directory.
const (
	storeKeyring = "keyring"
	storeNone    = "none"
)

// dialects are the values of --dialect.
var dialects = []string{"session", "form", "rpc", "scoped"}

// The variables that stand for flags which are not set.
const (
	urlVariable     = "DRAGOMAN_URL"
	dialectVariable = "DRAGOMAN_DIALECT"
	loginVariable   = "DRAGOMAN_LOGIN"
	storeVariable   = "DRAGOMAN_STORE"
)

// bind adds the flags that all commands have.
func (t *target) bind(cmd *cobra.Command) {
	f := cmd.Flags()
	commandline.OneOf(f, &t.dialect, "dialect", "", dialects, "session, form, rpc or scoped (`DIALECT`) (default $"+dialectVariable+")")
	f.StringVar(&t.url, "url", "", "root `URL` of the back office (default $"+urlVariable+")")
	f.StringVar(&t.login, "login", "", "name or e-mail address of the account (`LOGIN`) (default $"+loginVariable+")")
	t.password.bind(f)
	f.StringVar(&t.store, "store", "", "where tokens are kept: a directory (`DIR`), keyring or none (default $"+storeVariable+", else a directory of the user)")
	f.StringVar(&t.ca, "ca", "", "PEM `FILE` of authorities to trust in place of the system's")
	f.BoolVar(&t.plain, "allow-plain-http", false, "send credentials over plain HTTP to another machine")
	f.StringVar(&t.prefix, "prefix", "", "`PATH` before those of the dialect (form, scoped), or of the endpoint (rpc)")
	f.BoolVar(&t.longToken, "long-token", false, "form: ask for tokens of 30 days")
	f.BoolVar(&t.v2Names, "v2-names", false, "rpc: call AuthenticateEx2 and RenewSession2")
	f.StringSliceVar(&t.scopes, "scope", nil, "scoped: limit the token to this `SCOPE`, as \"GET /objects/:id\" (repeatable)")
	f.StringVar(&t.lifetime, "lifetime", "", "scoped: life of the token in `WORDS`, as \"12 hours\"")
	commandline.Folder(cmd, "store", storeKeyring, storeNone)
	commandline.Files(cmd, map[string][]string{"ca": {"pem", "crt"}, "password-file": nil})
}

// complete fills in from the environment what no flag sets.
func (t *target) complete() {
	t.dialect = cmp.Or(t.dialect, os.Getenv(dialectVariable))
	t.url = cmp.Or(t.url, os.Getenv(urlVariable))
	t.login = cmp.Or(t.login, os.Getenv(loginVariable))
	t.store = cmp.Or(t.store, os.Getenv(storeVariable))
}

// client makes a client of the target. Its only I/O is to read the file of
// authorities.
func (t *target) client(cmd *cobra.Command, options ...sdk.Option) (*sdk.Client, error) {
	for _, missing := range []struct{ value, flag, variable string }{
		{t.dialect, "--dialect", dialectVariable}, {t.url, "--url", urlVariable}, {t.login, "--login", loginVariable},
	} {
		if missing.value == "" {
			return nil, fmt.Errorf("%s is missing: set the flag or $%s", missing.flag, missing.variable)
		}
	}
	dialect, err := t.newDialect(t.password.ask(cmd))
	if err != nil {
		return nil, err
	}
	store, err := t.openStore()
	if err != nil {
		return nil, err
	}
	if store != nil {
		options = append(options, sdk.WithStore(store))
	}
	if t.plain {
		options = append(options, sdk.WithAllowPlaintext())
	}
	if t.ca != "" {
		transport, err := trusting(t.ca)
		if err != nil {
			return nil, err
		}
		options = append(options, sdk.WithHTTPTransport(transport))
	}
	// A person or a command may take a while to give the password.
	options = append(options, sdk.WithAccount(t.login), sdk.WithLoginTimeout(5*time.Minute))
	return sdk.New(t.url, dialect, options...)
}

// newDialect returns the dialect with its options. A flag that the dialect does not know
// is an error, because it would have no effect.
func (t *target) newDialect(ask sdk.SecretFunc) (sdk.Dialect, error) {
	takes := func(flags ...string) error {
		for _, given := range []struct {
			flag string
			set  bool
		}{
			{"--prefix", t.prefix != ""}, {"--long-token", t.longToken}, {"--v2-names", t.v2Names},
			{"--scope", len(t.scopes) > 0}, {"--lifetime", t.lifetime != ""},
		} {
			if given.set && !slices.Contains(flags, given.flag) {
				return fmt.Errorf("%s is not for the dialect %s", given.flag, t.dialect)
			}
		}
		return nil
	}
	switch t.dialect {
	case "session":
		return session.PasswordFunc(t.login, ask), takes()
	case "form":
		options := []form.Option{form.WithPrefix(t.prefix)}
		if t.longToken {
			options = append(options, form.WithLongToken())
		}
		return form.PasswordFunc(t.login, ask, options...), takes("--prefix", "--long-token")
	case "rpc":
		var options []rpc.Option
		if t.prefix != "" {
			options = append(options, rpc.WithPath(t.prefix))
		}
		if t.v2Names {
			options = append(options, rpc.WithV2Names())
		}
		return rpc.PasswordFunc(t.login, ask, options...), takes("--prefix", "--v2-names")
	case "scoped":
		var options []scoped.Option
		if t.prefix != "" {
			options = append(options, scoped.WithPrefix(t.prefix))
		}
		if len(t.scopes) > 0 {
			options = append(options, scoped.WithScopes(t.scopes...))
		}
		if t.lifetime != "" {
			options = append(options, scoped.WithLifetime(t.lifetime))
		}
		return scoped.PasswordFunc(t.login, ask, options...), takes("--prefix", "--scope", "--lifetime")
	}
	return nil, fmt.Errorf("the dialect: %w", commandline.Known(t.dialect, dialects))
}

// openStore returns the store of tokens, nil where none are kept.
func (t *target) openStore() (sdk.Store, error) {
	switch t.store {
	case storeNone:
		return nil, nil //nolint:nilnil // no store is what was asked for
	case storeKeyring:
		return keyringstore.New("dragoman")
	case "":
		dir, err := os.UserConfigDir()
		if err != nil {
			return nil, fmt.Errorf("no directory for tokens: set --store: %w", err)
		}
		return filestore.New(filepath.Join(dir, "dragoman", "tokens"))
	}
	if err := mistypedStore(t.store); err != nil {
		return nil, err
	}
	return filestore.New(t.store)
}

// mistypedStore refuses the name of a folder that does not exist where it looks like a
// mistyped kind of store, and the URL of a server's store, which the same variable sets:
// a folder of that name would hold tokens in clear, and nobody would look for it.
func mistypedStore(name string) error {
	kind, _, _ := strings.Cut(name, ":")
	if slices.Contains([]string{"memory", "sqlite", "postgres", "postgresql"}, kind) && kind != name {
		// Its own text stays out of the message: it may hold a password.
		return fmt.Errorf("--store (or $%s) is the %s store of a server; tokens are kept in a directory, in %s, or with %s not at all",
			storeVariable, kind, storeKeyring, storeNone)
	}
	near, found := humanize.Nearest(name, []string{storeKeyring, storeNone})
	if !found || strings.ContainsAny(name, `/\`) {
		return nil
	}
	if _, err := os.Stat(name); err == nil {
		return nil
	}
	return fmt.Errorf("--store %s: did you mean %s? For a new folder of that name write ./%[1]s", name, near)
}

// trusting is a transport that trusts the authorities in a file.
func trusting(file string) (http.RoundTripper, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("--ca: %s holds no certificate in PEM", file)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return transport, nil
}

// with makes a client, lets do use it, and stops it without ending the session: the
// token stays in the store. Without a store it ends the session.
func (t *target) with(cmd *cobra.Command, do func(ctx context.Context, client *sdk.Client) error, options ...sdk.Option) error {
	t.complete()
	client, err := t.client(cmd, options...)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	end := client.Stop
	if t.store == storeNone {
		end = client.Close
	}
	err = do(ctx, client)
	if left := end(context.WithoutCancel(ctx)); left != nil && err == nil {
		err = left
	}
	var exit *Exit
	if err != nil && !errors.As(err, &exit) {
		return &Exit{Code: failed, Err: err}
	}
	return err
}
