package mockserver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/mockserver"
)

func TestMain(m *testing.M) {
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

func send(t *testing.T, method, url, body string, headers ...string) (int, []byte, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, text, resp.Header
}

const login = `{"session":{"email":"root@example.com","password":"root"}}`

func TestClockMovesEverythingVisible(t *testing.T) {
	t.Parallel()
	start := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	mock := mockserver.New(t, mockserver.WithStart(start))
	_, _, header := send(t, "GET", mock.URL+"/healthz", "")
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil || date.Before(start) || date.After(start.Add(time.Minute)) {
		t.Errorf("Date is %v (%v), want about %v", date, err, start)
	}
	mock.Advance(time.Hour)
	if now := mock.Now(); now.Before(start.Add(time.Hour)) || now.After(start.Add(time.Hour+time.Minute)) {
		t.Errorf("after an hour Now is %v", now)
	}
}

func TestAccountsReplaceAndAdd(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t,
		mockserver.WithAccount(mockserver.Account{Login: "root", Email: "root@example.com", Password: "other"}),
		mockserver.WithAccount(mockserver.Account{Login: "new", Email: "new@example.com", Password: "new"}))
	if got := len(mock.Accounts()); got != 4 {
		t.Errorf("there are %d accounts, want clerk, guarded, root and new", got)
	}
	for body, want := range map[string]int{
		login: 401,
		`{"session":{"email":"root@example.com","password":"other"}}`:  200,
		`{"session":{"email":"new@example.com","password":"new"}}`:     200,
		`{"session":{"email":"clerk@example.com","password":"clerk"}}`: 200,
	} {
		if status, _, _ := send(t, "POST", mock.URL+"/sessions", body); status != want {
			t.Errorf("login %s: status %d, want %d", body, status, want)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("session"), mockserver.WithClockControl(),
		mockserver.WithLifetimes(mockserver.Lifetimes{SessionAccess: time.Minute}))
	_, body, _ := send(t, "POST", mock.URL+"/sessions", login)
	var tokens struct {
		ExpiresIn int `json:"expires_in"`
	}
	if err := json.Unmarshal(body, &tokens); err != nil || tokens.ExpiresIn != 60 {
		t.Errorf("expires_in is %d (%v), want 60", tokens.ExpiresIn, err)
	}
	if status, _, _ := send(t, "POST", mock.URL+"/login", ""); status != 404 {
		t.Errorf("a dialect that is off answers %d, want 404", status)
	}
	before := mock.Now()
	if status, _, _ := send(t, "POST", mock.URL+"/_dragoman/clock", `{"advance":"2h"}`); status != 200 {
		t.Errorf("clock control answers %d, want 200", status)
	}
	if moved := mock.Now().Sub(before); moved < 2*time.Hour {
		t.Errorf("clock control moved the clock by %v, want 2h", moved)
	}
}

func TestWithoutAnAddressThereIsNoGRPC(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithAddresses("127.0.0.1:0", ""))
	if mock.GRPCAddr != "" {
		t.Errorf("gRPC on %s, want none", mock.GRPCAddr)
	}
	if status, _, _ := send(t, "POST", mock.URL+"/sessions", ""); status != 400 {
		t.Errorf("HTTP answers %d to an empty login, want 400", status)
	}
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]mockserver.Option{
		"unknown dialect": mockserver.WithDialects("telnet"),
		"broken account":  mockserver.WithAccount(mockserver.Account{Login: "nopassword"}),
		"broken address":  mockserver.WithAddresses("127.0.0.1:notaport", "127.0.0.1:0"),
		"broken config":   mockserver.WithConfig(func(c *mockserver.Config) { c.Secret = []byte("short") }),
	} {
		if mock, err := mockserver.Start(opt); err == nil {
			mock.Close()
			t.Errorf("%s: no error", name)
		}
	}
}

// failing is a test that records whether it was failed.
type failing struct {
	testing.TB
	failed bool
}

func (f *failing) Helper()               {}
func (f *failing) Fatalf(string, ...any) { f.failed = true }

