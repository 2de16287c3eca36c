package reference_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/reference"
)

// call posts a method; auth is a header or "".
func (o *office) call(method, data, auth string) reply {
	o.t.Helper()
	body := fmt.Sprintf(`{"method":%q,"data":%s}`, method, data)
	if auth == "" {
		return o.send("POST", "/grpc", body)
	}
	return o.send("POST", "/grpc", body, auth)
}

func credentials(user, password string) string {
	return fmt.Sprintf(`{"user_name":%q,"password":%q}`, user, password)
}

// rpcToken logs in over HTTP.
func (o *office) rpcToken(user string) string {
	o.t.Helper()
	return o.want("login", o.call(wire.RPCAuthenticateEx, credentials(user, user), basic(user, user)), 200).member("token_value")
}

func bearer(token string) string { return "Authorization: Bearer " + token }

// direct is the two services over gRPC.
type direct struct {
	rpcpb.AuthenticationServiceClient
	rpcpb.DomainServiceClient
}

func (o *office) direct() direct {
	conn := o.dial()
	return direct{rpcpb.NewAuthenticationServiceClient(conn), rpcpb.NewDomainServiceClient(conn)}
}

func with(t *testing.T, key, value string) context.Context {
	return metadata.AppendToOutgoingContext(t.Context(), key, value)
}

func wantCode(t *testing.T, what string, err error, want codes.Code) {
	t.Helper()
	if status.Code(err) != want {
		t.Errorf("%s: the error is %v, want %v", what, err, want)
	}
}

func TestRPCLogin(t *testing.T) { // RPC-01, RPC-04, RPC-05, RPC-24
	t.Parallel()
	o := open(t)
	for _, method := range []string{wire.RPCAuthenticate, wire.RPCAuthenticate2, wire.RPCAuthenticateEx, wire.RPCAuthenticateEx2} {
		r := o.want(method, o.call(method, credentials("root", "root"), basic("root", "root")), 200)
		if r.member("token_name") != "auth_token" || r.member("expires_in") != "14400" || strings.Contains(method, "Ex") && r.member("error_code") != wire.RPCCodeOK {
			t.Errorf("%s answers %s", method, r.body)
		}
		end, err := wire.ParseCompactTime(r.member("expires_at"))
		if err != nil || end.Sub(o.clock.Now()) > 4*time.Hour || end.Sub(o.clock.Now()) < 4*time.Hour-time.Minute {
			t.Errorf("%s: expires_at %s (%v)", method, r.member("expires_at"), err)
		}
		checkClaims(t, r, end)
	}
}

func checkClaims(t *testing.T, r reply, end time.Time) {
	t.Helper()
	claims := jwt.MapClaims{}
	token, _, err := jwt.NewParser().ParseUnverified(r.member("token_value"), claims)
	if err != nil || token.Method.Alg() != "RS256" {
		t.Fatalf("the token is no RS256 JWT: %v", err)
	}
	roles, _ := json.Marshal(claims["rls"])
	if exp, _ := claims.GetExpirationTime(); exp == nil || !exp.Equal(end) {
		t.Errorf("exp is %v, expires_at %v", exp, end)
	}
	if claims["sub"] != r.member("user_id") || string(roles) != r.member("roles_ids") || claims["lgn"] != "root" || claims["aud"] != "*.*" || claims["iss"] != "DRAGOMAN" || claims["sid"] == "" || claims["iat"] == nil {
		t.Errorf("the claims are %v of %s", claims, r.body)
	}
}

func TestRPCZeroValuesArePrinted(t *testing.T) {
	t.Parallel()
	o := open(t)
	r := o.call(wire.RPCAuthenticateEx, credentials("clerk", "clerk"), basic("clerk", "clerk"))
	wantMembers(t, r, "token_name", "token_value", "expires_at", "expires_in", "is_unrestricted", "user_id", "roles_ids", "error_code")
	if r.member("is_unrestricted") != "false" || r.member("roles_ids") != "[]" {
		t.Errorf("the login answers %s", r.body)
	}
}

