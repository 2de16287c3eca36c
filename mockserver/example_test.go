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

// items asks for the items of the form dialect.
func items(mock *mockserver.Server, token string) string {
	req, err := http.NewRequest(http.MethodGet, mock.URL+"/items", nil)
	if err != nil {
		return err.Error()
	}
	req.Header.Set("X-Auth-Bearer", token)
	resp, err := mock.Client().Do(req)
	if err != nil {
		return "no answer"
	}
	resp.Body.Close()
	return resp.Status
}

func ExampleServer_Inject() {
	t := &tb{} // the *testing.T
	defer t.end()
	mock := mockserver.New(t, mockserver.WithDialects("form"))
	tokens, err := mock.Issue("form", "root")
	if err != nil {
		t.Fatalf("%v", err)
	}
	fault, err := mock.Inject(mockserver.Fault{Effect: mockserver.Outage, Operation: mockserver.Resource, From: 2, Times: 1})
	if err != nil {
		t.Fatalf("%v", err)
	}
	for range 3 {
		fmt.Println(items(mock, tokens.Access))
	}
	fmt.Println("affected:", fault.Count())
	// Output:
	// 200 OK
	// 503 Service Unavailable
	// 200 OK
	// affected: 1
}

func ExampleServer_Hold() {
	t := &tb{} // the *testing.T
	defer t.end()
	mock := mockserver.New(t, mockserver.WithDialects("form"))
	hold, err := mock.Hold(mockserver.Resource, 2)
	if err != nil {
		t.Fatalf("%v", err)
	}
	answers := make(chan string)
	for range 2 {
		go func() { answers <- items(mock, "unknown") }()
	}
	fmt.Println(<-answers, <-answers, "together:", hold.Arrived())
	// Output: 401 Unauthorized 401 Unauthorized together: 2
}

func ExampleServer_Handle() {
	t := &tb{} // the *testing.T
	defer t.end()
	mock := mockserver.New(t, mockserver.WithDialects("form"), mockserver.WithMemory())
	mock.Handle("GET /items", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
	}))
	tokens, err := mock.Issue("form", "root")
	if err != nil {
		t.Fatalf("%v", err)
	}
	fmt.Println(items(mock, tokens.Access))
	fmt.Println(items(mock, "unknown"))
	// Output:
	// 418 I'm a teapot
	// 401 Unauthorized
}

func ExampleServer_AssertCalls() {
	t := &tb{} // the *testing.T
	defer t.end()
	mock := mockserver.New(t, mockserver.WithDialects("form"))
	mock.Clock().Stop()
	mock.Clock().Set(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC))
	items(mock, "unknown")
	mock.AssertCalls(t, mockserver.Resource, 2)
	// Output:
	// 1 requests of resource, want 2; the journal:
	//   03:04:05.000 GET /items resource token-1 -> 401
}