func TestNewFailsTheTest(t *testing.T) {
	t.Parallel()
	f := &failing{TB: t}
	mockserver.New(f, mockserver.WithDialects("telnet"))
	if !f.failed {
		t.Error("a mock that cannot start did not fail its test")
	}
}

func TestJournalKeepsNoSecret(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t)
	_, body, _ := send(t, "POST", mock.URL+"/login", "login=root&pass=root", "Content-Type: application/x-www-form-urlencoded")
	token := strings.Split(string(body), `"`)[3]
	send(t, "GET", mock.URL+"/login?token="+token, "")
	send(t, "GET", mock.URL+"/login&token="+token, "")
	send(t, "POST", mock.URL+"/grpc", `{"method":"axxonsoft.bl.domain.DomainService.GetVersion","data":{}}`, "Authorization: Basic cm9vdDpyb290")
	var got []string
	for _, r := range mock.Requests() {
		got = append(got, fmt.Sprint(r.Method, " ", r.Path, " ", r.RPC, " ", r.Status))
	}
	want := []string{
		"POST /login  200",
		"GET /login  200",
		"GET /login&token=[token-1]  200",
		"POST /grpc axxonsoft.bl.domain.DomainService.GetVersion 200",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the journal is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if strings.Contains(fmt.Sprint(mock.Requests()), token) {
		t.Error("the journal holds a token")
	}
}

func TestJournalHasGRPC(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t)
	conn, err := grpc.NewClient(mock.GRPCAddr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	auth := rpcpb.NewAuthenticationServiceClient(conn)
	if _, err := auth.AuthenticateEx(t.Context(), &rpcpb.AuthenticateRequest{UserName: "root", Password: "root"}); err != nil {
		t.Fatal(err)
	}
	if _, err := auth.CloseSession(t.Context(), &rpcpb.CloseSessionRequest{}); err == nil {
		t.Error("a close without a token succeeded")
	}
	requests := mock.Requests() // the entry is there before the answer
	if len(requests) != 2 || requests[0].Status != int(codes.OK) || requests[1].Status != int(codes.Unauthenticated) ||
		requests[1].Path != rpcpb.AuthenticationService_CloseSession_FullMethodName {
		t.Errorf("the journal is %+v", requests)
	}
	if err := conn.Invoke(t.Context(), "/nobody/Knows", &rpcpb.CloseSessionRequest{}, &rpcpb.CloseSessionResponse{}); status.Code(err) != codes.Unimplemented {
		t.Errorf("an unknown method: %v", err)
	}
	_ = mock.Close() // calls of unknown methods have their entry at their end
	if requests = mock.Requests(); len(requests) != 3 || requests[2].Path != "/nobody/Knows" || requests[2].Status != int(codes.Unimplemented) {
		t.Errorf("with an unknown method the journal is %+v", requests)
	}
}

func TestMocksShareNothing(t *testing.T) {
	t.Parallel()
	one, other := mockserver.New(t), mockserver.New(t)
	_, body, _ := send(t, "POST", one.URL+"/login", "login=root&pass=root", "Content-Type: application/x-www-form-urlencoded")
	token := strings.Split(string(body), `"`)[3]
	if status, _, _ := send(t, "GET", other.URL+"/items", "", "X-Auth-Bearer: "+token); status != 401 {
		t.Errorf("one mock's token at another: status %d, want 401", status)
	}
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	mock, err := mockserver.Start()
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	client := http.Client{Transport: transport}
	resp, err := client.Get(mock.URL + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close() // the connection stays open, idle
	for range 2 {
		if err := mock.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	transport.CloseIdleConnections()
	if resp, err := client.Get(mock.URL + "/healthz"); err == nil {
		resp.Body.Close()
		t.Error("a closed mock still answers")
	}
}

func TestParallelUse(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t)
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			resp, err := http.Post(mock.URL+"/sessions", "application/json", strings.NewReader(login))
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
			mock.Advance(time.Millisecond)
			if resp.StatusCode != http.StatusOK {
				t.Errorf("a login of many answers %d", resp.StatusCode)
			}
		})
	}
	wg.Wait()
	if got := len(mock.Requests()); got != 40 {
		t.Errorf("the journal holds %d requests, want 40", got)
	}
}
