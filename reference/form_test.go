package reference_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func (o *office) formLogin(body string) reply { return o.send("POST", "/login", body, curlForm) }

func (o *office) formToken(body string) string {
	o.t.Helper()
	return o.want("login", o.formLogin(body), 200).member("token")
}

func (o *office) items(token string) reply {
	return o.send("GET", "/items", "", "X-Auth-Bearer: "+token)
}

// wantLife fails unless validTo is d after the time of the office.
func (o *office) wantLife(what string, r reply, d time.Duration) {
	o.t.Helper()
	end, err := time.Parse(time.RFC3339, r.member("validTo"))
	if err != nil {
		o.t.Errorf("%s: %v", what, err)
		return
	}
	if off := o.clock.Now().Add(d).Sub(end); off < -2*time.Second || off > 5*time.Second {
		o.t.Errorf("%s: validTo is %v off", what, off)
	}
}

const day = 24 * time.Hour

func TestFormLives(t *testing.T) { // FRM-01 to FRM-03, FRM-20
	t.Parallel()
	o := open(t)
	for body, life := range map[string]time.Duration{
		"login=root&pass=root": day, "login=root&pass=root&longtoken=false": day, "login=root&pass=root&longtoken=": day,
		"login=root&pass=root&longtoken=true": 30 * day, "longtoken=true&pass=root&login=root@example.com": 30 * day,
	} {
		r := o.want(body, o.formLogin(body), 200)
		o.wantLife(body, r, life)
		if r.member("user") != "root" {
			t.Errorf("user is %s", r.member("user"))
		}
	}
}

func TestFormGrantsAndDeniesAccess(t *testing.T) { // FRM-05 to FRM-07, FRM-16
	t.Parallel()
	o := open(t)
	token := o.formToken("login=root&pass=root")
	o.want("a live token", o.items(token), 200)
	o.want("one item", o.send("GET", "/items/2", "", "X-Auth-Bearer: "+token), 200)
	o.want("no such item", o.send("GET", "/items/99", "", "X-Auth-Bearer: "+token), 404)
	for what, header := range map[string]string{
		"no token": "X-Nothing: here", "a garbled token": "X-Auth-Bearer: " + garble(token), "an upper-case token": "X-Auth-Bearer: " + strings.ToUpper(token),
		"half a token": "X-Auth-Bearer: " + token[:30], "a scheme before the token": "X-Auth-Bearer: Bearer " + token, "another header": "Authorization: Bearer " + token,
	} {
		if r := o.want(what, o.send("GET", "/items", "", header), 401); r.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", what)
		}
	}
	o.want("two tokens", o.send("GET", "/items", "", "X-Auth-Bearer: "+token, "X-Auth-Bearer: "+token), 401)
	o.clock.Advance(day - 5*time.Second)
	o.want("just before the end", o.items(token), 200)
	o.clock.Advance(6 * time.Second)
	o.want("after the end", o.items(token), 401)
}

func TestFormInspect(t *testing.T) { // FRM-08 to FRM-10
	t.Parallel()
	o := open(t)
	login := o.formLogin("login=clerk&pass=clerk")
	token := login.member("token")
	if r := o.want("GET", o.send("GET", "/login?token="+token, ""), 200); string(r.body) != string(login.body) {
		t.Errorf("GET answers %s, the login %s", r.body, login.body)
	}
	for _, unknown := range []string{"unknown", garble(token), token + "00", token[:24] + strings.Repeat("0", 48)} {
		o.want("GET of "+unknown, o.send("GET", "/login?token="+unknown, ""), 404)
		o.want("GET by the literal path of "+unknown, o.send("GET", "/login&token="+unknown, ""), 404)
		o.want("PUT of "+unknown, o.send("PUT", "/login", `{"token":"`+unknown+`"}`), 404)
		o.want("DELETE of "+unknown, o.send("DELETE", "/login?token="+unknown, ""), 404)
	}
	for _, query := range []string{"", "?token=", "?token=a&token=b", "?tokens=a", "?token=%zz"} {
		o.want("GET "+query, o.send("GET", "/login"+query, ""), 400)
		o.want("DELETE "+query, o.send("DELETE", "/login"+query, ""), 400)
	}
	o.clock.Advance(25 * time.Hour)
	o.want("GET of an expired token", o.send("GET", "/login?token="+token, ""), 404)
}

