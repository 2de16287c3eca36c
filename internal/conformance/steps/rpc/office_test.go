package rpc_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/dragoman-auth/dragoman/internal/conformance/steps/stepstest"
)

// rpcOffice is a small server of the rpc dialect over both transports, right
// but for one fault. Unlike the reference it refuses wrong credentials by
// status, writes expires_at with a fraction and no expires_in, calls its token
// "Office-Token", and ends the old token when one is renewed. A fault that
// begins with "HTTP" or "gRPC" stands on that transport alone.
type rpcOffice struct {
	clock *stepstest.Clock
	fault string

	mu     sync.Mutex
	tokens map[string]*rpcGrant
	wrong  map[string][]time.Time
}

type rpcGrant struct {
	session string
	end     time.Time
	over    bool
	closed  bool
	issuer  string // the transport that it was issued over
}

const (
	rpcLogin    = "operator7"
	rpcPassword = "känguru:3"
	rpcService  = "axxonsoft.bl.auth.AuthenticationService"
	rpcGuarded  = "office.Gates.Open"
)

func newRPCOffice(clock *stepstest.Clock, fault string) *rpcOffice {
	return &rpcOffice{clock: clock, fault: fault, tokens: map[string]*rpcGrant{}, wrong: map[string][]time.Time{}}
}

// rpcRequest is a call from either transport.
type rpcRequest struct {
	transport, service, method, token string
	data                              map[string]any
}

// is says whether the office has a fault on the request's transport.
func (o *rpcOffice) is(r rpcRequest, fault string) bool {
	return o.fault == fault || o.fault == r.transport+" "+fault
}

// call answers a call with a gRPC code and the answer's members.
func (o *rpcOffice) call(r rpcRequest) (codes.Code, map[string]any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	guarded := r.service+"."+r.method == rpcGuarded
	switch {
	case guarded && o.accepts(r, "resource"):
		return codes.OK, map[string]any{}
	case guarded:
		return o.unauthenticated(r)
	case r.service != rpcService:
		return codes.Unimplemented, nil
	}
	method := r.method
	if plain, second := strings.CutSuffix(method, "2"); second && !o.is(r, "knows no second names") {
		method = plain
	}
	switch method {
	case "AuthenticateEx":
		return o.logIn(r)
	case "RenewSession":
		return o.renew(r)
	case "CloseSession":
		return o.close(r)
	}
	return codes.Unimplemented, nil
}

// unauthenticated is the answer to a call without a live token.
func (o *rpcOffice) unauthenticated(r rpcRequest) (codes.Code, map[string]any) {
	if o.is(r, "answers missing tokens with PERMISSION_DENIED") {
		return codes.PermissionDenied, nil
	}
	return codes.Unauthenticated, nil
}

// accepts says whether a request's token is live. Where is "resource" or "service".
func (o *rpcOffice) accepts(r rpcRequest, where string) bool {
	if r.token == "" {
		return o.is(r, "needs no token at the "+where)
	}
	g := o.tokens[r.token]
	if g == nil {
		return o.is(r, "accepts garbled tokens at the "+where) || o.acceptsForged(r)
	}
	switch {
	case g.closed:
		return o.is(r, "accepts closed tokens at the "+where)
	case g.over:
		return false
	case !o.clock.Now().Before(g.end):
		return o.is(r, "accepts expired tokens at the "+where)
	case g.issuer != r.transport && o.is(r, "knows only its own tokens"):
		return false
	}
	return !o.is(r, "rejects all tokens at the "+where)
}

// acceptsForged says whether the office takes a forged token for a real one.
func (o *rpcOffice) acceptsForged(r rpcRequest) bool {
	parts := strings.Split(r.token, ".")
	if len(parts) != 3 {
		return false
	}
	header, _ := base64.RawURLEncoding.DecodeString(parts[0])
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	switch {
	case o.is(r, "believes alg none"):
		return strings.Contains(strings.ToLower(string(header)), `"none"`)
	case o.is(r, "believes any subject"):
		return strings.Contains(string(payload), "000000000001")
	}
	return false
}

