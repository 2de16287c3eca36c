//go:build ignore

// Command go is a client in Go that "dragoman verify-client" judges in the session dialect. Put your own in the SDK's place.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

func main() {
	dragoman, err := sdk.New(os.Getenv("DRAGOMAN_URL"), session.Password(os.Getenv("DRAGOMAN_LOGIN"), sdk.NewSecret(os.Getenv("DRAGOMAN_PASSWORD"))))
	if err != nil {
		log.Fatal(err)
	}
	client := dragoman.HTTPClient()
	fmt.Println("ready without stream deadline logout store tls")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		words := append(strings.Fields(lines.Text()), "0")
		number := func(i int) int { n, _ := strconv.Atoi(words[i]); return n }
		switch words[0] {
		case "call": // METHOD PATH [BYTES]
			fmt.Println("done", call(client, words[1], words[2], number(3))+":1")
		case "parallel": // N METHOD PATH
			fmt.Print("done")
			var calls sync.WaitGroup
			for range number(1) {
				calls.Go(func() { fmt.Print(" " + call(client, words[2], words[3], 0) + ":1") })
			}
			calls.Wait()
			fmt.Println()
		case "wait", "close": // SECONDS; after close the input ends, and the program with it
			<-time.After(time.Duration(number(1)) * time.Second)
			fmt.Println("done")
		}
	}
}

// call makes a call with a body, and returns its outcome.
func call(client *http.Client, method, path string, bytes int) string {
	body := strings.NewReader(strings.Repeat("abcdefghijklmnopqrstuvwxyz", bytes/26+1)[:bytes])
	request, _ := http.NewRequestWithContext(context.Background(), method, os.Getenv("DRAGOMAN_URL")+path, body)
	response, err := client.Do(request)
	if err != nil {
		return "error"
	}
	response.Body.Close()
	return strconv.Itoa(response.StatusCode)
}
