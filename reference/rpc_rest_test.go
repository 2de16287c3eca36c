package reference_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// TestShortLoginsRaise: Authenticate and Authenticate2 refuse with an error, and
// never with an answer that has no token (RPC-26).
func TestShortLoginsRaise(t *testing.T) {
	t.Parallel()
	o := open(t)
	for _, method := range []string{wire.RPCAuthenticate, wire.RPCAuthenticate2} {
		for _, data := range []string{credentials("root", "Wrong-1"), credentials("nobody", "root"), credentials("clerk", "clerk"), `{}`} {
			r := o.want(method+" "+data, o.call(method, data, basic("root", "root")), 401)
			if r.member("grpcErrorCode") != "16" || r.member("errorMessage") == "" || r.member("token_value") != "" {
				t.Errorf("%s %s answers %s", method, data, r.body)
			}
		}
	}
	o.clock.Advance(2 * time.Minute)
	client := o.direct()
	for name, call := range map[string]func(*rpcpb.AuthenticateRequest) (*rpcpb.AuthenticateResponse, error){
		"Authenticate": func(req *rpcpb.AuthenticateRequest) (*rpcpb.AuthenticateResponse, error) {
			return client.Authenticate(t.Context(), req)
		},
		"Authenticate2": func(req *rpcpb.AuthenticateRequest) (*rpcpb.AuthenticateResponse, error) {
			return client.Authenticate2(t.Context(), req)
		},
	} {
		_, err := call(&rpcpb.AuthenticateRequest{UserName: "root", Password: "Wrong-1"})
		wantCode(t, name, err, codes.Unauthenticated)
		resp, err := call(&rpcpb.AuthenticateRequest{UserName: "root", Password: "root"})
		if err != nil || resp.GetTokenValue() == "" || resp.GetUserId() == "" || !resp.GetIsUnrestricted() || len(resp.GetRolesIds()) == 0 {
			t.Errorf("%s answers %v (%v)", name, resp, err)
		}
	}
}

// TestRPCREST: the REST routes are the same service with the same sessions
// (RPC-27, RPC-28).
func TestRPCREST(t *testing.T) {
	t.Parallel()
	o := open(t)
	const rest = wire.RPCRESTPath
	refused := o.want("a wrong password", o.send("POST", rest+"/authenticate_ex2", credentials("root", "Wrong-1")), 200)
	if refused.member("error_code") != wire.RPCCodeWrongCredentials || refused.member("token_value") != "" {
		t.Errorf("a wrong password is answered %s", refused.body)
	}
	o.want("a wrong password, short", o.send("POST", rest+"/authenticate2", credentials("root", "Wrong-1")), 401)
	o.want("no JSON", o.send("POST", rest+"/authenticate2", "user_name=root"), 400)
	o.want("no body", o.send("POST", rest+"/authenticate_ex2", ""), 400)
	for _, route := range []string{"/authenticate", "/authenticate_ex"} {
		o.want("a password in the query", o.send("GET", rest+route+"?user_name=root&password=root", ""), 404)
	}
	short := o.want("login", o.send("POST", rest+"/authenticate2", credentials("root", "root")), 200)
	full := o.want("login", o.send("POST", rest+"/authenticate_ex2", `{"userName":"root","password":"root"}`), 200)
	wantMembers(t, full, "token_name", "token_value", "expires_at", "expires_in", "is_unrestricted", "user_id", "roles_ids", "error_code")
	if short.member("user_id") != full.member("user_id") || short.member("error_code") != "" {
		t.Errorf("the logins answer %s and %s", short.body, full.body)
	}
	token := full.member("token_value")
	o.want("the token at /grpc", o.call(wire.RPCGetVersion, `{}`, bearer(token)), 200)
	if _, err := o.direct().RenewSession(with(t, wire.RPCTokenName, token), &rpcpb.RenewSessionRequest{}); err != nil {
		t.Errorf("the token over gRPC: %v", err)
	}
	for _, route := range []string{"/renew", "/renew2"} {
		o.want("renewal without a token", o.send("GET", rest+route, ""), 401)
		renewed := o.want("renewal", o.send("GET", rest+route, "", bearer(token)), 200)
		o.want("the renewed token", o.send("GET", wire.RPCProductVersionPath, "", bearer(renewed.member("token_value"))), 200)
	}
	if r := o.want("who", o.send("GET", wire.RPCCurrentUserPath, "", bearer(token)), 200); strings.TrimSpace(string(r.body)) != `{"currentuser":"root"}` {
		t.Errorf("the current user is %s", r.body)
	}
	for _, end := range []struct{ verb, route string }{{"GET", "/close"}, {"POST", "/close_session"}} {
		token := o.rpcToken("root")
		if r := o.want("close", o.send(end.verb, rest+end.route, "", bearer(token)), 200); r.member("error_code") != wire.RPCCloseOK {
			t.Errorf("%s answers %s", end.route, r.body)
		}
		for _, path := range []string{rest + "/renew2", wire.RPCProductVersionPath, wire.RPCCurrentUserPath} {
			r := o.want(path+" after the end", o.send("GET", path, "", bearer(token)), 401)
			if r.member("grpcErrorCode") != "16" || r.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s answers %s", path, r.body)
			}
		}
		_, err := o.direct().RenewSession(with(t, wire.RPCTokenName, token), &rpcpb.RenewSessionRequest{})
		wantCode(t, "renewal after the end", err, codes.Unauthenticated)
	}
}

