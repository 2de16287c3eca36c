package mockserver_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// tb stands for the *testing.T of a test.
type tb struct{ cleanups []func() }

func (t *tb) Helper()                           {}
func (t *tb) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (t *tb) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (t *tb) Cleanup(cleanup func())            { t.cleanups = append(t.cleanups, cleanup) }

func (t *tb) end() {
	for _, cleanup := range t.cleanups {
		cleanup()
	}
}

func ExampleNew() {
	t := &tb{} // the *testing.T
	defer t.end()
	mock := mockserver.New(t, mockserver.WithDialects("session"), mockserver.WithLifetimes(mockserver.Lifetimes{SessionAccess: time.Minute}))

	login := func(password string) int {
		resp, err := http.Post(mock.URL+"/sessions", "application/json",
			strings.NewReader(`{"session":{"email":"root@example.com","password":"`+password+`"}}`))
		if err != nil {
			t.Fatalf("%v", err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	fmt.Println(login("root"), login("wrong"))
	fmt.Println(len(mock.Requests()), "requests,", len(mock.Accounts()), "accounts")
	// Output:
	// 200 401
	// 2 requests, 2 accounts
}

func ExampleStart() {
	mock, err := mockserver.Start() // outside of a test
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
