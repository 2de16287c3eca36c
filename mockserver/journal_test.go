package mockserver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/mockserver"
)

// tokenOf is the first member of a JSON object that names a token.
func tokenOf(t *testing.T, body string) string {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(body), &members); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	for _, name := range []string{"token", "access_token", "token_value"} {
		if value, is := members[name].(string); is {
			return value
		}
	}
	t.Fatalf("no token in %s", body)
	return ""
}

// TestOperations sends one request of each kind, and reads what the journal calls it.
func TestOperations(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t)
	session, form, rpc, scoped := issue(t, mock, "session"), issue(t, mock, "form").Access, issue(t, mock, "rpc").Access, issue(t, mock, "scoped").Access
	bearer := func(token string) string { return "Authorization: Bearer " + token }
	method := func(name string) string { return `{"method":"axxonsoft.bl.` + name + `","data":{}}` }
	for _, test := range []struct {
		method, path, body, header string
		status                     int
		want                       string
	}{
		{"POST", "/sessions", login, "", 200, "session login session-5"},
		{"POST", "/sessioni", login, "", 200, "session login session-6"},
		{"GET", "/sessions", "", bearer(session.Access), 200, "session inspect session-1"},
		{"GET", "/utenti", "", bearer(session.Access), 200, "session resource session-1"},
		{"POST", "/tokens", `{"refresh_token":"` + session.Refresh + `"}`, bearer(session.Access), 200, "session renewal session-1"},
		{"POST", "/login", "login=root&pass=root", "Content-Type: application/x-www-form-urlencoded", 200, "form login session-7"},
		{"PUT", "/login", `{"token":"` + form + `"}`, "", 200, "form renewal session-2"},
		{"GET", "/login?token=" + form, "", "", 200, "form inspect session-2"},
		{"GET", "/items", "", "X-Auth-Bearer: " + form, 200, "form resource session-2"},
		{"DELETE", "/login?token=" + form, "", "", 204, "form revoke session-2"},
		{"POST", "/grpc", method("auth.AuthenticationService.RenewSession"), bearer(rpc), 200, "rpc renewal session-3"},
		{"POST", "/grpc", method("domain.DomainService.GetVersion"), bearer(rpc), 200, "rpc resource session-3"},
		{"GET", "/currentuser", "", bearer(rpc), 200, "rpc inspect session-3"},
		{"POST", "/v1/authentication/authenticate_ex2", `{"user_name":"root","password":"root"}`, "", 200, "rpc login session-8"},
		{"GET", "/v1/authentication/renew2", "", bearer(rpc), 200, "rpc renewal session-3"},
		{"GET", "/v1/authentication/close", "", bearer(rpc), 200, "rpc revoke session-3"},
		{"POST", "/api/v1/auth/token", `{"username":"root","password":"root"}`, "", 200, "scoped login session-9"},
		{"POST", "/api/v1/tokens", `{"name":"x"}`, bearer(scoped), 200, "scoped issue session-10"},
		{"GET", "/api/v1/tokens", "", bearer(scoped), 200, "scoped inspect session-4"},
		{"GET", "/api/v1/objects", "", bearer(scoped), 200, "scoped resource session-4"},
		{"DELETE", "/api/v1/tokens/unknown", "", bearer(scoped), 404, "scoped revoke session-4"},
		{"GET", "/healthz", "", "", 200, " other "},
		{"GET", "/", "", "", 200, " other "},
	} {
		var headers []string
		if test.header != "" {
			headers = append(headers, test.header)
		}
		a := ask(t, mock.Client(), mock, test.method, test.path, test.body, headers...)
		requests := mock.Requests()
		last := requests[len(requests)-1]
		if got := fmt.Sprint(last.Dialect, " ", last.Operation, " ", last.Session); got != test.want || a.status != test.status || last.Status != test.status {
			t.Errorf("%s %s: %d (journal %d), %q, want %d, %q", test.method, test.path, a.status, last.Status, got, test.status, test.want)
		}
	}
	for _, r := range mock.Requests() {
		for _, secret := range []string{session.Access, session.Refresh, form, rpc, scoped, `"root"}`, "pass=root"} {
			if strings.Contains(fmt.Sprintf("%+v", r), secret) {
				t.Errorf("the journal holds %s: %+v", secret, r)
			}
		}
	}
}

