package memnet_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/memnet"
)

func ExampleListen() {
	listener := memnet.Listen("server.example:80")
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.RemoteAddr)
	})}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return listener.Dial(ctx)
	}}}
	defer client.CloseIdleConnections()
	response, err := client.Get("http://server.example/")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	fmt.Println(string(body))
	// Output: 127.0.0.1:1
}
