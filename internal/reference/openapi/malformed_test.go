//go:build !race

package openapi_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// client sends requests to a server through an inspector.
type client struct {
	t       *testing.T
	handler http.Handler
}

func newClient(t *testing.T, between *inspector) client {
	t.Helper()
	server, err := reference.New(reference.Config{
		Accounts: reference.DemoAccounts(), Hasher: account.FastHasher{}, Throttle: account.Throttle{PerAccount: -1, PerAddress: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	return client{t, between.inspect(server.Handler())}
}

// call is a request before it is changed.
type call struct {
	method, path, contentType string
	header                    map[string]string
	body                      string
}

func (a client) send(q call) *httptest.ResponseRecorder {
	r := httptest.NewRequest(q.method, q.path, strings.NewReader(q.body))
	if q.contentType != "" {
		r.Header.Set("Content-Type", q.contentType)
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	return w
}

// login sends a login and returns one member of its answer.
func (a client) login(q call, member string) string {
	a.t.Helper()
	w := a.send(q)
	var answer map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK {
		a.t.Fatalf("%s %s: %d %s", q.method, q.path, w.Code, w.Body)
	}
	token, _ := answer[member].(string)
	return token
}

const formType = "application/x-www-form-urlencoded"

var (
	sessionLogin = call{method: "POST", path: "/sessions", body: `{"session":{"email":"root@example.com","password":"root"}}`}
	formLogin    = call{method: "POST", path: "/login", contentType: formType, body: "login=root&pass=root&longtoken=true"}
	scopedLogin  = call{
		method: "POST", path: "/api/v1/auth/token",
		body: `{"username":"root","login":"root","password":"root","expiresIn":"12 hours","name":"ci","scopes":["GET /objects/*","GET /objects/:id"]}`,
	}
	rpcLogin = call{
		method: "POST", path: "/grpc", header: map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("root:root"))},
		body: `{"method":"axxonsoft.bl.auth.AuthenticationService.AuthenticateEx","data":{"user_name":"root","password":"root"}}`,
	}
)

// validCalls are valid requests, at least one for each operation with a body or a
// query. Each makes new tokens, because some malformed requests succeed and end
// them.
func validCalls() map[string]func(a client) call {
	bearer := func(token string) map[string]string { return map[string]string{"Authorization": "Bearer " + token} }
	all := map[string]func(a client) call{
		"session login": func(client) call { return sessionLogin },
		"session refresh": func(a client) call {
			var pair struct {
				Access  string `json:"access_token"`
				Refresh string `json:"refresh_token"`
			}
			if err := json.Unmarshal(a.send(sessionLogin).Body.Bytes(), &pair); err != nil {
				a.t.Fatal(err)
			}
			return call{method: "POST", path: "/tokens", header: bearer(pair.Access), body: fmt.Sprintf(`{"refresh_token":%q}`, pair.Refresh)}
		},
		"form login": func(client) call { return formLogin },
		"form extendToken": func(a client) call {
			return call{method: "PUT", path: "/login", body: fmt.Sprintf(`{"token":%q,"longtoken":true}`, a.login(formLogin, "token"))}
		},
		"form inspectToken": func(a client) call { return call{method: "GET", path: "/login?token=" + a.login(formLogin, "token")} },
		"form logout": func(a client) call {
			return call{method: "DELETE", path: "/login?token=" + a.login(formLogin, "token")}
		},
		"scoped login":        func(client) call { return scopedLogin },
		"rpc authenticate2":   func(client) call { return restLogin("authenticate2") },
		"rpc authenticateEx2": func(client) call { return restLogin("authenticate_ex2") },
		"rpc call, a login":   func(client) call { return rpcLogin },
	}
	for operation, request := range map[string]call{
		"scoped issueToken":   {method: "POST", path: "/api/v1/tokens", body: `{"expiresIn":"30 minutes","name":"ci","scopes":["GET /objects"]}`},
		"scoped addObject":    {method: "POST", path: "/api/v1/objects", body: `{"name":"Crane","model":"tracker-2","online":true}`},
		"scoped addGeofence":  {method: "POST", path: "/api/v1/geofences", body: `{"name":"Dock","lat":45.5,"lon":9.25,"radius":100}`},
		"scoped renameObject": {method: "PATCH", path: "/api/v1/objects/42", body: `{"name":"Forklift"}`},
		"scoped sendCommand":  {method: "POST", path: "/api/v1/objects/42/commands/reboot"},
	} {
		all[operation] = func(a client) call {
			request.header = bearer(a.login(call{method: "POST", path: scopedLogin.path, body: `{"username":"root","password":"root"}`}, "token"))
			return request
		}
	}
	for method, data := range map[string]string{
		wire.RPCRenewSession: `{}`, wire.RPCCloseSession: `{}`, wire.RPCGetVersion: `{}`, wire.RPCGetSessionInfo: `{"session_token":""}`,
		wire.RPCBySecondFactor: `{"session_id":"x","verification_code":"123456"}`, wire.RPCApprove: `{"session_id":"x"}`, wire.RPCDecline: `{"session_id":"x"}`,
		wire.RPCListCameras: `{"page_size":1,"page_token":""}`,
	} {
		all["rpc call, "+method] = func(a client) call {
			return call{
				method: "POST", path: "/grpc", header: bearer(a.login(rpcLogin, "token_value")),
				body: fmt.Sprintf(`{"method":%q,"data":%s}`, method, data),
			}
		}
	}
	for _, verb := range []string{"approve", "decline"} {
		all["rpc "+verb] = func(a client) call {
			return call{method: "POST", path: wire.RPCRESTPath + ":" + verb, header: bearer(a.login(rpcLogin, "token_value")), body: `{"session_id":"x"}`}
		}
	}
	for operation, path := range map[string]string{
		"renew": "/v1/authentication/renew", "close": "/v1/authentication/close", "productVersion": "/product/version", "currentUser": "/currentuser",
	} {
		all["rpc "+operation] = func(a client) call {
			return call{method: "GET", path: path, header: bearer(a.login(rpcLogin, "token_value"))}
		}
	}
	return all
}

func restLogin(path string) call {
	return call{method: "POST", path: wire.RPCRESTPath + "/" + path, body: `{"user_name":"root","password":"root"}`}
}

// TestMethods sends every method to every path of the descriptions, and to some
// others: a shared response describes what no operation describes.
func TestMethods(t *testing.T) {
	t.Parallel()
	between := newInspector(t)
	a := newClient(t, between)
	parameter := regexp.MustCompile(`\{[^}]+\}`)
	for _, d := range between.dialects {
		for path := range d.document.Paths.Map() {
			path = parameter.ReplaceAllString(path, "x")
			for _, path := range []string{path, path + "/nothing/here", path + "//", path + "x"} {
				for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
					a.send(call{method: method, path: path})
				}
			}
			a.send(call{method: "PATCH", path: path, header: map[string]string{"X-Big": strings.Repeat("x", 64<<10)}})
		}
	}
	var wanted []string
	for dialect := range between.dialects {
		for shared, status := range shared {
			wanted = append(wanted, fmt.Sprintf("%s %s %d", dialect, shared, status))
		}
	}
	between.conclude(t, 20, wanted...)
}

// TestMalformedRequests sends valid requests to every operation, and then each of
// them with one thing changed: the description refuses what the server refuses for
// its shape, and the other way round.
func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	between := newInspector(t)
	a := newClient(t, between)
	calls := validCalls()
	for _, name := range slices.Sorted(maps.Keys(calls)) {
		valid := calls[name]
		if w := a.send(valid(a)); w.Code >= 300 {
			t.Errorf("%s: the valid request answers %d %s", name, w.Code, w.Body)
		}
		changed := malformed(valid(a))
		for n := range changed {
			if w := a.send(changed[n]); w.Code < 300 {
				changed = malformed(valid(a)) // it may have ended its token
			}
		}
	}
	between.conclude(t, 30)
	between.concludeRefused(t, "session login", "session refresh", "form login", "form extendToken", "form inspectToken", "form logout",
		"rpc call", "rpc authenticate2", "rpc authenticateEx2", "scoped login", "scoped issueToken", "scoped addObject", "scoped renameObject", "scoped addGeofence", "scoped sendCommand")
}