// TestNoSecretInTheJournal sends secrets in every place that a client can put them,
// also wrong, unreadable and unknown ones.
func TestNoSecretInTheJournal(t *testing.T) {
	t.Parallel()
	const secret = "hunter2/+secret"
	mock := mockserver.New(t)
	for _, send := range [][]string{
		{"POST", "/sessions", `{"session":{"email":"root@example.com","password":"` + secret + `"}}`},
		{"POST", "/sessions", `{"session":{"email":"x","password" : "` + secret + `"`},
		{"POST", "/sessions", `{'password': '` + secret + `'}`},
		{"POST", "/login", "login=root&pass=hunter2%2F%2Bsecret&longtoken=true", "Content-Type: application/x-www-form-urlencoded"},
		{"POST", "/login", "login=root&pass=" + secret},
		{"POST", "/login", "login=root pass=" + secret},
		{"GET", "/items?token=" + secret, ""},
		{"GET", "/items?access_token=hunter2%2F%2Bsecret", ""},
		{"GET", "/items", "", "X-Auth-Bearer: " + secret},
		{"GET", "/users", "", "Authorization: Bearer " + secret},
		{"GET", "/users", "", "Authorization: bearer  " + secret},
		{"GET", "/users", "", "Authorization: " + secret},
		{"GET", "/users", "", "X-Api-Key: " + secret},
		{"GET", "/users", "", "Cookie: session=" + secret},
		{"POST", "/tokens", `{"refresh_token":"` + secret + `"}`, "Authorization: Bearer x"},
		{"PUT", "/login", `{"token":"` + secret + `"}`},
		{"POST", "/grpc", `{"method":"m","data":{"user_name":"u","password":"` + secret + `"}}`},
		{"POST", "/grpc", `{"method":"m","data":{"verification_code":"` + secret + `"}}`},
		{"POST", "/grpc", "", "Authorization: Basic aHVudGVyMi8rc2VjcmV0"},
	} {
		ask(t, mock.Client(), mock, send[0], send[1], send[2], send[3:]...)
	}
	auth := rpcpb.NewAuthenticationServiceClient(dial(t, mock))
	_, _ = auth.AuthenticateEx(withToken(t.Context(), secret), &rpcpb.AuthenticateRequest{UserName: "root", Password: secret})
	var archive bytes.Buffer
	if err := mock.WriteHAR(&archive); err != nil {
		t.Fatal(err)
	}
	for _, r := range mock.Requests() {
		fmt.Fprintf(&archive, "%+v\n%v\n", r, r)
	}
	for _, form := range []string{secret, "hunter2%2F%2Bsecret", "hunter2", "aHVudGVyMi8rc2VjcmV0"} {
		if at := strings.Index(archive.String(), form); at >= 0 {
			t.Errorf("%s stands in the journal: ...%s", form, archive.String()[max(at-300, 0):at+40])
		}
	}
	if !strings.Contains(archive.String(), "[password-1]") {
		t.Error("no password is shown by a name")
	}
}

// TestHAR reads the archive as its format demands.
func TestHAR(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("form"))
	token := issue(t, mock, "form").Access
	get(t, mock.Client(), mock, token)
	ask(t, mock.Client(), mock, "GET", "/login?token="+token, "")
	var written bytes.Buffer
	if err := mock.WriteHAR(&written); err != nil {
		t.Fatal(err)
	}
	var archive struct {
		Log struct {
			Version string
			Entries []struct {
				StartedDateTime string
				Request         struct {
					Method, URL string
					QueryString []struct{ Name, Value string }
				}
				Response struct {
					Status  int
					Content struct{ Text string }
				}
			}
		}
	}
	if err := json.Unmarshal(written.Bytes(), &archive); err != nil {
		t.Fatal(err)
	}
	entries := archive.Log.Entries
	if archive.Log.Version != "1.2" || len(entries) != 2 || entries[0].Request.URL != mock.URL+"/items" || entries[0].Response.Status != 200 ||
		!json.Valid([]byte(entries[0].Response.Content.Text)) || entries[1].Request.QueryString[0].Value != "[token-1]" {
		t.Errorf("the archive is %s", written.String())
	}
}

// TestJournalIsBounded keeps the last of many requests.
func TestJournalIsBounded(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("form"), mockserver.WithMemory())
	for range 10_500 {
		mock.ServeForTest()
	}
	requests := mock.Requests()
	if len(requests) > 10_000 || len(requests) < 9_000 || requests[len(requests)-1].Attempt != 10_500 {
		t.Errorf("the journal holds %d requests, the last is attempt %d", len(requests), requests[len(requests)-1].Attempt)
	}
}

// TestNamesDoNotDependOnReading: of requests one after the other, what the journal shows is
// the same whether it is read after each or at the end, and also where misuse is looked for
// meanwhile.
func TestNamesDoNotDependOnReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, namesDoNotDependOnReading)
}

func namesDoNotDependOnReading(t *testing.T) {
	run := func(between func(*mockserver.Server), options ...mockserver.Option) []mockserver.Request {
		mock := mockserver.New(t, append(options, mockserver.WithMemory())...)
		client := mock.Client()
		send := func(method, path, body string, headers ...string) string {
			defer between(mock)
			return ask(t, client, mock, method, path, body, headers...).body
		}
		account := mock.Accounts()[0]
		first := send("POST", "/sessions", `{"session":{"email":"`+account.Email+`","password":"`+account.Password+`"}}`)
		var pair struct{ Access_token, Refresh_token string } //nolint:revive,staticcheck // as the dialect names them
		if err := json.Unmarshal([]byte(first), &pair); err != nil {
			t.Fatal(err)
		}
		mock.Reset()
		send("GET", "/users", "", "Authorization: Bearer "+pair.Access_token, "Cookie: sid=x")
		send("GET", "/users?token=unknown", "", "Authorization: Bearer other")
		send("POST", "/tokens", `{"refresh_token":"`+pair.Refresh_token+`"}`, "Authorization: Bearer "+pair.Access_token)
		send("GET", "/users/"+pair.Refresh_token, "", "Authorization: Bearer strange")
		send("POST", "/users", `{"password":"`+strings.Repeat("a", 5000)+`","token":"late"}`)
		send("POST", "/login", "login=root&pass=wrong")
		list := mock.Requests()
		for i := range list {
			delete(list[i].RequestHeader, "User-Agent")
		}
		return list
	}
	want := run(func(m *mockserver.Server) { m.Requests() })
	if len(want) != 6 || want[0].RequestHeader.Get("Authorization") != "Bearer ["+want[0].Token+"]" || want[0].Session != want[2].Session || want[0].Token == "token-1" {
		t.Fatalf("the journal: %+v", want)
	}
	for how, got := range map[string][]mockserver.Request{
		"at the end":  run(func(*mockserver.Server) {}),
		"with misuse": run(func(*mockserver.Server) {}, mockserver.WithMisuse(mockserver.MisuseWarn)),
	} {
		for i := range want {
			if !reflect.DeepEqual(got[i], want[i]) {
				t.Errorf("%s, request %d is\n%+v, want\n%+v", how, i, got[i], want[i])
			}
		}
	}
}
