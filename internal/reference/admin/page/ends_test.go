package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// TestEnds: what an operator ends is rejected from then on, in each dialect and over
// each store; nothing else is, and the audit log says who did it.
func TestEnds(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) *office{"memory": inMemory, "SQLite": inFile, "PostgreSQL": inPostgreSQL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.add(account.Account{Login: "ann", Email: "ann@example.com", Password: "ann's password", Rights: account.Rights{"*"}})
			endsOne(o, "root", "root@example.com", "root")
			endsOne(o, "ann", "ann@example.com", "ann's password")
			endsAll(o)
		})
	}
}

func inPostgreSQL(t *testing.T) *office {
	t.Helper()
	s, err := postgres.Open(t.Context(), postgres.Config{URL: pgtest.New(t).Database(t), Timeout: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return open(t, s)
}

// endsOne ends the sessions and tokens of an account one by one.
func endsOne(o *office, login, email, password string) {
	o.t.Helper()
	all := o.logIn(login, email, password)
	ids := o.ids(login)
	if len(ids) != len(all) {
		o.t.Fatalf("the page of %s shows %v", login, ids)
	}
	left := len(all)
	for dialect, one := range all {
		if w := o.post("end", url.Values{"login": {"clerk"}, "id": {ids[dialect]}}); !strings.Contains(w.Header().Get("Location"), "done=gone") || one.works() != 200 {
			o.t.Errorf("%s was ended through another account", dialect)
		}
		o.done("end", "ended", url.Values{"login": {login}, "id": {ids[dialect]}})
		left--
		if got := one.works(); got != http.StatusUnauthorized {
			o.t.Errorf("%s after its end answers %d", dialect, got)
		}
		if now := o.ids(login); len(now) != left || now[dialect] != "" {
			o.t.Errorf("after the end of %s the page shows %v", dialect, now)
		}
		want := `"audit":{"dialect":"` + dialect + `","login":"` + login + `","address":"192.0.2.1","grant":"` + ids[dialect] + `","by":"operator"}`
		if !strings.Contains(o.log.String(), `"msg":"grant revoked",`+want) {
			o.t.Errorf("the audit log has not %s:\n%s", want, o.log)
		}
	}
}

// endsAll ends all of an account, of the store and of the configuration, and disables
// and enables one.
func endsAll(o *office) {
	o.t.Helper()
	ann, root := o.logIn("ann", "ann@example.com", "ann's password"), o.logIn("root", "root@example.com", "root")
	rejected := func(what string, all map[string]bearer, status int) {
		o.t.Helper()
		for dialect, one := range all {
			if got := one.works(); got != status {
				o.t.Errorf("%s, %s answers %d, want %d", what, dialect, got, status)
			}
		}
	}
	before, _, _ := o.accounts.Epoch(o.t.Context(), "ann")
	o.done("end-all", "all", url.Values{"login": {"ann"}})
	if after, _, err := o.accounts.Epoch(o.t.Context(), "ann"); err != nil || after <= before {
		o.t.Errorf("a token that is being issued stays valid: the epoch was %d and is %d (%v)", before, after, err)
	}
	rejected("after the end of all of ann", ann, 401)
	rejected("then that of root", root, 200)
	o.done("end-all", "all", url.Values{"login": {"root"}})
	rejected("after the end of all of root", root, 401)
	o.logIn("ann", "ann@example.com", "ann's password")
	if err := o.accounts.SetPassword(o.t.Context(), "ann", "ann's password"); err != nil { // as the command does
		o.t.Fatal(err)
	}
	o.clock.Advance(2 * account.Staleness)
	if left := o.ids("ann"); len(left) > 0 {
		o.t.Errorf("after a new password the page shows %v", left)
	}
	ann = o.logIn("ann", "ann@example.com", "ann's password")
	o.done("disable", "disabled", url.Values{"login": {"ann"}})
	rejected("after the account was disabled", ann, 401)
	if w := send(o.server, "POST", "/login", url.Values{"login": {"ann"}, "pass": {"ann's password"}}.Encode(), formType); w.Code != 401 {
		o.t.Errorf("a disabled account logs in: %d", w.Code)
	}
	if text := o.get("account?login=ann"); !strings.Contains(text, `id="state">disabled<`) || !strings.Contains(text, "Enable the account") {
		o.t.Errorf("the page of a disabled account is\n%s", text)
	}
	o.done("enable", "enabled", url.Values{"login": {"ann"}})
	o.logIn("ann", "ann@example.com", "ann's password")
	for _, event := range []string{"all grants ended", "account disabled", "account enabled"} {
		want := `"msg":"` + event + `","audit":{"dialect":"admin","login":"ann","address":"192.0.2.1","by":"operator"}`
		if !strings.Contains(o.log.String(), want) {
			o.t.Errorf("the audit log has not %s:\n%s", want, o.log)
		}
	}
}
