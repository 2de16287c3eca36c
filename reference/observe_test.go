package reference_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/proxy"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/reference"
)

// trail collects the lines of an audit log.
type trail struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *trail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

func (l *trail) sink() audit.Sink { return audit.NewLog(slog.NewJSONHandler(l, nil)) }

func (l *trail) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

type auditLine struct {
	Msg   string
	Audit struct{ Dialect, Login, Address, Grant string }
}

// lines reads the log; each line must be one event.
func (l *trail) lines(t *testing.T) []auditLine {
	t.Helper()
	var lines []auditLine
	for text := range strings.Lines(l.text()) {
		var line auditLine
		if err := json.Unmarshal([]byte(text), &line); err != nil || line.Audit.Dialect == "" {
			t.Fatalf("no event (%v): %q", err, text)
		}
		lines = append(lines, line)
	}
	return lines
}

// happened returns the kinds of events of a dialect, in order.
func happened(lines []auditLine, dialect string) []string {
	var kinds []string
	for _, line := range lines {
		if line.Audit.Dialect == dialect {
			kinds = append(kinds, line.Msg)
		}
	}
	return kinds
}

const form = "Content-Type: application/x-www-form-urlencoded"

func TestAuditRecordsEveryGrant(t *testing.T) {
	t.Parallel()
	var log trail
	o := open(t, func(c *reference.Config) { c.Audit = log.sink() })
	var secrets []string

	pair := o.want("login", o.send("POST", "/sessions", `{"session":{"email":"root@example.com","password":"root"}}`), 200)
	access := "Authorization: Bearer " + pair.member("access_token")
	next := o.want("refresh", o.send("POST", "/tokens", `{"refresh_token":"`+pair.member("refresh_token")+`"}`, access), 200)
	o.want("use", o.send("GET", "/users", "", "Authorization: Bearer "+next.member("access_token")), 200)
	o.want("replay", o.send("POST", "/tokens", `{"refresh_token":"`+pair.member("refresh_token")+`"}`, access), 401)
	o.want("key", o.send("GET", "/users", "", "X-Api-Key: "+reference.DemoAPIKey), 200)
	o.want("unknown key", o.send("GET", "/users", "", "X-Api-Key: no-such-key-at-all"), 401)
	secrets = append(secrets, pair.member("access_token"), pair.member("refresh_token"), next.member("access_token"), next.member("refresh_token"),
		reference.DemoAPIKey, "no-such-key-at-all")

	token := o.want("login", o.send("POST", "/login", "login=root&pass=root", form), 200).member("token")
	o.want("extend", o.send("PUT", "/login", `{"token":"`+token+`"}`), 200)
	o.want("logout", o.send("DELETE", "/login?token="+token, ""), 204)
	o.want("wrong", o.send("POST", "/login", "login=root&pass=hunter2-hunter2", form), 401)
	secrets = append(secrets, token, "hunter2-hunter2")

	rpcToken := o.want("login", o.send("POST", "/grpc", seedRPCLogin, basic("root", "root")), 200).member("token_value")
	o.want("renew", o.send("POST", "/grpc", seedRPCRenew, "Authorization: Bearer "+rpcToken), 200)
	o.want("close", o.send("POST", "/grpc", seedRPCClose, "Authorization: Bearer "+rpcToken), 200)
	secrets = append(secrets, rpcToken)

	first := o.want("login", o.send("POST", "/api/v1/auth/token", `{"username":"root","password":"root"}`), 200)
	bearer := "Authorization: Bearer " + first.member("token")
	second := o.want("issue", o.send("POST", "/api/v1/tokens", `{"name":"ci"}`, bearer), 200)
	o.want("revoke", o.send("DELETE", "/api/v1/tokens/"+second.member("_id"), "", bearer), 200)
	secrets = append(secrets, first.member("token"), second.member("token"))

	lines := log.lines(t)
	for dialect, want := range map[string][]string{
		"session": {"login succeeded", "grant issued", "grant renewed", "grant replayed", "grant revoked", "key used", "key refused"},
		"form":    {"login succeeded", "grant issued", "grant renewed", "grant revoked", "login failed"},
		"rpc":     {"login succeeded", "grant issued", "grant renewed", "grant revoked"},
		"scoped":  {"login succeeded", "grant issued", "grant issued", "grant revoked"},
	} {
		if got := happened(lines, dialect); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", dialect, got, want)
		}
	}
	for _, line := range lines {
		if line.Audit.Address != "127.0.0.1" || (line.Audit.Login != "root") != (line.Msg == "key refused") ||
			strings.HasPrefix(line.Msg, "grant") != (line.Audit.Grant != "") {
			t.Errorf("the event is %+v", line)
		}
	}
	if last := lines[len(lines)-1]; last.Audit.Grant != second.member("_id") {
		t.Errorf("%s was revoked, the log says %s", second.member("_id"), last.Audit.Grant)
	}
	for _, secret := range secrets {
		if secret == "" || strings.Contains(log.text(), secret) {
			t.Errorf("the log holds %.12q", secret)
		}
	}
}

