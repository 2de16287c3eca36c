package page_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

var linked = regexp.MustCompile(`<th scope="row"><a href="account\?login=([^"]+)">`)

// logins are those that a page of the list shows.
func logins(text string) (all []string) {
	for _, found := range linked.FindAllStringSubmatch(text, -1) {
		all = append(all, found[1])
	}
	return all
}

// TestAccountsComeInPages: all accounts are in the list once, at most 25 to a page; the
// search finds a beginning or an address.
func TestAccountsComeInPages(t *testing.T) {
	t.Parallel()
	o := inFile(t)
	want := []string{"root", "clerk", "guarded"}
	for i := range 60 {
		login := fmt.Sprintf("user%02d", i)
		want = append(want, login)
		o.add(account.Account{Login: login, Email: login + "@mail.example", Password: "long enough", Rights: account.Rights{"GET /users"}})
	}
	o.add(account.Account{Login: "Root", Email: "other@example.com", Password: "long enough"}) // the one of the configuration counts
	var got []string
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`)
	path, pages := "accounts", 0
	for path != "" {
		text := o.get(path)
		pages++
		if found := logins(text); len(found) > 25+len(reference.DemoAccounts()) {
			t.Errorf("%s has %d accounts", path, len(found))
		} else {
			got = append(got, found...)
		}
		path = ""
		if found := next.FindStringSubmatch(text); found != nil {
			path = strings.ReplaceAll(found[1], "&amp;", "&")
		}
	}
	if !slices.Equal(got, want) || pages != 3 {
		t.Errorf("%d pages have %q", pages, got)
	}
	for query, want := range map[string][]string{
		"user5": {"user50", "user51", "user52", "user53", "user54", "user55", "user56", "user57", "user58", "user59"}, "USER07": {"user07"},
		"user33@mail.example": {"user33"}, "root@example.com": {"root"}, "roo": {"root"}, "nobody": nil, "user07@": nil, " user08 ": {"user08"},
	} {
		if got := logins(o.get("accounts?" + url.Values{"q": {query}}.Encode())); !slices.Equal(got, want) {
			t.Errorf("the search for %q finds %q, want %q", query, got, want)
		}
	}
}

// TestManySessionsComeInPages: an account with hundreds of tokens shows a hundred at
// once, and its number in the list is bounded, too.
func TestManySessionsComeInPages(t *testing.T) {
	t.Parallel()
	o := inMemory(t)
	o.add(account.Account{Login: "ann", Password: "long enough"})
	grants, err := grant.New(grant.Config{Store: o.store, Clock: o.clock, Accounts: o.accounts})
	if err != nil {
		t.Fatal(err)
	}
	epoch, _, err := o.accounts.Epoch(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	for range 250 {
		if _, err := grants.IssueForm(t.Context(), grant.Subject{Login: "ann", Epoch: epoch}, false); err != nil {
			t.Fatal(err)
		}
	}
	if text := o.get("accounts?q=ann"); !strings.Contains(text, "<td>more than 100</td>") {
		t.Errorf("the list is\n%s", text)
	}
	seen := map[string]bool{}
	path := "account?login=ann"
	for pages := 1; path != ""; pages++ {
		text := o.get(path)
		path = ""
		found := row.FindAllStringSubmatch(text, -1)
		for _, one := range found {
			seen[one[1]] = true
		}
		if next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(text); next != nil {
			path = strings.ReplaceAll(next[1], "&amp;", "&")
		}
		if len(found) > 100 || pages > 3 {
			t.Fatalf("page %d has %d tokens", pages, len(found))
		}
	}
	if len(seen) != 250 {
		t.Errorf("the pages have %d tokens", len(seen))
	}
}

// TestLastRenewed: an account shows when its sessions were refreshed, and no time for
// what never was.
func TestLastRenewed(t *testing.T) {
	t.Parallel()
	o := inMemory(t)
	w := send(o.server, "POST", "/sessions", `{"session":{"email":"root@example.com","password":"root"}}`)
	const renewed = "<td>2026-01-02 12:05:30Z</td>"
	if text := o.get("account?login=root"); !strings.Contains(text, "<td>2026-01-02 12:00:30Z</td>\n    <td>never</td>") || strings.Contains(text, renewed) {
		t.Errorf("before a refresh the page is\n%s", text)
	}
	o.clock.Advance(5 * time.Minute)
	if w := send(o.server, "POST", "/tokens", `{"refresh_token":"`+member(w, "refresh_token")+`"}`, "Authorization: Bearer "+member(w, "access_token")); w.Code != 200 {
		t.Fatalf("the refresh: %d %s", w.Code, w.Body)
	}
	if text := o.get("account?login=root"); !strings.Contains(text, "<td>2026-01-02 12:00:30Z</td>\n    "+renewed) {
		t.Errorf("after it the page is\n%s", text)
	}
}

// hostile are texts that a client may choose.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'"></bdi></td><form action=//evil.example>`, "javascript:alert(1)", "{{.Keys}}",
	"a\x00b\x1b[2J\r\nx", "\u202egnp.exe", "\u2066a\u2069", "\xff\xfe", strings.Repeat("x", 5000),
}

