package shellclient

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/internal/drain"
	"github.com/dragoman-auth/dragoman/sdk"
)

// keyHeader carries the local key where a program needs Authorization for itself.
const keyHeader = "X-Dragoman-Key"

func newProxy() *cobra.Command {
	var t target
	var listen string
	cmd := &cobra.Command{
		Use:   "proxy",
		Short: "Add the credentials to plain requests of local programs",
		Long: `proxy listens on loopback and passes requests on to the back office, with a token that
is alive. It prints one line of JSON: its url, and the key that each request has to show,
so that no other user of the machine can use it: as password of Basic credentials, as
bearer, or in the header X-Dragoman-Key. The member url_with_key has it in the URL, for
programs that make Basic credentials of that.

Exit codes: 0 interrupted, 1 it could not listen, 2 bad usage.`,
		Example: `  dragoman proxy --dialect form --url https://shop.example --login me
  curl "http://dragoman:KEY@127.0.0.1:PORT/items"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := onLoopback(listen); err != nil {
				return err
			}
			return t.with(cmd, func(ctx context.Context, client *sdk.Client) error { return serveProxy(ctx, cmd, client, listen) })
		},
	}
	t.bind(cmd)
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "`ADDRESS` on loopback; port 0 is any free one")
	return cmd
}

// onLoopback refuses addresses that other machines can reach.
func onLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("--listen: %s is not on loopback, and whoever reaches the proxy acts as you; take 127.0.0.1 or [::1]", host)
	}
	return nil
}

func serveProxy(ctx context.Context, cmd *cobra.Command, client *sdk.Client, listen string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	key := rand.Text()
	server := &http.Server{
		Handler: keyed(key, forward(client, cmd)), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: log.New(cmd.ErrOrStderr(), "dragoman: ", 0),
	}
	address := listener.Addr().String()
	err = json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]string{
		"url": "http://" + address, "key": key, "url_with_key": "http://dragoman:" + key + "@" + address,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	return drain.Serve(ctx, server, listener, killDelay)
}

// keyed lets requests in that show the key, and takes it out of them.
func keyed(key string, next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(key))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		shown := 0
		for _, text := range []string{password, bearer, r.Header.Get(keyHeader)} {
			got := sha256.Sum256([]byte(text))
			shown |= subtle.ConstantTimeCompare(got[:], want[:])
		}
		if shown == 0 {
			w.Header().Set("WWW-Authenticate", `Basic realm="dragoman proxy"`)
			http.Error(w, "show the key that dragoman proxy has printed", http.StatusUnauthorized)
			return
		}
		r.Header.Del(keyHeader)
		r.Header.Del("Authorization")
		next.ServeHTTP(w, r)
	})
}

// forward passes requests on as they are, but for the credentials, which the client
// adds. A redirect is the program's to follow: one to the back office comes back here.
func forward(client *sdk.Client, cmd *cobra.Command) http.Handler {
	base := client.BaseURL()
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(base)
			r.Out.Host = base.Host
		},
		ModifyResponse: func(r *http.Response) error {
			at, err := r.Location()
			if err == nil && at.Scheme == base.Scheme && at.Host == base.Host {
				at.Scheme, at.Host = "", ""
				r.Header.Set("Location", at.String())
			}
			return nil
		},
		Transport:     client.HTTPClient().Transport,
		FlushInterval: -1, // streams go on as they come
		ErrorLog:      log.New(cmd.ErrOrStderr(), "dragoman: ", 0),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			status := http.StatusBadGateway
			if errors.Is(err, sdk.ErrRefused) {
				status = http.StatusUnauthorized
			}
			http.Error(w, "dragoman proxy: "+err.Error(), status)
		},
	}
}
