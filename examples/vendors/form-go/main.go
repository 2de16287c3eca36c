// Command form-go is a back office that speaks the form dialect, with Go's standard
// library alone. Its test has it judged.
//
//	PASSWORD=... go run . -account ines
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address to listen on")
	login := flag.String("account", "ines", "the account; its password is in PASSWORD")
	forTests := flag.Bool("for-tests", false, "POST /clock moves the time, and passwords are hashed with little work")
	flag.Parse()
	password := os.Getenv("PASSWORD")
	if password == "" {
		log.Fatal("set PASSWORD")
	}
	server := newServer(newOffice(map[string]string{*login: password}, *forTests))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	if err := serve(ctx, server, listener); err != nil {
		log.Fatal(err)
	}
}

// serve answers requests until ctx ends, and then those that have begun: Serve returns as
// soon as Shutdown begins, so it is Shutdown that is waited for.
func serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return server.Shutdown(ending)
}

// newServer bounds what one client can take.
func newServer(handler http.Handler) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 20 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
}