// malformed returns requests that differ from a valid one in one thing each.
func malformed(valid call) []call {
	var all []call
	with := func(change func(*call)) {
		changed := valid
		change(&changed)
		all = append(all, changed)
	}
	if path, query, found := strings.Cut(valid.path, "?"); found {
		for _, q := range []string{"", "?", "?token=", "?token", "?other=x", "?" + query + "&" + query, "?" + query + "&other=x", "?" + query + "x"} {
			with(func(a *call) { a.path = path + q })
		}
	}
	if path := valid.path; valid.body == "" && !strings.Contains(path, "?") {
		with(func(a *call) { a.path = path + strings.Repeat("x", 201) })
	}
	for _, body := range []string{"", "null", "[]", "5", `"x"`, "{", "{}", "x", valid.body + "x", valid.body + " ", "[" + valid.body + "]", "%zz"} {
		if valid.body != "" {
			with(func(a *call) { a.body = body })
		}
	}
	if valid.contentType == formType {
		for _, kind := range []string{"", "application/json", "text/plain", "multipart/form-data; boundary=x", formType + "; charset=utf-8"} {
			with(func(a *call) { a.contentType = kind })
		}
		for _, body := range malformedForms(valid.body) {
			with(func(a *call) { a.body = body })
		}
		return all
	}
	for _, body := range malformedObjects(valid.body) {
		with(func(a *call) { a.body = body })
	}
	return all
}

