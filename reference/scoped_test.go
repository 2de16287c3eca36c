package reference_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

const api = "/api/v1"

// issue requests a scoped token; more holds more members of the body.
func (o *office) issue(user, more string) reply {
	o.t.Helper()
	return o.send("POST", api+"/auth/token", fmt.Sprintf(`{"username":"%s","password":"%s"%s}`, user, user, more))
}

func (o *office) scopedToken(user, more string) string {
	o.t.Helper()
	return o.want("issue "+more, o.issue(user, more), 200).member("token")
}

// as sends a request with a bearer.
func (o *office) as(token, method, path, body string) reply {
	o.t.Helper()
	return o.send(method, path, body, "Authorization: Bearer "+token)
}

func TestScopedLives(t *testing.T) { // SCP-01 to SCP-04, SCP-07
	t.Parallel()
	o := open(t)
	for more, life := range map[string]time.Duration{
		``: day, `,"expiresIn":null`: day, `,"expiresIn":"30 minutes"`: 30 * time.Minute, `,"expiresIn":"12 hours"`: 12 * time.Hour,
		`,"expiresIn":"8 days"`: 8 * day, `,"expiresIn":"90 days"`: 90 * day, `,"expiresIn":"5 years"`: 5 * 365 * day,
	} {
		r := o.want("issue "+more, o.issue("root", more), 200)
		issued, err1 := strconv.ParseInt(r.member("issuedAt"), 10, 64)
		expires, err2 := strconv.ParseInt(r.member("expiresAt"), 10, 64)
		if err1 != nil || err2 != nil || time.Duration(expires-issued)*time.Millisecond != life {
			t.Errorf("issue %s: issuedAt %s, expiresAt %s, want %v between", more, r.member("issuedAt"), r.member("expiresAt"), life)
		}
		if d := o.clock.Now().Sub(time.UnixMilli(issued)); d < -time.Second || d > time.Minute {
			t.Errorf("issue %s: issuedAt is %v off", more, d)
		}
	}
	token := o.scopedToken("root", `,"expiresIn":"30 minutes"`)
	o.clock.Advance(30*time.Minute - 5*time.Second)
	o.want("just before the end", o.as(token, "GET", api+"/objects", ""), 200)
	o.clock.Advance(6 * time.Second)
	o.want("after the end", o.as(token, "GET", api+"/objects", ""), 401)
}

