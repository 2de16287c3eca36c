package reference_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/needs"
	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// The examples of the four source documents, byte for byte. Where a document masks
// a value, an account has the mask as its value; where it shows a token, the test
// sends the token that it obtained.

func seedAccounts(cfg *reference.Config) {
	all := scope.Rights{scope.Everything}
	cfg.Accounts = append(cfg.Accounts,
		account.Account{Login: "session", Email: "[email protected]", Password: "******", Rights: all},
		account.Account{Login: "TWOJ_LOGIN", Password: "TWOJE_HASLO"},
		account.Account{Login: "test@example.com", Password: "***********", Rights: all},
	)
}

const (
	seedSessionLogin = `{"session":{"email":"[email protected]","password":"******"}}`
	seedFormLogin    = `login=TWOJ_LOGIN&pass=TWOJE_HASLO&longtoken=false`
	seedRPCLogin     = `{ "method": "axxonsoft.bl.auth.AuthenticationService.AuthenticateEx", "data": { "user_name" : "root", "password" : "root" } }`
	seedRPCRenew     = `{ "method": "axxonsoft.bl.auth.AuthenticationService.RenewSession", "data": { } }`
	seedRPCClose     = `{ "method": "axxonsoft.bl.auth.AuthenticationService.CloseSession", "data": { } }`
	seedScopedLogin  = `{
"username": "test@example.com",
"password": "***********"
}`
	seedScopedLimited = `{
"username": "test@example.com",
"password": "***********",
"expiresIn": "90 days",
"scopes": [
"GET /objects",
"GET /objects/:id",
"POST /objects/:id/commands/:command",
"GET /geofences",
"POST /geofences",
"DELETE /geofences/:id"
]
}`
	seedScopedIssue = `{
"expiresIn": "7 days",
"name": "test-token-01",
"scopes": ["POST /tokens", "GET /objects"]
}`
	curlForm   = "Content-Type: application/x-www-form-urlencoded" // what curl -d sends
	railsToken = "eyJfcmFpbHMiOnsiZGF0YSI6I"                       // how the document's tokens begin
)

func wantMembers(t *testing.T, r reply, names ...string) {
	t.Helper()
	var object map[string]json.RawMessage
	if err := json.Unmarshal(r.body, &object); err != nil {
		t.Errorf("the answer is no JSON object: %v", err)
	}
	for _, name := range names {
		if _, found := object[name]; !found {
			t.Errorf("the answer has no %s: %s", name, r.body)
		}
	}
}

func TestSeedSession(t *testing.T) {
	t.Parallel()
	o := open(t, seedAccounts)
	accept := "Accept: application/json"
	login := o.want("login", o.send("POST", "/sessioni", seedSessionLogin, accept, curlForm), 200)
	wantSessionTokens(t, login)
	bearer := "Authorization: Bearer " + login.member("access_token")
	o.want("users", o.send("GET", "/utenti", "", bearer, accept), 200)
	refresh := o.want("refresh", o.send("POST", "/tokens",
		`{"refresh_token":"`+login.member("refresh_token")+`"}`, bearer, accept, curlForm), 200)
	wantSessionTokens(t, refresh)
	o.want("users again", o.send("GET", "/utenti", "", "Authorization: Bearer "+refresh.member("access_token"), accept), 200)
}

func wantSessionTokens(t *testing.T, r reply) {
	t.Helper()
	if r.member("token_type") != "Bearer" || r.member("expires_in") != "600" {
		t.Errorf("token_type %q, expires_in %q", r.member("token_type"), r.member("expires_in"))
	}
	for _, name := range []string{"access_token", "refresh_token"} {
		if !strings.HasPrefix(r.member(name), railsToken) {
			t.Errorf("%s does not begin like the document's: %q", name, r.member(name))
		}
	}
}

// TestSeedSessionByCurl runs the document's own command lines.
func TestSeedSessionByCurl(t *testing.T) {
	t.Parallel()
	curl := needs.Program(t, "curl")
	o := open(t, seedAccounts)
	run := func(args ...string) reply {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), curl, append([]string{"--silent", "--fail", "--max-time", "20"}, args...)...).Output()
		if err != nil {
			t.Fatalf("curl %q: %v", args, err)
		}
		return reply{body: out}
	}
	login := run(o.url+"/sessioni", "-X", "POST", "-H", "Accept: application/json", "-d", seedSessionLogin)
	wantSessionTokens(t, login)
	bearer := "Authorization: Bearer " + login.member("access_token")
	if users := run(o.url+"/utenti", "-H", bearer, "-H", "Accept: application/json"); !strings.Contains(string(users.body), "[email protected]") {
		t.Errorf("the list of users lacks the user: %s", users.body)
	}
	wantSessionTokens(t, run(o.url+"/tokens", "-X", "POST", "-H", bearer, "-H", "Accept: application/json",
		"-d", `{"refresh_token":"`+login.member("refresh_token")+`"}`))
}