func TestRPCDeniesAccessOverHTTP(t *testing.T) { // RPC-02, RPC-03, RPC-20, RPC-22, RPC-25
	t.Parallel()
	o := open(t)
	token := o.rpcToken("root")
	for what, auth := range map[string]string{
		"nothing": "", "a garbled bearer": bearer(garble(token)), "no signature": bearer(token[:strings.LastIndex(token, ".")+1]),
		"alg none":   bearer(resigned(t, token, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil)),
		"alg HS256":  bearer(resigned(t, token, jwt.SigningMethodHS256, []byte("public key"), nil)),
		"wrong user": basic("nobody", "Wrong-1"), "wrong password": basic("root", "Wrong-1"), "no scheme": "Authorization: " + token,
		"Basic nonsense": "Authorization: Basic !!!", "a session token": bearer(o.session("root").access), "a scoped token": bearer(o.scopedToken("root", "")),
	} {
		for _, method := range []string{wire.RPCGetVersion, wire.RPCRenewSession, wire.RPCCloseSession, wire.RPCAuthenticateEx, "no.such.Method"} {
			r := o.want(method+" with "+what, o.call(method, credentials("root", "root"), auth), 401)
			if r.member("grpcErrorCode") != "16" || r.member("errorMessage") == "" || r.member("token_value") != "" || r.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s with %s answers %s", method, what, r.body)
			}
		}
		o.clock.Advance(2 * time.Minute) // so that the throttle does not answer
	}
	for body, want := range map[string][2]string{
		`{"method":"no.such.Method","data":{}}`: {"404", "12"}, `{"method":"` + wire.RPCAuthService + `","data":{}}`: {"404", "12"},
		`{"data":{}}`: {"400", "3"}, `{}`: {"400", "3"}, ``: {"400", "3"}, `{`: {"400", "3"}, `[]`: {"400", "3"}, `{"method":7}`: {"400", "3"},
		`{"method":"` + wire.RPCListCameras + `","data":[]}`: {"400", "3"}, `{"method":"` + wire.RPCListCameras + `","data":{"page_size":"x"}}`: {"400", "3"},
		`{"method":"` + wire.RPCListCameras + `","data":{"page_size":-1}}`: {"400", "3"},
	} {
		r := o.send("POST", "/grpc", body, bearer(token))
		if strconv.Itoa(r.status) != want[0] || r.member("grpcErrorCode") != want[1] {
			t.Errorf("%s answers %d %s, want %v", body, r.status, r.body, want)
		}
	}
	o.want("GET /grpc", o.send("GET", "/grpc", ""), 405)
}

func TestRPCWrongCredentials(t *testing.T) { // RPC-12, RPC-13, RPC-19
	t.Parallel()
	o := open(t)
	d := o.direct()
	var bodies []string
	for _, data := range []string{
		credentials("root", "Wrong-1"), credentials("nobody", "Wrong-1"), credentials("clerk", "clerk"), `{}`, `null`, credentials("root", strings.Repeat("x", 5000)),
	} {
		bodies = append(bodies, string(o.want("data "+data[:min(len(data), 50)], o.call(wire.RPCAuthenticateEx, data, basic("root", "root")), 200).body))
	}
	token := o.rpcToken("root")
	bodies = append(bodies, string(o.want("the credentials of another user beside a token", o.call(wire.RPCAuthenticateEx, credentials("clerk", "clerk"), bearer(token)), 200).body))
	if r := o.call(wire.RPCAuthenticateEx, credentials("root", "root"), bearer(token)); r.member("error_code") != wire.RPCCodeOK || r.member("token_value") == "" {
		t.Errorf("the user's own credentials beside a token answer %s", r.body)
	}
	for _, body := range bodies {
		if body != bodies[0] || !strings.Contains(body, wire.RPCCodeWrongCredentials) || !strings.Contains(body, `"token_value":""`) {
			t.Errorf("wrong data answers %s", body)
		}
	}
	for _, user := range []string{"root", "nobody"} {
		resp, err := d.AuthenticateEx(t.Context(), &rpcpb.AuthenticateRequest{UserName: user, Password: "Wrong-1"})
		if err != nil || resp.GetErrorCode() != rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_WRONG_CREDENTIALS || resp.GetTokenValue() != "" {
			t.Errorf("wrong credentials of %s over gRPC answer %v (%v)", user, resp, err)
		}
	}
}