func TestScopedDeniesAccess(t *testing.T) { // SCP-06, SCP-30, SCP-33
	t.Parallel()
	o := open(t)
	token := o.scopedToken("root", "")
	for what, bad := range map[string]string{
		"garbled": garble(token), "empty": "", "no JWT": "x.y.z", "two parts": token[:strings.LastIndex(token, ".")],
		"unsigned": token[:strings.LastIndex(token, ".")+1], "alg none": resigned(t, token, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"another key":     resigned(t, token, jwt.SigningMethodHS256, []byte("another key"), nil),
		"a changed claim": resigned(t, token, jwt.SigningMethodHS256, []byte("another key"), jwt.MapClaims{"exp": 9999999999}),
	} {
		r := o.want(what, o.as(bad, "GET", api+"/objects", ""), 401)
		if r.header.Get("WWW-Authenticate") == "" || r.member("success") != "false" || r.member("code") != "401" || r.member("name") != "RicError" {
			t.Errorf("%s: answers %v %s", what, r.header, r.body)
		}
	}
	clerk := o.scopedToken("clerk", "")
	o.want("a user without rights", o.as(clerk, "GET", api+"/objects", ""), 403)
	o.want("the user's own tokens", o.as(clerk, "GET", api+"/tokens", ""), 200)
}

// resigned returns a token with the same claims, some changed, and another
// signature.
func resigned(t *testing.T, token string, method jwt.SigningMethod, key any, changes jwt.MapClaims) string {
	t.Helper()
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		t.Fatal(err)
	}
	for name, value := range changes {
		claims[name] = value
	}
	text, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestScopes(t *testing.T) { // SCP-08 to SCP-11, SCP-27, SCP-28
	t.Parallel()
	o := open(t)
	narrow := o.scopedToken("root", `,"scopes":["GET /objects/:id","POST /geofences"]`)
	prefixed := o.scopedToken("root", `,"scopes":["GET /api/v1/objects/:id"]`)
	subtree := o.scopedToken("root", `,"scopes":["GET /objects/*"]`)
	o.want("the path", o.as(narrow, "GET", api+"/objects/42", ""), 200)
	o.want("with the prefix in the scope", o.as(prefixed, "GET", api+"/objects/42", ""), 200)
	for _, path := range []string{"/objects", "/objects/42", "/objects/42/packets"} {
		o.want("the subtree's "+path, o.as(subtree, "GET", api+path, ""), 200)
	}
	o.want("another spelling of a scope's path", o.as(o.scopedToken("root", `,"scopes":["GET /objects/42"]`), "GET", api+"/objects/4%32", ""), 403)
	o.want("beside the subtree", o.as(subtree, "GET", api+"/geofences", ""), 403)
	for _, denied := range []string{
		"GET /objects", "GET /objects/42/packets", "DELETE /objects/42", "PATCH /objects/42", "GET /geofences", "POST /objects", "GET /tokens", "GET /methods",
	} {
		method, path, _ := strings.Cut(denied, " ")
		o.want(denied, o.as(narrow, method, api+path, `{"name":"x"}`), 403)
	}
	for _, ambiguous := range []string{
		"/Objects/42", "/objects//42", "/objects/42/", "/objects/42%2Fpackets", "/objects/42%2fpackets", "/objects/../geofences",
		"/objects/%2e%2e/geofences", "/objects/42/../42/packets", "/objects/42/./packets", "//objects/42", "/objects/42;x/packets", "/objects/",
		"/objects/42%2Fpackets%3F", "/objects/..%2Fgeofences", `/objects/..\geofences`, "/objects/%5c42",
	} {
		for who, token := range map[string]string{"narrow": narrow, "subtree": subtree, "full": o.scopedToken("root", "")} {
			r, err := o.try("GET", api+ambiguous, "", "Authorization: Bearer "+token)
			if err == nil && r.status < 400 {
				t.Errorf("%s token, %s: status %d", who, ambiguous, r.status)
			}
		}
	}
}

func TestScopedTokenManagement(t *testing.T) { // SCP-13 to SCP-16, SCP-19 to SCP-22, SCP-31
	t.Parallel()
	o := open(t)
	full := o.scopedToken("root", "")
	o.clock.Advance(time.Second) // lists are ordered by age
	named := o.want("issue", o.as(full, "POST", api+"/tokens", `{"expiresIn":"7 days","name":"n1","scopes":["GET /objects"]}`), 200)
	o.clock.Advance(time.Second)
	nameless := o.want("issue without a name", o.as(full, "POST", api+"/tokens", `{}`), 200)
	list := o.want("list", o.as(full, "GET", api+"/tokens", ""), 200)
	var entries []wire.ScopedListed
	if err := json.Unmarshal(list.body, &entries); err != nil || len(entries) != 3 {
		t.Fatalf("the list is %s (%v)", list.body, err)
	}
	if e := entries[1]; e.ID != named.member("_id") || e.Name != "n1" || fmt.Sprint(e.Scopes) != "[GET /objects]" ||
		strconv.FormatInt(int64(e.ExpiresAt), 10) != named.member("expiresAt") {
		t.Errorf("the list shows %+v of %s", e, named.body)
	}
	if entries[2].ID != nameless.member("_id") || entries[2].Scopes != nil || entries[2].Name != "" {
		t.Errorf("the list shows %+v of %s", entries[2], nameless.body)
	}
	for _, token := range []string{full, named.member("token"), nameless.member("token")} {
		if signature := token[strings.LastIndex(token, "."):]; strings.Contains(string(list.body), signature) {
			t.Error("the list shows a token")
		}
	}
	path := api + "/tokens/" + named.member("_id")
	for _, method := range []string{"PUT", "PATCH"} {
		o.want(method, o.as(full, method, path, `{"scopes":["GET /geofences"]}`), 405)
	}
	o.want("it works", o.as(named.member("token"), "GET", api+"/objects", ""), 200)
	o.want("another user revokes it", o.as(o.scopedToken("clerk", ""), "DELETE", path, ""), 404)
	if r := o.want("revoke", o.as(full, "DELETE", path, ""), 200); r.member("success") != "true" {
		t.Errorf("a revocation answers %s", r.body)
	}
	o.want("the revoked token", o.as(named.member("token"), "GET", api+"/objects", ""), 401)
	o.want("revoke again", o.as(full, "DELETE", path, ""), 404)
	o.want("revoke the unknown", o.as(full, "DELETE", api+"/tokens/000000000000000000000000", ""), 404)
	o.want("the other token", o.as(nameless.member("token"), "GET", api+"/objects", ""), 200)
	if after := o.as(full, "GET", api+"/tokens", ""); strings.Contains(string(after.body), named.member("_id")) {
		t.Error("the revoked token is still in the list")
	}
	o.clock.Advance(25 * time.Hour)
	if late := o.as(o.scopedToken("root", ""), "GET", api+"/tokens", ""); strings.Count(string(late.body), `"_id"`) != 1 {
		t.Errorf("the list still shows expired tokens: %s", late.body)
	}
}

func TestScopedIssuing(t *testing.T) { // SCP-17, SCP-18
	t.Parallel()
	o := open(t)
	o.want("scopes without POST /tokens", o.as(o.scopedToken("root", `,"scopes":["GET /objects"]`), "POST", api+"/tokens", `{"scopes":["GET /objects"]}`), 403)
	issuer := o.scopedToken("root", `,"scopes":["POST /tokens","GET /objects/:id"]`)
	o.want("no more than its own", o.as(issuer, "POST", api+"/tokens", `{"scopes":["GET /objects/42"]}`), 200)
	for _, wider := range []string{"GET /objects", "GET /objects/*", "GET /geofences", "DELETE /objects/:id", "GET /objects/:id/packets"} {
		o.want("more than its own: "+wider, o.as(issuer, "POST", api+"/tokens", `{"scopes":["GET /objects/42","`+wider+`"]}`), 403)
	}
	derived := o.want("no scopes", o.as(issuer, "POST", api+"/tokens", `{}`), 200).member("token")
	o.want("a path of the derived token", o.as(derived, "GET", api+"/objects/42", ""), 200)
	o.want("another path", o.as(derived, "GET", api+"/geofences", ""), 403)
}

func TestScopedRefusals(t *testing.T) { // SCP-23 to SCP-25, SCP-32
	t.Parallel()
	o := open(t)
	wrong := o.want("wrong password", o.send("POST", api+"/auth/token", `{"username":"root","password":"Wrong-1"}`), 401)
	unknown := o.want("unknown user", o.send("POST", api+"/auth/token", `{"username":"x","password":"Wrong-1"}`), 401)
	if string(wrong.body) != string(unknown.body) {
		t.Errorf("a wrong password answers %s, an unknown user %s", wrong.body, unknown.body)
	}
	full := o.scopedToken("root", "")
	for _, more := range []string{
		`"expiresIn":"soon"`, `"expiresIn":"-1 days"`, `"expiresIn":"0 days"`, `"expiresIn":"99999999999 years"`, `"expiresIn":""`, `"expiresIn":7`, `"expiresIn":"1.5 days"`,
		`"scopes":[]`, `"scopes":"GET /objects"`, `"scopes":["objects"]`, `"scopes":["GET objects"]`, `"scopes":["FETCH /objects"]`, `"scopes":["GET /a//b"]`,
		`"scopes":["GET /../x"]`, `"scopes":[7]`, `"scopes":[""]`, `"scopes":[null]`, `"scopes":{}`, `"name":7`, `"name":"` + strings.Repeat("n", 201) + `"`,
	} {
		o.want("issue with "+more[:min(50, len(more))], o.issue("root", ","+more), 400)
		o.want("issue from a token with "+more[:min(50, len(more))], o.as(full, "POST", api+"/tokens", "{"+more+"}"), 400)
	}
	for _, body := range []string{``, `{`, `[]`, `null`, `{}`, `{"username":"root"}`, `{"password":"root"}`, `{"username":1,"password":"root"}`, `{"username":"root","password":{}}`} {
		if r := o.want("issue with "+body, o.send("POST", api+"/auth/token", body), 400); r.member("code") != "400" {
			t.Errorf("the answer is %s", r.body)
		}
	}
	o.want("login for username", o.send("POST", api+"/auth/token", `{"login":"root","password":"root"}`), 200)
	o.want("scopes null", o.issue("root", `,"scopes":null`), 200)
	o.want("an unknown path", o.as(full, "GET", api+"/nothing", ""), 404)
	o.want("an undeclared method", o.send("PUT", api+"/auth/token", ""), 405)
}

func TestMethodsAreWhatScopesMayName(t *testing.T) { // SCP-26
	t.Parallel()
	o := open(t)
	r := o.want("methods", o.as(o.scopedToken("root", ""), "GET", api+"/methods", ""), 200)
	var methods []string
	if err := json.Unmarshal(r.body, &methods); err != nil || len(methods) < 10 {
		t.Fatalf("the methods are %s (%v)", r.body, err)
	}
	if _, err := wire.ParseScopes(methods); err != nil {
		t.Errorf("a method is no scope: %v", err)
	}
	for _, want := range []string{"GET /objects", "GET /objects/:id", "POST /objects/:id/commands/:command", "GET /geofences", "POST /geofences", "DELETE /geofences/:id", "POST /tokens"} {
		if !strings.Contains(string(r.body), `"`+want+`"`) {
			t.Errorf("the methods lack %s", want)
		}
	}
}

func TestScopedResources(t *testing.T) {
	t.Parallel()
	o := open(t)
	token := o.scopedToken("root", "")
	do := func(status int, method, path, body string) reply {
		t.Helper()
		return o.want(method+" "+path, o.as(token, method, api+path, body), status)
	}
	added := do(200, "POST", "/objects", `{"name":"Van","model":"tracker-2"}`)
	path := "/objects/" + added.member("_id")
	if r := do(200, "PATCH", path, `{"name":"Lorry"}`); r.member("name") != "Lorry" {
		t.Errorf("the object is %s", r.body)
	}
	do(200, "POST", path+"/commands/reboot", "")
	if r := do(200, "GET", path+"/packets", ""); !strings.Contains(string(r.body), `"command":"reboot"`) {
		t.Errorf("the packets are %s", r.body)
	}
	do(400, "PATCH", path, `{"name":""}`)
	do(400, "POST", "/objects", `{"name":7}`)
	do(200, "DELETE", path, "")
	for _, gone := range []string{"GET " + path, "GET " + path + "/packets", "DELETE " + path, "POST " + path + "/commands/reboot"} {
		method, at, _ := strings.Cut(gone, " ")
		do(404, method, at, "")
	}
	do(404, "PATCH", path, `{"name":"x"}`)
	fence := do(200, "POST", "/geofences", `{"name":"Gate","lat":45,"lon":9,"radius":10}`)
	do(200, "GET", "/geofences/"+fence.member("_id"), "")
	do(200, "DELETE", "/geofences/"+fence.member("_id"), "")
	do(404, "GET", "/geofences/"+fence.member("_id"), "")
	do(404, "DELETE", "/geofences/"+fence.member("_id"), "")
	if r := do(200, "GET", "/geofences", ""); !strings.Contains(string(r.body), "Yard") {
		t.Errorf("the geofences are %s", r.body)
	}
	do(200, "GET", "/objects/42/packets", "")
}