func TestSeedForm(t *testing.T) {
	t.Parallel()
	o := open(t, seedAccounts)
	login := o.want("login", o.send("POST", "/login", seedFormLogin, curlForm), 200)
	wantMembers(t, login, "token", "validTo", "user")
	token := login.member("token")
	for _, path := range []string{"/login&token=" + token, "/login?token=" + token} {
		if got := o.want("GET "+path, o.send("GET", path, ""), 200); string(got.body) != string(login.body) {
			t.Errorf("GET %s answers %s, the login %s", path, got.body, login.body)
		}
	}
	o.want("items", o.send("GET", "/items", "", "X-Auth-Bearer: "+token), 200)
	wantMembers(t, o.want("extend", o.send("PUT", "/login", `{"token":"`+token+`"}`), 200), "token", "validTo", "user")
	if gone := o.want("delete", o.send("DELETE", "/login?token="+token, ""), 204); len(gone.body) != 0 {
		t.Errorf("DELETE answers %q, want nothing", gone.body)
	}
	o.want("GET of a deleted token", o.send("GET", "/login&token="+token, ""), 404)
}

func TestSeedRPC(t *testing.T) {
	t.Parallel()
	o := open(t)
	members := []string{"token_name", "token_value", "expires_at", "is_unrestricted", "user_id", "roles_ids", "error_code"}
	login := o.want("login", o.send("POST", "/grpc", seedRPCLogin, basic("root", "root")), 200)
	wantMembers(t, login, members...)
	if login.member("error_code") != "AUTHENTICATE_CODE_OK" || login.member("is_unrestricted") != "true" {
		t.Errorf("the login answers %s", login.body)
	}
	bearer := "Authorization: Bearer " + login.member("token_value")
	renewed := o.want("renewal", o.send("POST", "/grpc", seedRPCRenew, bearer), 200)
	wantMembers(t, renewed, members...)
	bearer = "Authorization: Bearer " + renewed.member("token_value")
	closed := o.want("close", o.send("POST", "/grpc", seedRPCClose, bearer), 200)
	if strings.TrimSpace(string(closed.body)) != `{"error_code":"OK"}` {
		t.Errorf("the close answers %s", closed.body)
	}
	o.want("renewal after the close", o.send("POST", "/grpc", seedRPCRenew, bearer), 401)
}

func TestSeedScoped(t *testing.T) {
	t.Parallel()
	o := open(t, seedAccounts)
	login := o.want("login", o.send("POST", "/api/v1/auth/token", seedScopedLogin, curlForm), 200)
	wantMembers(t, login, "_id", "issuedAt", "expiresAt", "user", "token")
	if login.member("user") != `{"name":"test@example.com"}` || !strings.HasPrefix(login.member("token"), "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.") {
		t.Errorf("the login answers %s", login.body)
	}
	full := "Authorization: Bearer " + login.member("token")
	limited := o.want("login with scopes", o.send("POST", "/api/v1/auth/token", seedScopedLimited), 200)
	narrow := "Authorization: Bearer " + limited.member("token")
	o.want("a scope's path", o.send("GET", "/api/v1/objects/42", "", narrow), 200)
	o.want("a scope's method", o.send("POST", "/api/v1/objects/42/commands/reboot", "", narrow), 200)
	o.want("another path", o.send("GET", "/api/v1/objects/42/packets", "", narrow), 403)
	issued := o.want("issue", o.send("POST", "/api/v1/tokens", seedScopedIssue, full), 200)
	wantMembers(t, issued, "_id", "issuedAt", "expiresAt", "user", "token")
	list := o.want("list", o.send("GET", "/api/v1/tokens", "", full), 200)
	for _, want := range []string{issued.member("_id"), `"name":"test-token-01"`, `"scopes":["POST /tokens","GET /objects"]`} {
		if !strings.Contains(string(list.body), want) {
			t.Errorf("the list lacks %s: %s", want, list.body)
		}
	}
	o.want("revoke", o.send("DELETE", "/api/v1/tokens/"+issued.member("_id"), "", full), 200)
	o.want("a revoked token", o.send("GET", "/api/v1/objects", "", "Authorization: Bearer "+issued.member("token")), 401)
}
