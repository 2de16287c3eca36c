package reference_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// dialect is what the tests that run in every dialect need to know of one.
type dialect struct {
	name, path string
	login      func(o *office, user, password string) reply
	token      func(reply) string
	protected  func(o *office, token string) reply
	inQuery    func(o *office, token string) reply // a protected request with the token in the query
}

func dialects() []dialect {
	get := func(path string) func(*office, string) reply {
		return func(o *office, token string) reply { return o.send("GET", path+token, "") }
	}
	member := func(name string) func(reply) string { return func(r reply) string { return r.member(name) } }
	return []dialect{
		{
			name: "session", path: "/sessions",
			login: func(o *office, user, password string) reply {
				return o.send("POST", "/sessions", fmt.Sprintf(`{"session":{"email":"%s@example.com","password":%q}}`, user, password))
			},
			token: member("access_token"), protected: func(o *office, token string) reply { return o.users(token) }, inQuery: get("/users?access_token="),
		},
		{
			name: "form", path: "/login",
			login: func(o *office, user, password string) reply {
				return o.formLogin("login=" + user + "&pass=" + password)
			},
			token: member("token"), protected: func(o *office, token string) reply { return o.items(token) }, inQuery: get("/items?token="),
		},
		{
			name: "rpc", path: "/grpc",
			login: func(o *office, user, password string) reply {
				return o.call(wire.RPCAuthenticateEx, credentials(user, password), basic(user, password))
			},
			token:     member("token_value"),
			protected: func(o *office, token string) reply { return o.call(wire.RPCGetVersion, "{}", bearer(token)) },
			inQuery: func(o *office, token string) reply {
				return o.send("POST", "/grpc?auth_token="+token, fmt.Sprintf(`{"method":%q,"data":{}}`, wire.RPCGetVersion))
			},
		},
		{
			name: "scoped", path: "/api/v1/auth/token",
			login: func(o *office, user, password string) reply {
				return o.send("POST", "/api/v1/auth/token", fmt.Sprintf(`{"username":%q,"password":%q}`, user, password))
			},
			token: member("token"), protected: func(o *office, token string) reply { return o.as(token, "GET", api+"/objects", "") }, inQuery: get("/api/v1/objects?access_token="),
		},
	}
}

// perDialect runs a test once per dialect, each with an office of its own.
func perDialect(t *testing.T, test func(t *testing.T, o *office, d dialect)) {
	t.Helper()
	t.Parallel()
	for _, d := range dialects() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t), d)
		})
	}
}

func TestTokensAreAllDifferent(t *testing.T) { // SEC-01
	perDialect(t, func(t *testing.T, o *office, d dialect) {
		seen := map[string]bool{}
		for range 200 {
			seen[d.token(o.want("login", d.login(o, "root", "root"), 200))] = true
		}
		if len(seen) != 200 {
			t.Errorf("200 logins obtained %d different tokens", len(seen))
		}
	})
}

func TestTokenInQueryGrantsNoAccess(t *testing.T) { // SEC-02
	perDialect(t, func(t *testing.T, o *office, d dialect) {
		token := d.token(d.login(o, "root", "root"))
		o.want("the token in the query", d.inQuery(o, token), 401)
		o.want("the token where it belongs", d.protected(o, token), 200)
	})
}

func TestThrottle(t *testing.T) { // SEC-03
	perDialect(t, func(t *testing.T, o *office, d dialect) {
		for _, user := range []string{"root", "nobody"} {
			for i := range 10 {
				if r := o.want("a wrong password", d.login(o, user, "Wrong-1"), 401); r.header.Get("Retry-After") != "" {
					t.Errorf("wrong password %d of %s is throttled already", i+1, user)
				}
			}
			r := o.want("one too many of "+user, d.login(o, user, "Wrong-1"), 429)
			wait, err := strconv.Atoi(r.header.Get("Retry-After"))
			if err != nil || wait < 1 || wait > 60 {
				t.Errorf("Retry-After is %q", r.header.Get("Retry-After"))
			}
			if d.name == "rpc" && r.member("error_code") != wire.RPCCodeUserLocked {
				t.Errorf("the answer lacks the dialect's code: %s", r.body)
			}
		}
		o.want("the right password during the wait", d.login(o, "root", "root"), 429)
		o.want("another user meanwhile", d.login(o, "clerk", "clerk"), 200)
		o.clock.Advance(61 * time.Second)
		o.want("the right password after the wait", d.login(o, "root", "root"), 200)
		for range 9 {
			d.login(o, "root", "Wrong-1")
		}
		o.want("the right password after nine wrong ones", d.login(o, "root", "root"), 200)
		o.want("a tenth wrong one counts from one", d.login(o, "root", "Wrong-1"), 401)
		o.want("so the right one is still accepted", d.login(o, "root", "root"), 200)
	})
}

