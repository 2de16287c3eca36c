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

// asker sends requests to a server through an inspector.
type asker struct {
	t       *testing.T
	handler http.Handler
}

func newAsker(t *testing.T, between *inspector) asker {
	t.Helper()
	server, err := reference.New(reference.Config{
		Accounts: reference.DemoAccounts(), Hasher: account.Fast{}, Throttle: account.Throttle{PerAccount: -1, PerAddress: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	return asker{t, between.inspect(server.Handler())}
}

// ask is a request that is ready to be bent.
type ask struct {
	method, path, contentType string
	header                    map[string]string
	body                      string
}

func (a asker) send(q ask) *httptest.ResponseRecorder {
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

// bought sends a login and returns one member of its answer.
func (a asker) bought(q ask, member string) string {
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
	sessionLogin = ask{method: "POST", path: "/sessions", body: `{"session":{"email":"root@example.com","password":"root"}}`}
	formLogin    = ask{method: "POST", path: "/login", contentType: formType, body: "login=root&pass=root&longtoken=true"}
	scopedLogin  = ask{
		method: "POST", path: "/api/v1/auth/token",
		body: `{"username":"root","login":"root","password":"root","expiresIn":"12 hours","name":"ci","scopes":["GET /objects/*","GET /objects/:id"]}`,
	}
	rpcLogin = ask{
		method: "POST", path: "/grpc", header: map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("root:root"))},
		body: `{"method":"axxonsoft.bl.auth.AuthenticationService.AuthenticateEx","data":{"user_name":"root","password":"root"}}`,
	}
)

// asks are good requests, at least one for each operation that has a body or a
// query. Each call makes tokens anew: some bent ones succeed and use them up.
func asks() map[string]func(a asker) ask {
	bearer := func(token string) map[string]string { return map[string]string{"Authorization": "Bearer " + token} }
	all := map[string]func(a asker) ask{
		"session login": func(asker) ask { return sessionLogin },
		"session refresh": func(a asker) ask {
			var pair struct {
				Access  string `json:"access_token"`
				Refresh string `json:"refresh_token"`
			}
			if err := json.Unmarshal(a.send(sessionLogin).Body.Bytes(), &pair); err != nil {
				a.t.Fatal(err)
			}
			return ask{method: "POST", path: "/tokens", header: bearer(pair.Access), body: fmt.Sprintf(`{"refresh_token":%q}`, pair.Refresh)}
		},
		"form login": func(asker) ask { return formLogin },
		"form extendToken": func(a asker) ask {
			return ask{method: "PUT", path: "/login", body: fmt.Sprintf(`{"token":%q,"longtoken":true}`, a.bought(formLogin, "token"))}
		},
		"form inspectToken": func(a asker) ask { return ask{method: "GET", path: "/login?token=" + a.bought(formLogin, "token")} },
		"form logout":       func(a asker) ask { return ask{method: "DELETE", path: "/login?token=" + a.bought(formLogin, "token")} },
		"scoped login":      func(asker) ask { return scopedLogin },
		"rpc call, a login": func(asker) ask { return rpcLogin },
	}
	for operation, request := range map[string]ask{
		"scoped issueToken":   {method: "POST", path: "/api/v1/tokens", body: `{"expiresIn":"30 minutes","name":"ci","scopes":["GET /objects"]}`},
		"scoped addObject":    {method: "POST", path: "/api/v1/objects", body: `{"name":"Crane","model":"tracker-2","online":true}`},
		"scoped addGeofence":  {method: "POST", path: "/api/v1/geofences", body: `{"name":"Dock","lat":45.5,"lon":9.25,"radius":100}`},
		"scoped renameObject": {method: "PATCH", path: "/api/v1/objects/42", body: `{"name":"Forklift"}`},
		"scoped sendCommand":  {method: "POST", path: "/api/v1/objects/42/commands/reboot"},
	} {
		all[operation] = func(a asker) ask {
			request.header = bearer(a.bought(ask{method: "POST", path: scopedLogin.path, body: `{"username":"root","password":"root"}`}, "token"))
			return request
		}
	}
	for method, data := range map[string]string{
		wire.RPCRenewSession: `{}`, wire.RPCCloseSession: `{}`, wire.RPCGetVersion: `{}`, wire.RPCListCameras: `{"page_size":1,"page_token":""}`,
	} {
		all["rpc call, "+method] = func(a asker) ask {
			return ask{
				method: "POST", path: "/grpc", header: bearer(a.bought(rpcLogin, "token_value")),
				body: fmt.Sprintf(`{"method":%q,"data":%s}`, method, data),
			}
		}
	}
	return all
}

// TestMethods asks every path of the descriptions, and some that are none, with
// every method: a shared response describes what no operation does.
func TestMethods(t *testing.T) {
	t.Parallel()
	between := newInspector(t)
	a := newAsker(t, between)
	parameter := regexp.MustCompile(`\{[^}]+\}`)
	for _, d := range between.dialects {
		for path := range d.document.Paths.Map() {
			path = parameter.ReplaceAllString(path, "x")
			for _, path := range []string{path, path + "/nothing/here", path + "//", path + "x"} {
				for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
					a.send(ask{method: method, path: path})
				}
			}
			a.send(ask{method: "PATCH", path: path, header: map[string]string{"X-Big": strings.Repeat("x", 64<<10)}})
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

// TestBentRequests sends good requests of every operation, and then each of them
// with one thing bent: the description refuses what the server refuses for its
// shape, and the other way round.
func TestBentRequests(t *testing.T) {
	t.Parallel()
	between := newInspector(t)
	a := newAsker(t, between)
	asks := asks()
	for _, name := range slices.Sorted(maps.Keys(asks)) {
		good := asks[name]
		if w := a.send(good(a)); w.Code >= 300 {
			t.Errorf("%s: the good request answers %d %s", name, w.Code, w.Body)
		}
		for n := range bent(good(a)) {
			a.send(bent(good(a))[n])
		}
	}
	between.conclude(t, 30)
	between.concludeRefused(t, "session login", "session refresh", "form login", "form extendToken", "form inspectToken", "form logout",
		"rpc call", "scoped login", "scoped issueToken", "scoped addObject", "scoped renameObject", "scoped addGeofence", "scoped sendCommand")
}

// bent are requests that differ from a good one in one thing each.
func bent(good ask) []ask {
	var all []ask
	with := func(change func(*ask)) {
		bent := good
		change(&bent)
		all = append(all, bent)
	}
	if path, query, found := strings.Cut(good.path, "?"); found {
		for _, q := range []string{"", "?", "?token=", "?token", "?other=x", "?" + query + "&" + query, "?" + query + "&other=x", "?" + query + "x"} {
			with(func(a *ask) { a.path = path + q })
		}
	}
	if path := good.path; good.body == "" && !strings.Contains(path, "?") {
		with(func(a *ask) { a.path = path + strings.Repeat("x", 201) })
	}
	for _, body := range []string{"", "null", "[]", "5", `"x"`, "{", "{}", "x", good.body + "x", good.body + " ", "[" + good.body + "]", "%zz"} {
		if good.body != "" {
			with(func(a *ask) { a.body = body })
		}
	}
	if good.contentType == formType {
		for _, kind := range []string{"", "application/json", "text/plain", "multipart/form-data; boundary=x", formType + "; charset=utf-8"} {
			with(func(a *ask) { a.contentType = kind })
		}
		for _, body := range bentForms(good.body) {
			with(func(a *ask) { a.body = body })
		}
		return all
	}
	for _, body := range bentObjects(good.body) {
		with(func(a *ask) { a.body = body })
	}
	return all
}

func bentForms(good string) []string {
	var all []string
	fields := strings.Split(good, "&")
	for i, field := range fields {
		name, _, _ := strings.Cut(field, "=")
		for _, instead := range []string{"", name, name + "=", name + "=x", name + "=5", field + "&" + field, url.QueryEscape(field), field + "&other=x"} {
			all = append(all, strings.Join(slices.Replace(slices.Clone(fields), i, i+1, instead), "&"))
		}
	}
	return all
}

// bentObjects leaves out each member of a JSON object, at any depth, and puts
// values of other types in its place.
func bentObjects(good string) []string {
	var value any
	if json.Unmarshal([]byte(good), &value) != nil {
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
	var bend func(value any)
	bend = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(value)) {
				kept := value[name]
				delete(value, name)
				note()
				for _, other := range others(kept) {
					value[name] = other
					note()
				}
				value[name] = kept
				bend(kept)
			}
			value["other"] = 5
			note()
			delete(value, "other")
		case []any:
			for i, kept := range value {
				for _, other := range others(kept) {
					value[i] = other
					note()
				}
				value[i] = kept
			}
		}
	}
	bend(value)
	return all
}

// others are values of every type, and of the same type those at the borders of
// what the dialects read in it.
func others(kept any) []any {
	all := []any{nil, true, 0, 5, -1, 1.5, 1e300, "", "x", "5", []any{}, []any{"x"}, []any{5}, []any{nil}, map[string]any{}, map[string]any{"x": 5}}
	switch kept.(type) {
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
		all = append(all, slices.Repeat([]any{"GET /x"}, 100), slices.Repeat([]any{"GET /x"}, 101))
	}
	return all
}