func TestRPCRenewAndClose(t *testing.T) { // RPC-06 to RPC-11, RPC-21
	t.Parallel()
	o := open(t)
	first, other := o.rpcToken("root"), o.rpcToken("root")
	o.want("a method", o.call(wire.RPCGetVersion, `{}`, bearer(first)), 200)
	o.want("Basic on a later call", o.call(wire.RPCGetVersion, `{}`, basic("root", "root")), 200)
	o.want("Basic is no session", o.call(wire.RPCRenewSession, `{}`, basic("root", "root")), 401)
	o.want("Basic closes nothing", o.call(wire.RPCCloseSession, `{}`, basic("root", "root")), 401)
	o.clock.Advance(3 * time.Hour)
	var second string
	for _, method := range []string{wire.RPCRenewSession, wire.RPCRenewSession2} {
		r := o.want(method, o.call(method, `{}`, bearer(first)), 200)
		second = r.member("token_value")
		if second == first || sid(t, second) != sid(t, first) || r.member("error_code") != wire.RPCCodeOK {
			t.Errorf("%s answers %s", method, r.body)
		}
	}
	o.want("the old token still lives", o.call(wire.RPCGetVersion, `{}`, bearer(first)), 200)
	o.clock.Advance(61 * time.Minute)
	o.want("the old token's end", o.call(wire.RPCGetVersion, `{}`, bearer(first)), 401)
	o.want("a renewal after it", o.call(wire.RPCRenewSession, `{}`, bearer(first)), 401)
	o.want("the other session's end", o.call(wire.RPCGetVersion, `{}`, bearer(other)), 401)
	o.want("the new token", o.call(wire.RPCGetVersion, `{}`, bearer(second)), 200)
	fresh := o.rpcToken("root")
	if r := o.want("close", o.call(wire.RPCCloseSession, `{}`, bearer(second)), 200); r.member("error_code") != "OK" {
		t.Errorf("a close answers %s", r.body)
	}
	for _, method := range []string{wire.RPCGetVersion, wire.RPCRenewSession, wire.RPCCloseSession} {
		o.want(method+" after the close", o.call(method, `{}`, bearer(second)), 401)
	}
	o.want("another session of the user", o.call(wire.RPCGetVersion, `{}`, bearer(fresh)), 200)
}

func sid(t *testing.T, token string) any {
	t.Helper()
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		t.Fatal(err)
	}
	return claims["sid"]
}

func TestRPCDirect(t *testing.T) { // RPC-14 to RPC-17
	t.Parallel()
	o := open(t)
	d := o.direct()
	login, err := d.AuthenticateEx2(t.Context(), &rpcpb.AuthenticateRequest{UserName: "root", Password: "root"})
	if err != nil {
		t.Fatal(err)
	}
	token := login.GetTokenValue()
	_, err = d.GetVersion(t.Context(), &rpcpb.GetVersionRequest{})
	wantCode(t, "a method without a token", err, codes.Unauthenticated)
	_, err = d.RenewSession(t.Context(), &rpcpb.RenewSessionRequest{})
	wantCode(t, "a renewal without a token", err, codes.Unauthenticated)
	_, err = d.CloseSession(t.Context(), &rpcpb.CloseSessionRequest{})
	wantCode(t, "a close without a token", err, codes.Unauthenticated)
	_, err = d.GetVersion(with(t, "auth_token", garble(token)), &rpcpb.GetVersionRequest{})
	wantCode(t, "a garbled token", err, codes.Unauthenticated)
	_, err = d.GetVersion(metadata.AppendToOutgoingContext(t.Context(), "auth_token", token, "auth_token", token), &rpcpb.GetVersionRequest{})
	wantCode(t, "two tokens", err, codes.Unauthenticated)
	_, err = d.GetVersion(with(t, "authorization", "Basic cm9vdDpyb290"), &rpcpb.GetVersionRequest{})
	wantCode(t, "Basic over gRPC", err, codes.Unauthenticated)
	_, err = d.GetVersion(with(t, "authorization", "Bearer "+token), &rpcpb.GetVersionRequest{})
	wantCode(t, "a bearer", err, codes.OK)
	renewed, err := d.RenewSession(with(t, login.GetTokenName(), token), &rpcpb.RenewSessionRequest{})
	if err != nil || renewed.GetTokenValue() == "" || renewed.GetUserId() != login.GetUserId() {
		t.Errorf("a renewal answers %v (%v)", renewed, err)
	}
	_, err = d.ListCameras(with(t, "auth_token", token), &rpcpb.ListCamerasRequest{PageSize: -1})
	wantCode(t, "a bad page size", err, codes.InvalidArgument)
	closed, err := d.CloseSession(with(t, "auth_token", token), &rpcpb.CloseSessionRequest{})
	if err != nil || closed.GetErrorCode() != rpcpb.CloseSessionResponse_OK {
		t.Errorf("a close answers %v (%v)", closed, err)
	}
	_, err = d.RenewSession(with(t, "auth_token", renewed.GetTokenValue()), &rpcpb.RenewSessionRequest{})
	wantCode(t, "a renewal after the close", err, codes.Unauthenticated)
}

func TestRPCOversizedCallsAreRefused(t *testing.T) { // SEC-06
	t.Parallel()
	o := open(t)
	d := o.direct()
	_, err := d.AuthenticateEx(t.Context(), &rpcpb.AuthenticateRequest{UserName: "root", Password: strings.Repeat("x", 2<<20)})
	wantCode(t, "a message of 2 MiB", err, codes.ResourceExhausted)
	if _, err := d.AuthenticateEx(with(t, "x-big", strings.Repeat("x", 64<<10)), &rpcpb.AuthenticateRequest{UserName: "root", Password: "root"}); err == nil {
		t.Error("metadata of 64 KiB was accepted")
	}
	_, err = d.AuthenticateEx(t.Context(), &rpcpb.AuthenticateRequest{UserName: "root", Password: "root"})
	wantCode(t, "a call afterwards", err, codes.OK)
}