func malformedForms(valid string) []string {
	var all []string
	fields := strings.Split(valid, "&")
	for i, field := range fields {
		name, _, _ := strings.Cut(field, "=")
		for _, instead := range []string{"", name, name + "=", name + "=x", name + "=5", field + "&" + field, url.QueryEscape(field), field + "&other=x"} {
			all = append(all, strings.Join(slices.Replace(slices.Clone(fields), i, i+1, instead), "&"))
		}
	}
	return all
}

// malformedObjects leaves out each member of a JSON object, at any depth, and puts
// values of other types in its place.
func malformedObjects(valid string) []string {
	var value any
	if json.Unmarshal([]byte(valid), &value) != nil {
		return nil
	}
	var all []string
	note := func() {
		text, err := json.Marshal(value)
		if err != nil {
			panic(err) // it was JSON before
		}
		all = append(all, string(text))
	}
	var mutate func(value any)
	mutate = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(value)) {
				original := value[name]
				delete(value, name)
				note()
				for _, other := range others(original) {
					value[name] = other
					note()
				}
				value[name] = original
				mutate(original)
			}
			value["other"] = 5
			note()
			delete(value, "other")
		case []any:
			for i, original := range value {
				for _, other := range others(original) {
					value[i] = other
					note()
				}
				value[i] = original
			}
		}
	}
	mutate(value)
	return all
}

// others are values of every type, and values of the same type at the limits of
// what the dialects accept.
func others(original any) []any {
	all := []any{nil, true, 0, 5, -1, 1.5, 1e300, "", "x", "5", []any{}, []any{"x"}, []any{5}, []any{nil}, map[string]any{}, map[string]any{"x": 5}}
	switch original.(type) {
	case string:
		for _, text := range []string{
			strings.Repeat("x", 200), strings.Repeat("x", 201), strings.Repeat("ä", 150), "true",
			"1 day", "2 day", "100 years", "101 years", "0 days", "01 days", "-1 days", "1.5 days", "1  day", "1 Day", "1 day ", "1 week", "99999999999 years",
		} {
			all = append(all, text)
		}
	case []any:
		for _, scope := range []string{
			"GET /", "GET /x", "GET /*", "GET //x", "GET /x/", "GET /api/v1/x", "GET /api/v1", "GET /api/v1/", "GET /api/v1/*", "GET /x/*/y", "GET /x*", "get /x",
			"BREW /x", "GET  /x", "GET x", "GET /:", "GET /:1", "GET /:a-b/_", "GET /%2f", "GET /ä", "GET /.", "GET /../x", "GET /...", "GET /x?y", "GET /x ", "GET", "*", "* /x", "HEAD /x",
		} {
			all = append(all, []any{scope})
		}
		all = append(all, slices.Repeat([]any{"GET /x"}, 100), slices.Repeat([]any{"GET /x"}, 101),
			slices.Repeat([]any{"GET /" + strings.Repeat("x", 200)}, 60))
	}
	return all
}