// TestTextsOfClientsAreEscaped: whatever clients choose, no page has markup of theirs,
// nor characters that nobody sees.
func TestTextsOfClientsAreEscaped(t *testing.T) {
	t.Parallel()
	o := inMemory(t)
	plain := map[string]string{}
	paths := []string{"", "accounts", "account?login=ann", "audit", "audit?q=x"}
	o.add(account.Account{Login: "ann", Password: "long enough"})
	for _, path := range paths {
		plain[path] = o.get(path)
	}
	grants, err := grant.New(grant.Config{Store: o.store, Clock: o.clock, Accounts: o.accounts})
	if err != nil {
		t.Fatal(err)
	}
	epoch, _, err := o.accounts.Epoch(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	subject := grant.Subject{Login: "ann", Epoch: epoch}
	for i, text := range hostile {
		o.recent.Record(t.Context(), audit.Event{Kind: audit.LoginThrottled, Dialect: "form", Login: text, Address: text, Grant: text})
		o.recent.Record(t.Context(), audit.Event{Kind: audit.Issued, Dialect: "form", Login: "ann", Address: text})
		if _, err := grants.OpenSession(t.Context(), subject, grant.Client{Address: text, Agent: text}); err != nil {
			t.Fatal(err)
		}
		if _, err := grants.IssueScoped(t.Context(), subject, grant.ScopedRequest{Name: text}); err != nil {
			t.Fatal(err)
		}
		o.add(account.Account{Login: fmt.Sprintf("h%d", i), Name: text, Password: "long enough"})
		paths = append(paths, "accounts?"+url.Values{"q": {text}}.Encode(), "audit?"+url.Values{"q": {text}, "kind": {text}}.Encode(), fmt.Sprintf("account?login=h%d", i))
	}
	tags := regexp.MustCompile(`</?[a-z0-9]+`)
	known := tags.FindAllString(strings.Join(slices.Collect(values(plain)), ""), -1)
	known = append(known, tags.FindAllString(`<tr></tr><form></form><input><em></em></em>`, -1)...)
	for _, path := range paths {
		text := o.get(path)
		for _, tag := range tags.FindAllString(text, -1) {
			if !slices.Contains(known, tag) {
				t.Errorf("%q has the tag %s>", path, tag)
			}
		}
		for _, bad := range []string{"<script", "<img", "alert(1)>", "\x00", "\x1b", "\r", "\u202e", "\u2066", "\xff", "href=\"javascript"} {
			if strings.Contains(text, bad) {
				t.Errorf("%q has %q", path, bad)
			}
		}
		if strings.Contains(text, strings.Repeat("x", 300)) && !strings.Contains(path, "xxx") {
			t.Errorf("%q has a text without end", path)
		}
	}
}

func values(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// TestNoPageHasASecret: after logins in all dialects, also with a password in the wrong
// field, no page has a password, a token, a hash or a key.
func TestNoPageHasASecret(t *testing.T) {
	t.Parallel()
	o := inMemory(t)
	o.add(account.Account{
		Login: "ann", Email: "ann@example.com", Password: "ann's password", Rights: account.Rights{"*"},
		APIKeys: []account.APIKey{{Name: "ci", Key: "0123456789abcdef-key", Permissions: account.Rights{"*"}}},
	})
	o.add(account.Account{Login: "totp", Password: "totp's password", TOTPSecret: reference.DemoTOTPSecret})
	secrets := []string{password, "ann's password", "ann&#39;s password", "totp's password", "0123456789abcdef-key", reference.DemoAPIKey, reference.DemoTOTPSecret, "hunter2", "wrong-secret", "$argon2", "fast$"}
	for _, one := range o.logIn("ann", "ann@example.com", "ann's password") {
		secrets = append(secrets, one.token)
	}
	for _, one := range o.logIn("root", "root@example.com", "root") {
		secrets = append(secrets, one.token)
	}
	send(o.server, "GET", "/users", "", "X-Api-Key: 0123456789abcdef-key")
	send(o.server, "GET", "/users", "", "X-Api-Key: wrong-secret-of-a-key")
	send(o.server, "POST", "/login", url.Values{"login": {"hunter2 hunter2"}, "pass": {""}}.Encode(), formType)
	for range 5 {
		send(o.server, "POST", "/login", url.Values{"login": {"hunter2"}, "pass": {"wrong-secret"}}.Encode(), formType)
	}
	if !strings.Contains(o.log.String(), "login throttled") {
		t.Fatal("no login was throttled")
	}
	ring, err := keyring.New(keyring.Config{Store: o.store, Clock: o.clock})
	if err != nil {
		t.Fatal(err)
	}
	for _, purpose := range keyring.Purposes() {
		keys, err := ring.All(t.Context(), purpose)
		if err != nil || len(keys) != 1 {
			t.Fatalf("%d keys of %s (%v)", len(keys), purpose, err)
		}
		for _, key := range keys {
			if !strings.Contains(o.get(""), "<code>"+key.ID+"</code>") {
				t.Errorf("the page has not the key %s of %s", key.ID, purpose)
			}
			if purpose == keyring.Secret {
				secrets = append(secrets, hex.EncodeToString(key.Secret), base64.StdEncoding.EncodeToString(key.Secret), string(key.Secret))
			} else {
				secrets = append(secrets, key.RSA.D.String(), key.RSA.D.Text(16))
			}
		}
	}
	if !strings.Contains(o.get("audit"), "no such account") || !strings.Contains(o.get(""), "signs since") {
		t.Error("the pages do not show what this test is about")
	}
	for _, path := range []string{"", "accounts", "accounts?q=ann", "account?login=ann", "account?login=root", "account?login=totp", "account?login=guarded", "audit"} {
		text := o.get(path)
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%q has the secret %q", path, secret)
			}
		}
	}
}

