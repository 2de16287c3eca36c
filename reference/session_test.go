package reference_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// pair is the tokens of a session.
type pair struct{ access, refresh string }

func pairOf(r reply) pair { return pair{r.member("access_token"), r.member("refresh_token")} }

func (o *office) session(user string) pair {
	o.t.Helper()
	body := fmt.Sprintf(`{"session":{"email":"%s@example.com","password":"%s"}}`, user, user)
	return pairOf(o.want("login", o.send("POST", "/sessions", body), 200))
}

func (o *office) users(access string) reply {
	return o.send("GET", "/users", "", "Authorization: Bearer "+access)
}

func (o *office) refresh(refresh, access string) reply {
	return o.send("POST", "/tokens", `{"refresh_token":"`+refresh+`"}`, "Authorization: Bearer "+access)
}

// garble changes a character in the middle.
func garble(token string) string {
	at := len(token) / 2
	other := byte('A')
	if token[at] == other {
		other = 'B'
	}
	return token[:at] + string(other) + token[at+1:]
}

func TestSessionGrantsAndDeniesAccess(t *testing.T) { // SES-04 to SES-07
	t.Parallel()
	o := open(t)
	root, clerk := o.session("root"), o.session("clerk")
	o.want("a live token", o.users(root.access), 200)
	o.want("a user without the right", o.users(clerk.access), 403)
	for what, header := range map[string]string{
		"no token": "X-Nothing: here", "a garbled token": "Authorization: Bearer " + garble(root.access),
		"a token with a tail": "Authorization: Bearer " + root.access + "x", "half a token": "Authorization: Bearer " + root.access[:80],
		"an upper-case token": "Authorization: Bearer " + strings.ToUpper(root.access), "another scheme": "Authorization: Token " + root.access,
		"a refresh token": "Authorization: Bearer " + root.refresh, "an empty bearer": "Authorization: Bearer ",
	} {
		r := o.want(what, o.send("GET", "/users", "", header), 401)
		if r.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", what)
		}
	}
	o.want("two tokens", o.send("GET", "/users", "", "Authorization: Bearer "+root.access, "Authorization: Bearer "+root.access), 401)
}

func TestSessionAccessEndsAfterTenMinutes(t *testing.T) { // SES-09, SES-16
	t.Parallel()
	o := open(t)
	p := o.session("root")
	o.clock.Advance(10*time.Minute - 5*time.Second)
	o.want("just before the end", o.users(p.access), 200)
	o.clock.Advance(6 * time.Second)
	o.want("after the end", o.users(p.access), 401)
	next := pairOf(o.want("refresh beside an expired bearer", o.refresh(p.refresh, p.access), 200))
	o.want("the new token", o.users(next.access), 200)
}

func TestSessionWrongCredentialsAreIndistinguishable(t *testing.T) { // SES-10 to SES-12
	t.Parallel()
	o := open(t)
	wrong := o.want("wrong password", o.send("POST", "/sessions", `{"session":{"email":"root@example.com","password":"Wrong-1"}}`), 401)
	unknown := o.want("unknown user", o.send("POST", "/sessions", `{"session":{"email":"x@example.com","password":"Wrong-1"}}`), 401)
	if string(wrong.body) != string(unknown.body) {
		t.Errorf("a wrong password answers %s, an unknown user %s", wrong.body, unknown.body)
	}
}

func TestSessionRefreshRotates(t *testing.T) { // SES-08, SES-13, SES-14
	t.Parallel()
	o := open(t)
	first := o.session("root")
	second := pairOf(o.want("refresh", o.refresh(first.refresh, first.access), 200))
	if second.access == first.access || second.refresh == first.refresh {
		t.Error("a refresh answered a token of before")
	}
	again := pairOf(o.want("a second try, the reply being lost", o.refresh(first.refresh, first.access), 200))
	if again != second {
		t.Error("the second try answered another pair")
	}
	o.want("the access token before", o.users(first.access), 200)
	again = pairOf(o.want("a third try: the old access token proves nothing", o.refresh(first.refresh, first.access), 200))
	if again != second {
		t.Error("the third try answered another pair")
	}
	o.want("the new token", o.users(second.access), 200)
	o.want("a replay", o.refresh(first.refresh, first.access), 401)
	o.want("the session after the replay", o.users(second.access), 401)
	o.want("its refresh token", o.refresh(second.refresh, second.access), 401)
}