func TestAuditLinesCannotBeForged(t *testing.T) {
	t.Parallel()
	var log trail
	o := open(t, func(c *reference.Config) { c.Audit = log.sink() })
	const forged = "x\\n{\\\"msg\\\":\\\"login succeeded\\\",\\\"audit\\\":{\\\"dialect\\\":\\\"scoped\\\",\\\"login\\\":\\\"root\\\"}}\\u001b[2K\\r"
	o.want("login", o.send("POST", "/api/v1/auth/token", `{"username":"`+forged+`","password":"y"}`), 401)
	o.want("login", o.send("POST", "/login", "login=a%0d%0a{}&pass=y", form), 401)
	for range 12 {
		o.send("POST", "/login", "login=ann&pass=y", form)
	}
	lines := log.lines(t)
	if len(lines) != 14 || lines[0].Msg != "login failed" || !strings.HasPrefix(lines[0].Audit.Login, "x\n{") {
		t.Errorf("%d lines, the first %+v", len(lines), lines[0])
	}
	if last := lines[13]; last.Msg != "login throttled" || last.Audit.Login != "ann" {
		t.Errorf("after too many wrong passwords: %+v", last)
	}
	if strings.ContainsAny(log.text(), "\r\x1b") {
		t.Error("the log holds control characters")
	}
}

func TestProxies(t *testing.T) {
	t.Parallel()
	trusted, err := proxy.Trust("127.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		proxies proxy.Trusted
		want    string
	}{
		"trusted": {trusted, "192.0.2.7"},
		"unknown": {proxy.Trusted{}, "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log trail
			o := open(t, func(c *reference.Config) { c.TrustedProxies, c.Audit = row.proxies, log.sink() })
			login := o.want("login", o.send("POST", "/sessions", `{"session":{"email":"root@example.com","password":"root"}}`, "X-Forwarded-For: 6.6.6.6, 192.0.2.7"), 200)
			list := o.want("list", o.send("GET", "/sessions", "", "Authorization: Bearer "+login.member("access_token")), 200)
			if !strings.Contains(string(list.body), `"ip_address":"`+row.want+`"`) {
				t.Errorf("the session is %s", list.body)
			}
			ctx := metadata.AppendToOutgoingContext(t.Context(), "x-forwarded-for", "192.0.2.7")
			if _, err := rpcpb.NewAuthenticationServiceClient(o.dial()).AuthenticateEx(ctx, &rpcpb.AuthenticateRequest{UserName: "root", Password: "root"}); err != nil {
				t.Fatal(err)
			}
			for _, line := range log.lines(t) {
				if line.Audit.Address != row.want {
					t.Errorf("%s of %s from %s, want %s", line.Msg, line.Audit.Dialect, line.Audit.Address, row.want)
				}
			}
		})
	}
}

// observer collects the calls that it gets.
type observer struct {
	mu       sync.Mutex
	requests []reference.Request
	panics   int
}

func (o *observer) Request(r reference.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r.Took = 0
	o.requests = append(o.requests, r)
}

func (o *observer) Panic() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.panics++
}

func (o *observer) has(dialect, route, status string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Contains(o.requests, reference.Request{Dialect: dialect, Route: route, Status: status})
}

func TestObserver(t *testing.T) {
	t.Parallel()
	var calls observer
	o := open(t, func(c *reference.Config) { c.Observer = &calls })
	o.want("no token", o.send("GET", "/users/some-id", ""), 401)
	o.want("other", o.send("PATCH", "/users", ""), 405)
	o.want("nowhere", o.send("GET", "/nowhere", ""), 404)
	o.want("rpc", o.send("POST", "/grpc", seedRPCLogin, basic("root", "root")), 200)
	_, err := rpcpb.NewAuthenticationServiceClient(o.dial()).CloseSession(t.Context(), &rpcpb.CloseSessionRequest{})
	if status.Code(err) != codes.Unauthenticated {
		t.Errorf("close: %v", err)
	}
	for _, want := range [][3]string{
		{"session", "GET /users/:id", "401"}, {"session", "other", "405"}, {"none", "other", "404"}, {"rpc", "POST /grpc", "200"},
		{"rpc", "/axxonsoft.bl.auth.AuthenticationService/CloseSession", "Unauthenticated"},
	} {
		if !calls.has(want[0], want[1], want[2]) {
			t.Errorf("there was no call for %v", want)
		}
	}
}

func TestPanicsAreCounted(t *testing.T) {
	t.Parallel()
	var calls observer
	o := open(t, func(c *reference.Config) { c.Observer, c.Limiter = &calls, panicking{} })
	o.want("login", o.send("POST", "/login", "login=root&pass=root", form), 500)
	_, err := rpcpb.NewAuthenticationServiceClient(o.dial()).AuthenticateEx(context.Background(), &rpcpb.AuthenticateRequest{UserName: "root", Password: "root"})
	if status.Code(err) != codes.Internal || strings.Contains(err.Error(), "secret") {
		t.Errorf("over gRPC: %v", err)
	}
	if calls.panics != 2 || !calls.has("form", "POST /login", "500") || !calls.has("rpc", rpcpb.AuthenticationService_AuthenticateEx_FullMethodName, "Internal") {
		t.Errorf("%d panics of %+v", calls.panics, calls.requests)
	}
}
