package mockserver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// TestCallsAreCountedBeyondTheJournal counts a login that the journal has dropped.
func TestCallsAreCountedBeyondTheJournal(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithMemory())
	ask(t, mock.Client(), mock, http.MethodPost, "/sessions", login)
	for range 10_500 {
		mock.ServeForTest()
	}
	mock.AssertCalls(t, mockserver.Login, 1)
	mock.Reset()
	mock.AssertCalls(t, mockserver.Login, 0)
}

// TestRemoveAfterReset does not remove a later fault.
func TestRemoveAfterReset(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t)
	old := inject(t, mock, mockserver.Fault{Effect: mockserver.Outage})
	mock.Reset()
	inject(t, mock, mockserver.Fault{Effect: mockserver.Quota})
	if old.Remove(); len(mock.Faults()) != 1 {
		t.Error("the fault of the time after the reset is gone")
	}
}

// TestRefusalOverREST answers with the code, as the method does over POST /grpc.
func TestRefusalOverREST(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("rpc"))
	inject(t, mock, mockserver.Fault{Effect: mockserver.Refuse, Error: "ALREADY_LOGGED"})
	want := ask(t, mock.Client(), mock, http.MethodPost, "/grpc", `{"method":"axxonsoft.bl.auth.AuthenticationService.AuthenticateEx2","data":{}}`)
	a := ask(t, mock.Client(), mock, http.MethodPost, "/v1/authentication/authenticate_ex2", `{"user_name":"root","password":"root"}`)
	if a.status != 200 || a.body != want.body {
		t.Errorf("the answer is %d %s, want that of POST /grpc: %s", a.status, a.body, want.body)
	}
}

// TestPreflightMeetsNoFault: a browser asks before it sends a request, and may read
// the answer of a fault.
func TestPreflightMeetsNoFault(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t)
	inject(t, mock, mockserver.Fault{Effect: mockserver.Outage, Operation: mockserver.Resource, Times: 1})
	const origin = "Origin: https://app.example"
	before := ask(t, mock.Client(), mock, http.MethodOptions, "/users", "", origin, "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization")
	a := ask(t, mock.Client(), mock, http.MethodGet, "/users", "", origin)
	if before.status != 204 || a.status != 503 || a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("the preflight is answered %d %v, the request %d %v", before.status, before.header, a.status, a.header)
	}
	mock.AssertCalls(t, mockserver.Resource, 1)
}

// TestDelayedStream is delayed, and streams.
func TestDelayedStream(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t)
	mock.Handle("GET /events", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "first")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	inject(t, mock, mockserver.Fault{Effect: mockserver.Delay, Delay: mockserver.Duration(time.Millisecond)})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, mock.URL+"/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+issue(t, mock, "session").Access)
	resp, err := mock.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if first := make([]byte, 5); resp.StatusCode != http.StatusOK {
		t.Errorf("status %d", resp.StatusCode)
	} else if _, err := resp.Body.Read(first); err != nil || string(first) != "first" {
		t.Errorf("%q (%v)", first, err)
	}
}

// TestImpatientClientIsInTheJournal: the request of a client that does not wait for
// a delayed answer is there, with its fault.
func TestImpatientClientIsInTheJournal(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t)
	inject(t, mock, mockserver.Fault{Effect: mockserver.Delay, Delay: mockserver.Duration(time.Hour)})
	held := hold(t, mock, mockserver.Resource, 0)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		_ = held.Wait(t.Context(), 1)
		cancel()
	}()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, mock.URL+"/users", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := mock.Client().Do(r); err == nil {
		resp.Body.Close()
		t.Fatal("no timeout")
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if err := mock.WaitFor(ctx, mockserver.Resource, 1); err != nil {
		t.Fatal(err)
	}
	if last := mock.Requests()[0]; last.Status != 0 || last.Fault != mockserver.Delay {
		t.Errorf("the journal holds %v", last)
	}
}

// TestAnyHostOfAllAddresses: a mock that listens on all addresses does not know its
// names.
func TestAnyHostOfAllAddresses(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithAddresses("0.0.0.0:0", ""), mockserver.WithMisuse(mockserver.MisuseWarn))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, mock.URL+"/users", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "mock:8080"
	r.Header.Set("Authorization", "Bearer "+issue(t, mock, "session").Access)
	resp, err := mock.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if found := mock.Misuses(); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

// TestExpiredAccessTokenCanBeRefreshed, as one that has expired by time.
func TestExpiredAccessTokenCanBeRefreshed(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t)
	tokens := issue(t, mock, "session")
	if err := mock.Expire(tokens.Access); err != nil {
		t.Fatal(err)
	}
	users(t, mock, tokens.Access)
	if a := refresh(t, mock, tokens); a.status != 200 {
		t.Errorf("the refresh is answered %d %s", a.status, a.body)
	}
}

// TestOwnRoutesUseTokens: AssertNewTokenUsed sees what own routes see; a renewal
// whose answer was lost is none to the client.
func TestOwnRoutesUseTokens(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t)
	mock.Handle("GET /orders", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	tokens := issue(t, mock, "session")
	inject(t, mock, mockserver.Fault{Effect: mockserver.Garble, Operation: mockserver.Renewal, Times: 1})
	refresh(t, mock, tokens)
	users(t, mock, tokens.Access)
	mock.AssertNewTokenUsed(t)

	tokens = issue(t, mock, "session")
	fresh := tokenOf(t, refresh(t, mock, tokens).body)
	for _, token := range []string{fresh, tokens.Access, fresh} {
		ask(t, mock.Client(), mock, http.MethodGet, "/orders", "", "Authorization: Bearer "+token)
	}
	tb := &told{TB: t}
	if mock.AssertNewTokenUsed(tb); len(tb.errors) != 1 {
		t.Errorf("the old token was not seen: %q", tb.errors)
	}
}

// TestDeadlineTakenBack: net/http ends the read of an idle connection by a deadline
// that has passed, and takes it back for the next request. Such a deadline must not end
// a later read.
func TestDeadlineTakenBack(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithMemory())
	transport := mock.Client().Transport.(*http.Transport)
	conn, err := transport.DialContext(t.Context(), "tcp", "mock.example:80")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for range 3000 {
		if err := conn.SetReadDeadline(time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
		runtime.Gosched() // what ends reads may just begin
		if err := conn.SetReadDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "GET /nothing HTTP/1.1\r\nHost: mock.example\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
}

// TestAnswersChanged: what the client reads is changed, what the journal shows is not,
// and the tokens are those that were issued.
func TestAnswersChanged(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("session"), mockserver.WithAnswers(func(o mockserver.Operation, body []byte) []byte {
		if o != mockserver.Login {
			return body
		}
		return []byte(strings.ToUpper(string(body)))
	}))
	login := strings.NewReader(`{"session":{"email":"root@example.com","password":"root"}}`)
	response, err := mock.Client().Post(mock.URL+"/sessions", "application/json", login)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	access, refresh := mock.IssuedTokens()
	if err != nil || len(access) != 1 || len(refresh) != 1 || !strings.Contains(string(body), `"ACCESS_TOKEN":"`+strings.ToUpper(access[0])) {
		t.Errorf("got %s, %v; issued %d and %d tokens", body, err, len(access), len(refresh))
	}
	if requests := mock.Requests(); mock.Calls(mockserver.Login) != 1 || !strings.Contains(requests[0].ResponseBody, "access_token") {
		t.Errorf("the journal has %v", requests)
	}
}