func TestSessionLostReplyLater(t *testing.T) {
	t.Parallel()
	o := open(t)
	first := o.session("root")
	second := pairOf(o.refresh(first.refresh, first.access))
	o.want("the second token", o.users(second.access), 200)
	third := pairOf(o.want("refresh", o.refresh(second.refresh, second.access), 200))
	if again := pairOf(o.want("the reply being lost", o.refresh(second.refresh, second.access), 200)); again != third {
		t.Error("the second try answered another pair")
	}
}

func TestSessionReplayAfterTheSuccessorRefreshed(t *testing.T) { // SES-13
	t.Parallel()
	o := open(t)
	first := o.session("root")
	second := pairOf(o.refresh(first.refresh, first.access))
	third := pairOf(o.refresh(second.refresh, second.access))
	o.want("a replay of the first", o.refresh(first.refresh, first.access), 401)
	o.want("the session after it", o.users(third.access), 401)
}

// TestSessionReplyLostForLong: however late a refresh is repeated, it is no replay while
// its successor is unused. An access token that has ended meanwhile is made anew.
func TestSessionReplyLostForLong(t *testing.T) {
	t.Parallel()
	o := open(t)
	first := o.session("root")
	second := pairOf(o.refresh(first.refresh, first.access))
	o.clock.Advance(10*time.Minute - time.Second)
	if again := pairOf(o.want("a repeat after minutes", o.refresh(first.refresh, first.access), 200)); again != second {
		t.Error("the repeat answered another pair")
	}
	o.clock.Advance(24 * time.Hour)
	anew := pairOf(o.want("a repeat after a day", o.refresh(first.refresh, first.access), 200))
	o.want("a replay of it at once", o.refresh(first.refresh, first.access), 200)
	o.want("the pair of the repeat", o.users(anew.access), 200)
	o.want("a replay after its use", o.refresh(first.refresh, first.access), 401)
	o.want("the session after it", o.users(anew.access), 401)
}

func TestSessionReplayAfterTheGrace(t *testing.T) {
	t.Parallel()
	o := open(t, func(c *reference.Config) { c.Lifetimes.RefreshGrace = 10 * time.Second })
	first := o.session("root")
	second := pairOf(o.refresh(first.refresh, first.access))
	o.clock.Advance(11 * time.Second)
	o.want("a replay after the grace", o.refresh(first.refresh, first.access), 401)
	o.want("the session after it", o.users(second.access), 401)
}

func TestSessionWithoutGrace(t *testing.T) {
	t.Parallel()
	o := open(t, func(c *reference.Config) { c.Lifetimes.RefreshGrace = -1 })
	first := o.session("root")
	o.want("refresh", o.refresh(first.refresh, first.access), 200)
	o.want("a second try", o.refresh(first.refresh, first.access), 401)
}

func TestSessionRefreshRefusals(t *testing.T) { // SES-15, SES-17, SES-26
	t.Parallel()
	o := open(t)
	p, other := o.session("root"), o.session("root")
	o.want("a garbled refresh token", o.refresh(garble(p.refresh), p.access), 401)
	o.want("a refresh token in other letters", o.refresh(p.refresh[:len(p.refresh)-64]+strings.ToUpper(p.refresh[len(p.refresh)-64:]), p.access), 401)
	o.want("an access token as refresh token", o.refresh(p.access, p.access), 401)
	o.want("a refresh token as bearer", o.refresh(p.refresh, p.refresh), 401)
	o.want("another session's bearer", o.refresh(p.refresh, other.access), 401)
	o.want("no bearer", o.send("POST", "/tokens", `{"refresh_token":"`+p.refresh+`"}`), 401)
	o.want("the session after all that", o.users(p.access), 200)
	o.want("its refresh token", o.refresh(p.refresh, p.access), 200)
	o.want("the other session", o.users(other.access), 200)
}