func TestRPCOneSessionOverBothTransports(t *testing.T) { // RPC-18
	t.Parallel()
	o := open(t)
	d := o.direct()
	overHTTP := o.rpcToken("root")
	_, err := d.GetVersion(with(t, "auth_token", overHTTP), &rpcpb.GetVersionRequest{})
	wantCode(t, "an HTTP token over gRPC", err, codes.OK)
	login, err := d.AuthenticateEx(t.Context(), &rpcpb.AuthenticateRequest{UserName: "root", Password: "root"})
	if err != nil {
		t.Fatal(err)
	}
	o.want("a gRPC token over HTTP", o.call(wire.RPCGetVersion, `{}`, bearer(login.GetTokenValue())), 200)
	o.want("close over HTTP", o.call(wire.RPCCloseSession, `{}`, bearer(login.GetTokenValue())), 200)
	_, err = d.GetVersion(with(t, "auth_token", login.GetTokenValue()), &rpcpb.GetVersionRequest{})
	wantCode(t, "closed over HTTP, used over gRPC", err, codes.Unauthenticated)
	_, err = d.CloseSession(with(t, "auth_token", overHTTP), &rpcpb.CloseSessionRequest{})
	wantCode(t, "close over gRPC", err, codes.OK)
	o.want("closed over gRPC, used over HTTP", o.call(wire.RPCGetVersion, `{}`, bearer(overHTTP)), 401)
}

func TestRPCPages(t *testing.T) {
	t.Parallel()
	o := open(t)
	token := bearer(o.rpcToken("root"))
	all := o.call(wire.RPCListCameras, `{}`, token)
	if strings.Count(string(all.body), "access_point") != 3 || all.member("next_page_token") != "" {
		t.Errorf("the list is %s", all.body)
	}
	page := o.call(wire.RPCListCameras, `{"page_size":2}`, token)
	rest := o.call(wire.RPCListCameras, fmt.Sprintf(`{"page_size":2,"page_token":%q}`, page.member("next_page_token")), token)
	if strings.Count(string(page.body), "display_name") != 2 || strings.Count(string(rest.body), "display_name") != 1 || rest.member("next_page_token") != "" {
		t.Errorf("the pages are %s and %s", page.body, rest.body)
	}
	o.want("a page token that was never given", o.call(wire.RPCListCameras, `{"page_token":"x"}`, token), 400)
}

func TestRPCConcurrentRenewals(t *testing.T) { // SEC-05
	t.Parallel()
	o := open(t)
	token := o.rpcToken("root")
	renewed := make([]string, 20)
	var wg sync.WaitGroup
	for i := range renewed {
		wg.Go(func() {
			r, err := o.try("POST", "/grpc", `{"method":"`+wire.RPCRenewSession+`","data":{}}`, bearer(token))
			if err != nil || r.status != 200 {
				t.Errorf("a renewal of many: status %d (%v)", r.status, err)
			}
			renewed[i] = r.member("token_value")
		})
	}
	wg.Wait()
	for _, token := range renewed {
		o.want("a renewed token", o.call(wire.RPCGetVersion, `{}`, bearer(token)), 200)
	}
}

func TestRPCLifetimeAndIssuer(t *testing.T) {
	t.Parallel()
	o := open(t, func(c *reference.Config) { c.Lifetimes, c.Issuer = grant.Lifetimes{RPC: 5 * time.Minute}, "V-1" })
	r := o.call(wire.RPCAuthenticateEx, credentials("root", "root"), basic("root", "root"))
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(r.member("token_value"), claims); err != nil || claims["iss"] != "V-1" || r.member("expires_in") != "300" {
		t.Errorf("the login answers %s with the claims %v (%v)", r.body, claims, err)
	}
}

func TestHealthAndReflectionNeedNoToken(t *testing.T) {
	t.Parallel()
	o := open(t)
	conn := o.dial()
	health, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: wire.RPCAuthService})
	if err != nil || health.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("health is %v (%v)", health, err)
	}
	stream, err := grpc_reflection_v1.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context(), grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	ask := &grpc_reflection_v1.ServerReflectionRequest{MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_FileContainingSymbol{
		FileContainingSymbol: wire.RPCAuthService,
	}}
	if err := stream.Send(ask); err != nil {
		t.Fatal(err)
	}
	answer, err := stream.Recv()
	if err != nil || answer.GetFileDescriptorResponse() == nil {
		t.Errorf("reflection answers %v (%v)", answer, err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Error(err)
	}
}