func TestFormExtend(t *testing.T) { // FRM-11 to FRM-13
	t.Parallel()
	o := open(t)
	token := o.formToken("login=root&pass=root")
	o.clock.Advance(23 * time.Hour)
	r := o.want("extend", o.send("PUT", "/login", `{"token":"`+token+`","longtoken":false}`), 200)
	o.wantLife("extend", r, day)
	if r.member("token") != token {
		t.Error("an extension answered another token")
	}
	o.clock.Advance(2 * time.Hour)
	o.want("after the first end", o.items(token), 200)
	for body, life := range map[string]time.Duration{
		`{"token":"` + token + `","longtoken":true}`: 30 * day, `{"token":"` + token + `","longtoken":"true"}`: 30 * day,
	} {
		o.wantLife(body, o.want(body, o.send("PUT", "/login", body), 200), life)
	}
	// "From now" also shortens.
	o.wantLife("a short extension of a long token", o.send("PUT", "/login", `{"token":"`+token+`","longtoken":null}`), day)
	o.clock.Advance(25 * time.Hour)
	o.want("extend an expired token", o.send("PUT", "/login", `{"token":"`+token+`"}`), 404)
	o.want("the expired token", o.items(token), 401)
	for _, body := range []string{``, `{}`, `{"token":1}`, `{"token":""}`, `{"token":"x","longtoken":1}`, `{"token":"x","longtoken":{}}`, `token=x`} {
		o.want("PUT "+body, o.send("PUT", "/login", body), 400)
	}
}

func TestFormDelete(t *testing.T) { // FRM-14, FRM-15, FRM-23
	t.Parallel()
	o := open(t)
	token, other := o.formToken("login=root&pass=root"), o.formToken("login=root&pass=root")
	r := o.want("DELETE", o.send("DELETE", "/login?token="+token, ""), 204)
	if len(r.body) != 0 || r.header.Get("Content-Type") != "" {
		t.Errorf("DELETE answers %q of type %q", r.body, r.header.Get("Content-Type"))
	}
	o.want("the deleted token", o.items(token), 401)
	o.want("GET of it", o.send("GET", "/login?token="+token, ""), 404)
	o.want("PUT of it", o.send("PUT", "/login", `{"token":"`+token+`"}`), 404)
	o.want("DELETE of it", o.send("DELETE", "/login?token="+token, ""), 404)
	o.want("the other token", o.items(other), 200)
}

func TestFormRefusals(t *testing.T) { // FRM-04, FRM-17 to FRM-19, FRM-22, FRM-24
	t.Parallel()
	o := open(t)
	wrong, unknown := o.want("wrong password", o.formLogin("login=root&pass=Wrong-1"), 401), o.want("unknown login", o.formLogin("login=x&pass=Wrong-1"), 401)
	if string(wrong.body) != string(unknown.body) {
		t.Errorf("a wrong password answers %s, an unknown login %s", wrong.body, unknown.body)
	}
	for _, body := range []string{
		"", "login=root", "pass=root", "login=&pass=root", "login=root&pass=", "login=root&login=root&pass=root", "login=root&pass=root&pass=x",
		"login=root&pass=root&longtoken=yes", "login=root;pass=root", "login=%zz&pass=root", `{"login":"root","pass":"root"}`,
	} {
		o.want("login with "+body, o.formLogin(body), 400)
	}
	o.want("JSON", o.send("POST", "/login", `{"login":"root","pass":"root"}`, "Content-Type: application/json"), 415)
	o.want("no type", o.send("POST", "/login", "login=root&pass=root"), 415)
	o.want("credentials in the query", o.send("POST", "/login?login=root&pass=root", "", curlForm), 400)
	o.want("credentials in the literal path", o.send("POST", "/login&login=root&pass=root", "", curlForm), 400)
}

func TestConcurrentExtensions(t *testing.T) { // SEC-05
	t.Parallel()
	o := open(t)
	token := o.formToken("login=root&pass=root")
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			r, err := o.try("PUT", "/login", `{"token":"`+token+`"}`)
			if err != nil || r.status != http.StatusOK {
				t.Errorf("an extension of many: status %d (%v)", r.status, err)
			}
		})
	}
	wg.Wait()
	o.want("the token", o.items(token), 200)
}