func TestSessionLifetimes(t *testing.T) {
	t.Parallel()
	o := open(t, func(c *reference.Config) {
		c.Lifetimes = grant.Lifetimes{SessionAccess: time.Hour, SessionIdle: 10 * time.Hour, SessionTotal: 25 * time.Hour}
	})
	idle := o.session("root")
	p := o.session("root")
	for range 3 { // 24 hours, each refresh within the idle life
		o.clock.Advance(8 * time.Hour)
		p = pairOf(o.want("refresh in time", o.refresh(p.refresh, p.access), 200))
	}
	o.want("refresh after the idle life", o.refresh(idle.refresh, idle.access), 401)
	o.clock.Advance(time.Hour - 30*time.Second)
	last := o.want("refresh near the session's end", o.refresh(p.refresh, p.access), 200)
	if left := last.member("expires_in"); left == "3600" || len(left) > 2 {
		t.Errorf("near the session's end expires_in is %s, want what is left", left)
	}
	o.clock.Advance(time.Minute)
	o.want("the session's end", o.users(pairOf(last).access), 401)
	o.want("a refresh after it", o.refresh(pairOf(last).refresh, pairOf(last).access), 401)
}

func TestSessionsAPI(t *testing.T) { // SES-18 to SES-20
	t.Parallel()
	o := open(t)
	login := o.send("POST", "/sessions", `{"session":{"email":"root@example.com","password":"root"}}`, "User-Agent: scanner/7")
	o.clock.Advance(time.Second) // lists are ordered by age
	other, clerk := o.session("root"), o.session("clerk")
	p := pairOf(login)
	bearer := "Authorization: Bearer " + p.access
	list := o.want("list", o.send("GET", "/sessions", "", bearer), 200)
	if strings.Count(string(list.body), `"id"`) != 2 {
		t.Errorf("the list holds %s, want root's two sessions", list.body)
	}
	id := strings.Split(string(list.body), `"`)[3]
	one := o.want("show", o.send("GET", "/sessions/"+id, "", bearer), 200)
	if one.member("ip_address") != "127.0.0.1" || one.member("user_agent") != "scanner/7" || one.member("user") != "root@example.com" {
		t.Errorf("the session shows %s", one.body)
	}
	for _, c := range []struct {
		method, path, allow string
		status              int
	}{
		{"PUT", "/sessions/" + id, "DELETE, GET, HEAD, OPTIONS", 405}, {"PATCH", "/sessions/" + id, "DELETE, GET, HEAD, OPTIONS", 405},
		{"HEAD", "/tokens", "OPTIONS, POST", 405}, {"GET", "/tokens", "OPTIONS, POST", 405},
		{"OPTIONS", "/sessions", "GET, HEAD, OPTIONS, POST", 200}, {"OPTIONS", "/tokens", "OPTIONS, POST", 200}, {"HEAD", "/sessions/a/b", "", 404},
	} {
		if r := o.want(c.method, o.send(c.method, c.path, "", bearer), c.status); r.header.Get("Allow") != c.allow {
			t.Errorf("%s %s allows %q, want %q", c.method, c.path, r.header.Get("Allow"), c.allow)
		}
	}
	if after := o.send("GET", "/sessions/"+id, "", bearer); string(after.body) != string(one.body) {
		t.Errorf("the session has changed to %s", after.body)
	}
	o.want("another user's session", o.send("GET", "/sessions/"+id, "", "Authorization: Bearer "+clerk.access), 404)
	o.want("ending another user's", o.send("DELETE", "/sessions/"+id, "", "Authorization: Bearer "+clerk.access), 404)
	o.want("end", o.send("DELETE", "/sessioni/"+id, "", bearer), 204)
	o.want("the ended session's token", o.users(p.access), 401)
	o.want("its refresh token", o.refresh(p.refresh, p.access), 401)
	o.want("the other session", o.users(other.access), 200)
	o.want("ending it again", o.send("DELETE", "/sessions/"+id, "", "Authorization: Bearer "+other.access), 404)
}