func (o *rpcOffice) logIn(r rpcRequest) (codes.Code, map[string]any) {
	login, password, now := r.data["user_name"], r.data["password"], o.clock.Now()
	name, _ := login.(string)
	recent := slices.DeleteFunc(o.wrong[name], func(at time.Time) bool { return now.Sub(at) >= 30*time.Second })
	o.wrong[name] = recent
	if len(recent) >= 8 && !o.is(r, "throttles nobody") {
		return codes.OK, map[string]any{"error_code": "AUTHENTICATE_CODE_USER_LOCKED"}
	}
	second := strings.HasSuffix(r.method, "2")
	if name == rpcLogin && (password == rpcPassword || o.is(r, "takes any password") || password == "" && o.is(r, "takes an empty password") || second && o.is(r, "takes any password by the second name")) {
		return codes.OK, o.grant(r, hex.EncodeToString(stepstest.RandomBytes(8)), 30*time.Minute)
	}
	o.wrong[name] = append(recent, now)
	switch {
	case o.is(r, "says OK to wrong passwords"):
		return codes.OK, map[string]any{"error_code": "AUTHENTICATE_CODE_OK"}
	case o.is(r, "sends a token with the refusal"):
		return codes.OK, map[string]any{"error_code": "AUTHENTICATE_CODE_WRONG_CREDENTIALS", "token_value": "c0ffee"}
	case name != rpcLogin && o.is(r, "names unknown users"):
		return codes.NotFound, nil
	case o.is(r, "calls wrong passwords a general error"):
		return codes.OK, map[string]any{"error_code": "AUTHENTICATE_CODE_GENERAL_ERROR"}
	}
	return codes.Unauthenticated, nil
}

func (o *rpcOffice) renew(r rpcRequest) (codes.Code, map[string]any) {
	second := strings.HasSuffix(r.method, "2")
	if !o.accepts(r, "service") && (!second || !o.is(r, "renews for all by the second name")) {
		return o.unauthenticated(r)
	}
	old := o.tokens[r.token]
	if old == nil {
		return codes.OK, map[string]any{"error_code": "AUTHENTICATE_CODE_OK"}
	}
	life := 30 * time.Minute
	if o.is(r, "renews for a minute") {
		life = time.Minute
	}
	answer := o.grant(r, old.session, life)
	old.over = true
	if o.is(r, "renews with a dead token") {
		o.tokens[answer["token_value"].(string)].over = true
	}
	return codes.OK, answer
}

func (o *rpcOffice) close(r rpcRequest) (codes.Code, map[string]any) {
	if !o.accepts(r, "service") {
		return o.unauthenticated(r)
	}
	for _, g := range o.tokens {
		mine := o.tokens[r.token] != nil && g.session == o.tokens[r.token].session
		if (mine || o.is(r, "closes all sessions")) && !o.is(r, "closes nothing") {
			g.closed = true
		}
	}
	if o.is(r, "closes with an error") {
		return codes.OK, map[string]any{"error_code": "GENERAL_ERROR"}
	}
	return codes.OK, map[string]any{"error_code": "OK"}
}

// grant makes a token of a session, and the answer that hands it over.
func (o *rpcOffice) grant(r rpcRequest, session string, life time.Duration) map[string]any {
	end := o.clock.Now().Add(life)
	user, roles := "7c1f", []string{"guard", "admin"}
	claims := map[string]any{"exp": end.Unix(), "sub": user, "rls": roles, "lgn": rpcLogin, "sid": session}
	alg := "RS256"
	shown := end.UTC().Format("20060102T150405.000")
	switch {
	case o.is(r, "signs with HS256"):
		alg = "HS256"
	case o.is(r, "forgets the roles in tokens"):
		delete(claims, "rls")
	case o.is(r, "counts exp in milliseconds"):
		claims["exp"] = end.UnixMilli()
	case o.is(r, "names the login as sub"):
		claims["sub"] = rpcLogin
	case o.is(r, "writes RFC 3339"):
		shown = end.UTC().Format(time.RFC3339)
	case o.is(r, "tells local time"):
		shown = end.UTC().Add(5 * time.Hour).Format("20060102T150405")
	case o.is(r, "tells its end an hour early"):
		shown = end.UTC().Add(-time.Hour).Format("20060102T150405")
	}
	payload, _ := json.Marshal(claims)
	encode := base64.RawURLEncoding.EncodeToString
	token := encode([]byte(`{"alg":"`+alg+`"}`)) + "." + encode(payload) + "." + encode(stepstest.RandomBytes(64))
	if o.is(r, "ends two seconds late") {
		end = end.Add(2 * time.Second)
	}
	o.tokens[token] = &rpcGrant{session: session, end: end, issuer: r.transport}
	answer := map[string]any{
		"token_name": "Office-Token", "token_value": token, "expires_at": shown, "is_unrestricted": false,
		"user_id": user, "roles_ids": roles, "error_code": "AUTHENTICATE_CODE_OK",
	}
	switch {
	case strings.HasSuffix(r.method, "2") && o.is(r, "says less by the second name"):
		delete(answer, "roles_ids")
	case o.is(r, "answers without user_id"):
		delete(answer, "user_id")
	case o.is(r, "answers with other roles"):
		answer["roles_ids"] = []string{"admin"}
	}
	return answer
}

