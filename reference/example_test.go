package reference_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// A server of your own: one account, tokens of five minutes, an audit log.
func ExampleNew() {
	proxies, err := reference.TrustProxies("10.0.0.0/8")
	if err != nil {
		panic(err)
	}
	var audit bytes.Buffer
	server, err := reference.New(reference.Config{
		Dialects:       []string{"form"},
		Accounts:       []account.Account{{Login: "ann", Password: "s3cret-enough"}},
		Lifetimes:      reference.Lifetimes{FormShort: 5 * time.Minute},
		TrustedProxies: proxies,
		Audit:          reference.NewAuditLog(slog.NewJSONHandler(&audit, nil)),
	})
	if err != nil {
		panic(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	web, _, err := reference.Listen(ctx, "127.0.0.1:0", "") // no gRPC
	if err != nil {
		panic(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, web, nil) }()

	resp, err := http.Post("http://"+web.Addr().String()+"/login", "application/x-www-form-urlencoded",
		strings.NewReader("login=ann&pass=s3cret-enough"))
	if err != nil {
		panic(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	stop()
	fmt.Println("served:", <-served)
	fmt.Println(resp.StatusCode, strings.Contains(string(body), `"user":"ann"`))
	fmt.Println(strings.Count(audit.String(), "\n"), "audit events")
	// Output:
	// served: <nil>
	// 200 true
	// 2 audit events
}

func Example() {
	server, err := reference.New(reference.Config{Accounts: reference.DemoAccounts(), Hasher: account.FastHasher{}})
	if err != nil {
		panic(err)
	}
	// Any http.Server will do; server.Serve also speaks gRPC and drains.
	listener := httptest.NewServer(server.Handler())
	defer listener.Close()

	resp, err := http.Post(listener.URL+"/sessions", "application/json",
		strings.NewReader(`{"session":{"email":"root@example.com","password":"root"}}`))
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(resp.StatusCode)
	fmt.Println(string(body[:41]))
	// Output:
	// 200
	// {"token_type":"Bearer","expires_in":600,"
}