func TestAPIKeys(t *testing.T) { // SES-21
	t.Parallel()
	o := open(t, func(c *reference.Config) {
		c.Accounts[1].APIKeys = []account.APIKey{{Name: "too much", Key: "clerks-key-0123456789", Permissions: scope.Rights{"*"}}}
		c.Accounts[0].APIKeys = append(c.Accounts[0].APIKeys, account.APIKey{
			Name: "ends", Key: "roots-key-0123456789", Permissions: scope.Rights{"*"}, ExpiresAt: time.Now().Add(time.Hour),
		})
	})
	key := "X-Api-Key: " + reference.DemoAPIKey
	o.want("what it permits", o.send("GET", "/users", "", key), 200)
	o.want("the same in Italian", o.send("GET", "/utenti", "", key), 200)
	o.want("what it does not", o.send("GET", "/sessions", "", key), 403)
	o.want("below what it permits", o.send("GET", "/users/1", "", key), 403)
	o.want("an unknown key", o.send("GET", "/users", "", key+"x"), 401)
	o.want("what the owner may not", o.send("GET", "/users", "", "X-Api-Key: clerks-key-0123456789"), 403)
	o.want("two keys", o.send("GET", "/users", "", key, key), 401)
	o.want("a bad bearer beside it", o.send("GET", "/users", "", key, "Authorization: Bearer x"), 401)
	o.want("a key before its end", o.send("GET", "/users", "", "X-Api-Key: roots-key-0123456789"), 200)
	o.clock.Advance(61 * time.Minute)
	o.want("a key after its end", o.send("GET", "/users", "", "X-Api-Key: roots-key-0123456789"), 401)
}

func TestInflection(t *testing.T) { // SES-23
	t.Parallel()
	o := open(t)
	body := `{"session":{"email":"root@example.com","password":"root"}}`
	for style, key := range map[string]string{
		"camel": "accessToken", "dash": "access-token", "snake": "access_token", "pascal": "AccessToken", "": "access_token", "upper": "access_token",
	} {
		r := o.send("POST", "/sessions", body, "X-Api-Inflection: "+style)
		if r.member(key) == "" {
			t.Errorf("inflection %q: the answer has no %s: %s", style, key, r.body)
		}
	}
	list := o.send("GET", "/users", "", "X-Api-Key: "+reference.DemoAPIKey, "x-api-inflection: camel")
	if !strings.Contains(string(list.body), `"fullName":"Root"`) {
		t.Errorf("the keys in a list are not re-cased: %s", list.body)
	}
}

func TestSessionMalformed(t *testing.T) { // SES-25
	t.Parallel()
	o := open(t)
	for _, body := range []string{
		``, `{`, `[]`, `null`, `"x"`, `{}`, `{"session":null}`, `{"session":[]}`, `{"session":{"email":"root@example.com"}}`,
		`{"session":{"email":1,"password":2}}`, `{"session":{"email":"root@example.com","password":null}}`,
		`{"session":{"email":"root@example.com","password":"root"}} trailing`, "\xff\xfe{}", strings.Repeat(`{"session":`, 20000),
		`session[email]=root@example.com&session[password]=root`,
	} {
		if r := o.want("login with "+body[:min(len(body), 60)], o.send("POST", "/sessions", body), 400); strings.Contains(string(r.body), "token") {
			t.Errorf("a malformed login answers %s", r.body)
		}
	}
	p := o.session("root")
	for _, body := range []string{``, `{}`, `{"refresh_token":7}`, `{"refresh_token":null}`, `[]`} {
		o.want("refresh with "+body, o.send("POST", "/tokens", body, "Authorization: Bearer "+p.access), 400)
	}
}

func TestConcurrentRefreshesLeaveAWorkingSession(t *testing.T) { // SEC-05
	t.Parallel()
	o := open(t)
	p := o.session("root")
	var mu sync.Mutex
	answers := map[pair]int{}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			r, err := o.try("POST", "/tokens", `{"refresh_token":"`+p.refresh+`"}`, "Authorization: Bearer "+p.access)
			if err != nil || r.status != 200 {
				t.Errorf("a refresh of many: status %d (%v)", r.status, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			answers[pairOf(r)]++
		})
	}
	wg.Wait()
	if len(answers) != 1 {
		t.Errorf("20 refreshes at once answered %d pairs, want one", len(answers))
	}
	for next := range answers {
		o.want("the new token", o.users(next.access), 200)
		o.want("the next refresh", o.refresh(next.refresh, next.access), 200)
	}
}
