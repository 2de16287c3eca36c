package mockserver_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/mockserver"
)

func Example() {
	mock, err := mockserver.Start() // in a test: mockserver.New(t)
	if err != nil {
		panic(err)
	}
	defer mock.Close()

	resp, err := http.Post(mock.URL+"/login", "application/x-www-form-urlencoded", strings.NewReader("login=root&pass=root"))
	if err != nil {
		panic(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	token := strings.Split(string(body), `"`)[3]

	status := func() int {
		req, _ := http.NewRequest(http.MethodGet, mock.URL+"/items", nil)
		req.Header.Set("X-Auth-Bearer", token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			panic(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	fmt.Println("fresh:", status())
	mock.Advance(25 * time.Hour)
	fmt.Println("a day later:", status())
	for _, r := range mock.Requests() {
		fmt.Println(r.Method, r.Path, r.Status)
	}
	// Output:
	// fresh: 200
	// a day later: 401
	// POST /login 200
	// GET /items 200
	// GET /items 401
}
