package memhttp_test

import (
	"fmt"
	"io"
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
)

func ExampleTransport() {
	client := &http.Client{Transport: memhttp.Transport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "you asked for", r.URL.Path)
	}))}
	resp, err := client.Get("http://server.example/items")
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Print(resp.Status, ": ", string(body))
	// Output: 200 OK: you asked for /items
}