// TestRPCSessionInfo: GetSessionInfo names login and end of a live token, over
// both transports, and refuses every other (RPC-31).
func TestRPCSessionInfo(t *testing.T) {
	t.Parallel()
	o := open(t)
	login := o.want("login", o.call(wire.RPCAuthenticateEx, credentials("root", "root"), basic("root", "root")), 200)
	token := login.member("token_value")
	end, err := wire.ParseCompactTime(login.member("expires_at"))
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{`{}`, fmt.Sprintf(`{"session_token":%q}`, token)} {
		r := o.want("session info", o.call(wire.RPCGetSessionInfo, data, bearer(token)), 200)
		if r.member("login") != "root" || r.member("expires_at") != end.Format(time.RFC3339) {
			t.Errorf("the info on %s is %s, and its end %v", data, r.body, end)
		}
	}
	client := o.direct()
	info, err := client.GetSessionInfo(with(t, wire.RPCTokenName, token), &rpcpb.GetSessionInfoRequest{SessionToken: token})
	if err != nil || info.GetLogin() != "root" || !info.GetExpiresAt().AsTime().Equal(end) {
		t.Errorf("over gRPC it is %v (%v)", info, err)
	}
	closed := o.rpcToken("root")
	o.want("close", o.call(wire.RPCCloseSession, `{}`, bearer(closed)), 200)
	for _, dead := range []string{closed, garble(token), o.scopedToken("root", "")} {
		o.want("info on a dead token", o.call(wire.RPCGetSessionInfo, fmt.Sprintf(`{"session_token":%q}`, dead), bearer(token)), 401)
		_, err := client.GetSessionInfo(with(t, wire.RPCTokenName, token), &rpcpb.GetSessionInfoRequest{SessionToken: dead})
		wantCode(t, "info on a dead token", err, codes.Unauthenticated)
	}
	_, err = client.GetSessionInfo(t.Context(), &rpcpb.GetSessionInfoRequest{SessionToken: token})
	wantCode(t, "info without a token", err, codes.Unauthenticated)
}

// TestHead: HEAD answers as GET does, without a body (SEC-08), also where a scope
// names GET alone.
func TestHead(t *testing.T) {
	t.Parallel()
	o := open(t)
	session, form, rpc := o.session("root").access, o.formToken("login=root&pass=root"), o.rpcToken("root")
	scoped := o.scopedToken("root", `,"scopes":["GET /objects"]`)
	for path, credentials := range map[string]string{
		"/users": bearer(session), "/sessions": bearer(session), "/items": "X-Auth-Bearer: " + form, "/login?token=" + form: "X-None: x",
		"/api/v1/objects": bearer(scoped), "/api/v1/tokens": bearer(scoped), wire.RPCCurrentUserPath: bearer(rpc), "/no/such": bearer(rpc),
	} {
		for _, header := range []string{credentials, "X-None: x"} {
			get, head := o.send("GET", path, "", header), o.send("HEAD", path, "", header)
			if head.status != get.status || len(head.body) != 0 || head.header.Get("Content-Type") != get.header.Get("Content-Type") {
				t.Errorf("HEAD %s answers %d %q, GET %d", path, head.status, head.body, get.status)
			}
		}
	}
}

// TestAuthorizationGrammar: scheme names have no case, and one space or more
// follows (SEC-09).
func TestAuthorizationGrammar(t *testing.T) {
	t.Parallel()
	o := open(t)
	for path, token := range map[string]string{
		"/users": o.session("root").access, wire.RPCCurrentUserPath: o.rpcToken("root"), "/api/v1/objects": o.scopedToken("root", ""),
	} {
		for header, want := range map[string]int{
			"Bearer " + token: 200, "bearer " + token: 200, "BEARER  " + token: 200, "Bearer " + token + ",x": 401, "Bearer  " + token + " x": 401,
			"Bearer" + token: 401, token: 401, "Token " + token: 401, `Bearer "` + token + `"`: 401,
		} {
			o.want(path+" with "+strings.ReplaceAll(header, token, "TOKEN"), o.send("GET", path, "", "Authorization: "+header), want)
		}
	}
}