// TestAuditLinesAreFiltered by a part of a text, and by their kind.
func TestAuditLinesAreFiltered(t *testing.T) {
	t.Parallel()
	o := inMemory(t)
	o.recent.Record(t.Context(), audit.Event{Kind: audit.LoginFailed, Dialect: "form", Login: "ann", Address: "192.0.2.7"})
	o.recent.Record(t.Context(), audit.Event{Kind: audit.Issued, Dialect: "rpc", Login: "ann", Address: "192.0.2.8", Grant: "0123-4567"})
	o.recent.Record(t.Context(), audit.Event{Kind: audit.LoginFailed, Dialect: "rpc", Login: "bob", Address: "192.0.2.7"})
	for query, want := range map[string]int{
		"": 3, "q=ANN": 2, "q=192.0.2.7": 2, "q=4567": 1, "q=rpc": 2, "kind=login+failed": 2, "kind=login+failed&q=ann": 1, "kind=grant+renewed": 0, "q=nothing": 0, "kind=x": 0,
	} {
		text := o.get("audit?" + query)
		if got := strings.Count(text, "<tr>\n    <td>"); got != want || (want == 0) != strings.Contains(text, "There are no such lines") {
			t.Errorf("%q shows %d lines, want %d", query, got, want)
		}
	}
	if text := o.get("audit?kind=login+failed"); !strings.Contains(text, "<option selected>login failed</option>") {
		t.Errorf("the form forgets what was asked for:\n%s", text)
	}
}

// TestCharts: what happens is in the chart of the hour, in bars and in words.
func TestCharts(t *testing.T) {
	t.Parallel()
	o := inMemory(t)
	login := func(times int, pass string) {
		for range times {
			send(o.server, "POST", "/login", url.Values{"login": {"root"}, "pass": {pass}}.Encode(), formType)
		}
	}
	login(4, "root")
	o.wall.Advance(2 * time.Minute)
	login(1, "root")
	login(2, "wrong")
	text := o.get("")
	for _, want := range []string{
		`aria-label="Logins that succeeded: 5 in the last hour, at most 4 in a minute, 1 in this one"`,
		`aria-label="Logins that failed: 2 in the last hour, at most 2 in a minute, 2 in this one"`,
		`aria-label="Errors of the server: 0 in the last hour, at most 0 in a minute, 0 in this one"`,
		`<rect x="228" y="0" width="3" height="48">`, `<rect x="236" y="36" width="3" height="12">`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page has not %s:\n%s", want, text)
		}
	}
}
