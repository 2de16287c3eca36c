// Command form-go is a back office that speaks the form dialect, with Go's standard
// library alone. Its test has it judged.
//
//	PASSWORD=... go run . -account ines
package main

import (
	"context"
	"errors"
	"flag"
	"log"
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
	server.Addr = *listen

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		ending, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		server.Shutdown(ending)
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

// newServer bounds what one client can take.
func newServer(handler http.Handler) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 20 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
}