func TestThrottleOverGRPC(t *testing.T) { // SEC-03, RPC-19
	t.Parallel()
	o := open(t)
	d := o.direct()
	login := func(password string) rpcpb.AuthenticateResponseEx_EAuthenticateCode {
		t.Helper()
		resp, err := d.AuthenticateEx(t.Context(), &rpcpb.AuthenticateRequest{UserName: "root", Password: password})
		if err != nil {
			t.Fatal(err)
		}
		return resp.GetErrorCode()
	}
	for range 10 {
		login("Wrong-1")
	}
	if code := login("root"); code != rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_USER_LOCKED {
		t.Errorf("during the wait the code is %v", code)
	}
	o.want("both transports count together", o.call(wire.RPCGetVersion, "{}", basic("root", "root")), 429)
	o.clock.Advance(61 * time.Second)
	if code := login("root"); code != rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_OK {
		t.Errorf("after the wait the code is %v", code)
	}
}

func TestNoAnswerRepeatsThePassword(t *testing.T) { // SEC-04
	perDialect(t, func(t *testing.T, o *office, d dialect) {
		const secret = "hunter2-Sesame"
		for _, r := range []reply{
			d.login(o, "root", secret), d.login(o, "nobody", secret),
			o.send("POST", d.path, `{"password":`+secret+`}`), o.send("POST", d.path, `{"session":"`+secret+`","method":"`+secret+`","password":["`+secret+`"],"scopes":7}`),
			o.send("POST", d.path, "pass="+secret, curlForm), o.send("POST", d.path, `{}`, basic("root", secret)),
		} {
			if strings.Contains(string(r.body), secret) || strings.Contains(fmt.Sprint(r.header), secret) {
				t.Errorf("an answer repeats the password: %v %s", r.header, r.body)
			}
		}
	})
}

func TestManyLoginsAtOnce(t *testing.T) { // SEC-05
	perDialect(t, func(t *testing.T, o *office, d dialect) {
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if r := d.login(o, "root", "root"); r.status != http.StatusOK {
					t.Errorf("a login of many: status %d %s", r.status, r.body)
				}
			})
		}
		wg.Wait()
	})
}

func TestOversizedRequestsAreRefused(t *testing.T) { // SEC-06
	perDialect(t, func(t *testing.T, o *office, d dialect) {
		big := strings.Repeat("x", 8<<20)
		for what, r := range map[string]reply{
			"a header of 64 KiB":       o.send("POST", d.path, "", "X-Big: "+big[:64<<10]),
			"a token of 64 KiB":        o.send("POST", d.path, "", "Authorization: Bearer "+big[:64<<10]),
			"a body of 8 MiB":          o.send("POST", d.path, big, curlForm, basic("root", "root")),
			"a password of 8 MiB":      d.login(o, "clerk", big),
			"8 MiB of unknown members": o.send("POST", d.path, `{"x":"`+big+`"}`, basic("root", "root")),
		} {
			if r.status < 400 || r.status > 499 {
				t.Errorf("%s: status %d %.100s", what, r.status, r.body)
			}
		}
		o.want("a login afterwards", d.login(o, "root", "root"), 200)
	})
}

func TestUndeclaredMethods(t *testing.T) { // SEC-07
	perDialect(t, func(t *testing.T, o *office, d dialect) {
		for _, method := range []string{"PUT", "PATCH", "DELETE"} {
			if d.name == "form" && method != "PATCH" {
				continue // declared there
			}
			if r := o.want(method, o.send(method, d.path, "{}"), 405); r.header.Get("Allow") == "" {
				t.Errorf("%s: no Allow", method)
			}
		}
	})
}

func TestAnswersAreNotCached(t *testing.T) { // SES-24, FRM-21, RPC-23, SCP-29
	perDialect(t, func(t *testing.T, o *office, d dialect) {
		login := d.login(o, "root", "root")
		for what, r := range map[string]reply{
			"login": login, "wrong login": d.login(o, "root", "Wrong-1"), "a protected resource": d.protected(o, d.token(login)),
			"a refusal": d.protected(o, "x"),
		} {
			if got := r.header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("%s: Cache-Control is %q", what, got)
			}
		}
	})
}
