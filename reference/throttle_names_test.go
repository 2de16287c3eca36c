package reference_test

import (
	"fmt"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// TestThrottleCountsAnAccountOnce: an account has one allowance, however it is
// named, in whichever dialect and over whichever transport (SEC-10).
func TestThrottleCountsAnAccountOnce(t *testing.T) {
	t.Parallel()
	o := open(t)
	calls := o.direct()
	overGRPC := func(name, password string) bool {
		answer, err := calls.AuthenticateEx(t.Context(), &rpcpb.AuthenticateRequest{UserName: name, Password: password})
		if err != nil {
			t.Fatal(err)
		}
		return answer.GetErrorCode() == rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_USER_LOCKED
	}
	session := func(name, password string) bool {
		return o.send("POST", "/sessions", fmt.Sprintf(`{"session":{"email":%q,"password":%q}}`, name, password)).status == 429
	}
	form := func(name, password string) bool {
		return o.formLogin("login="+name+"&pass="+password).status == 429
	}
	rpc := func(name, password string) bool {
		return o.call("any", "{}", basic(name, password)).status == 429
	}
	rest := func(name, password string) bool {
		return o.send("POST", "/v1/authentication/authenticate_ex2", credentials(name, password)).status == 429
	}
	scoped := func(name, password string) bool {
		return o.send("POST", "/api/v1/auth/token", fmt.Sprintf(`{"username":%q,"password":%q}`, name, password)).status == 429
	}
	guesses := []struct {
		login func(name, password string) bool
		name  string
	}{
		{session, "root@example.com"}, {session, "Root@Example.com"}, {session, "root"}, {form, "root"}, {form, "ROOT@example.com"},
		{rpc, "root"}, {rpc, "root@EXAMPLE.com"}, {rest, "root"}, {overGRPC, "root"}, {scoped, "root"},
	}
	for i, g := range guesses {
		if g.login(g.name, "Wrong-1") {
			t.Fatalf("guess %d, of %s, is throttled", i+1, g.name)
		}
	}
	for _, g := range guesses {
		if !g.login(g.name, "Wrong-1") || !g.login(g.name, "root") {
			t.Errorf("after ten guesses, %s is not throttled", g.name)
		}
	}
	if form("clerk", "clerk") {
		t.Error("another account is throttled")
	}
	for i := range 10 { // no account has this name
		form([]string{"nobody", "Nobody", "NOBODY"}[i%3], "Wrong-1")
	}
	if !scoped("nObody", "Wrong-1") {
		t.Error("a name that no account has is counted by its spelling")
	}
}
