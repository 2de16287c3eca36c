package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

// TestAccountSessions lists and ends sessions, and deletes their account.
func TestAccountSessions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	step := func(code int, output string, args ...string) string {
		t.Helper()
		got, exit := dragoman(t, "long enough\n", append([]string{"account", "--data-dir", dir}, args...)...)
		if exit != code || !strings.Contains(got, output) {
			t.Errorf("account %v exits %d, want %d, with %q:\n%s", args, exit, code, output, got)
		}
		return got
	}
	login := func(times int) {
		t.Helper()
		records, err := storeurl.Open(t.Context(), storeurl.SQLite+filepath.Join(dir, "dragoman.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer records.Close()
		accounts, err := account.NewRegistry(records, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		grants, err := grant.New(grant.Config{Store: records, Accounts: accounts})
		if err != nil {
			t.Fatal(err)
		}
		epoch, _, err := accounts.Epoch(t.Context(), "ann")
		if err != nil {
			t.Fatal(err)
		}
		for range times {
			subject := grant.Subject{Login: "ann", Epoch: epoch}
			if _, err := grants.OpenSession(t.Context(), subject, grant.Client{Address: "192.0.2.7", Agent: "a\x1bb"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	ids := func() []string {
		return regexp.MustCompile(`(?m)^\S{36}`).FindAllString(step(0, "DIALECT", "sessions", "ann"), -1)
	}
	step(0, "", "add", "bob")
	step(exitUsage, `account "ann": there is no such account`, "sessions", "ann")
	step(0, "", "add", "ann")
	login(3)
	step(0, "  never  ", "sessions", "ann")
	step(0, `192.0.2.7  "a\x1bb"`, "sessions", "ann")
	first := ids()
	if len(first) != 3 {
		t.Fatalf("the sessions are %v, want 3", first)
	}
	step(0, "", "sessions", "ann", "--end", first[0], "--end", first[1])
	step(exitUsage, "no such session or token; without --end the command lists those that live", "sessions", "ann", "--end", first[0])
	step(exitUsage, "set one of them", "sessions", "ann", "--end", first[2], "--end-all")
	if left := ids(); len(left) != 1 || left[0] != first[2] {
		t.Errorf("the sessions are %v, want %s alone", left, first[2])
	}
	login(1)
	step(0, "2 ended", "sessions", "ann", "--end-all")
	if left := ids(); len(left) != 0 {
		t.Errorf("after the end of all there is %v", left)
	}
	login(1)
	step(0, "", "delete", "ann")
	step(exitUsage, "no such account", "delete", "ann")
	step(0, "", "add", "ann")
	if left := ids(); len(left) != 0 {
		t.Errorf("the new ann has the sessions %v", left)
	}
}