// ServeHTTP is the {method,data} endpoint.
func (o *rpcOffice) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := rpcRequest{transport: "HTTP"}
	for _, values := range r.Header {
		if len(values[0]) > 32<<10 && !o.is(request, "takes any header") {
			o.reply(w, request, http.StatusBadRequest, nil)
			return
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	switch {
	case err != nil:
		o.reply(w, request, http.StatusRequestEntityTooLarge, nil)
		return
	case r.URL.Path != "/grpc":
		o.reply(w, request, http.StatusNotFound, nil)
		return
	case r.Method != http.MethodPost && !o.is(request, "takes any HTTP method"):
		o.reply(w, request, http.StatusMethodNotAllowed, nil)
		return
	}
	var call struct {
		Method *string
		Data   map[string]any
	}
	malformed := json.Unmarshal(body, &call) != nil || call.Method == nil
	bearer, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !isBearer {
		bearer = ""
	}
	if bearer == "" && o.is(request, "reads tokens from the query") {
		bearer = r.URL.Query().Get("token")
	}
	if !malformed {
		dot := max(strings.LastIndex(*call.Method, "."), 0)
		request.service, request.method = (*call.Method)[:dot], strings.TrimPrefix((*call.Method)[dot:], ".")
	}
	request.token, request.data = bearer, call.Data
	if !o.entitled(r, &request) {
		status := http.StatusUnauthorized
		if o.is(request, "answers anonymous logins with 403") && request.method == "AuthenticateEx" && r.Header.Get("Authorization") == "" {
			status = http.StatusForbidden
		}
		o.reply(w, request, status, map[string]any{"errorMessage": "no", "grpcErrorCode": codes.Unauthenticated})
		return
	}
	if malformed {
		o.reply(w, request, map[bool]int{true: 500, false: 400}[o.is(request, "breaks at malformed bodies")], nil)
		return
	}
	code, answer := o.call(request)
	statuses := map[codes.Code]int{codes.OK: 200, codes.Unauthenticated: 401, codes.PermissionDenied: 403, codes.NotFound: 404, codes.Unimplemented: 501}
	if code != codes.OK {
		answer = map[string]any{"errorMessage": code.String(), "grpcErrorCode": code}
	}
	o.reply(w, request, statuses[code], answer)
}

// entitled is what the web server itself asks: Basic, or a bearer. A login that is
// wrong in its data as well is refused, and counted, by the service.
func (o *rpcOffice) entitled(r *http.Request, request *rpcRequest) bool {
	logsIn := strings.HasPrefix(request.method, "Authenticate")
	switch {
	case o.is(*request, "needs no Basic"), o.is(*request, "needs no token at the resource") && request.service+"."+request.method == rpcGuarded:
		return true
	case request.token != "":
		return !logsIn
	}
	login, password, ok := r.BasicAuth()
	right := login == rpcLogin && (password == rpcPassword || password == "" && o.is(*request, "takes an empty password"))
	if right && o.is(*request, "reads Basic only") && logsIn {
		request.data = map[string]any{"user_name": login, "password": password}
	}
	wrongData := request.data["password"] != rpcPassword
	return ok && (right || logsIn && (wrongData || o.is(*request, "reads no Basic")))
}

func (o *rpcOffice) reply(w http.ResponseWriter, r rpcRequest, status int, answer map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	if !o.is(r, "lets replies be stored") {
		w.Header().Set("Cache-Control", "no-store")
	}
	if password, ok := r.data["password"].(string); ok && o.is(r, "repeats the password") && status != http.StatusOK {
		answer = map[string]any{"errorMessage": password}
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}
