package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

// TestMoveBetweenStores moves a server from SQLite to PostgreSQL and back, by a backup
// that is made while it runs: accounts, keys and sessions go on.
func TestMoveBetweenStores(t *testing.T) {
	t.Parallel()
	cluster := pgtest.New(t)
	binary, c, dir := ownBinary(t), newCaller(t), t.TempDir()
	stores := []string{"sqlite:" + filepath.Join(dir, "one.db"), cluster.Database(t), "sqlite:" + filepath.Join(dir, "two.db")}
	p := startServe(t, binary, "serve", "--demo", "--store", stores[0])
	if got, code := dragoman(t, "long enough\n", "account", "add", "ann", "--store", stores[0]); code != 0 {
		t.Fatal(got)
	}
	pair, form := c.openSession(p.url), c.formLogin(p.url)
	file := filepath.Join(dir, "backup")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for i, next := range stores[1:] {
		if got, code := dragoman(t, "", "backup", file, "--store", stores[i]); code != 0 {
			t.Fatalf("backup of a store that is served: %s", got)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the backup has mode %v (%v), want 0600", info.Mode(), err)
		}
		p.terminate()
		if got, code := dragoman(t, "", "restore", file, "--store", next); code != 0 {
			t.Fatalf("restore: %s", got)
		}
		p = startServe(t, binary, "serve", "--demo", "--store", next)
		if r := c.items(p.url, form.member("token")); r.status != 200 {
			t.Errorf("after the move a token answers %v", r)
		}
		if r := c.users(p.url, pair.member("access_token")); r.status != 200 {
			t.Errorf("after the move a session answers %v", r)
		}
		if pair = c.refresh(p.url, pair); pair.status != 200 {
			t.Fatalf("after the move a refresh answers %v", pair)
		}
		if r := c.send("POST", p.url+"/login", "login=ann&pass=long+enough", formType); r.status != 200 {
			t.Errorf("after the move a login answers %v", r)
		}
	}
	p.terminate()
}

// TestRestoreAsksFirst: what is in a store is replaced only when that is asked for, and
// only by a whole backup.
func TestRestoreAsksFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	step := func(want int, output string, args ...string) {
		t.Helper()
		got, code := dragoman(t, "long enough\n", append(args, "--data-dir", dir)...)
		if code != want || !strings.Contains(got, output) {
			t.Errorf("%v exits %d, want %d, with %q:\n%s", args, code, want, output, got)
		}
	}
	whole, damaged := filepath.Join(dir, "whole"), filepath.Join(dir, "damaged")
	empty, err := storeurl.Open(t.Context(), storeurl.SQLite+filepath.Join(dir, "dragoman.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := empty.Close(); err != nil {
		t.Fatal(err)
	}
	step(exitUsage, "the store holds nothing", "backup", whole)
	if _, err := os.Stat(whole); err == nil {
		t.Error("the backup of nothing is a file")
	}
	step(0, "", "account", "add", "ann")
	step(0, "2 records", "backup", whole)
	text, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(damaged, text[:len(text)-10], 0o600); err != nil {
		t.Fatal(err)
	}
	step(0, "", "account", "add", "ben")
	step(exitUsage, "the store is not empty: name another store, or set --replace", "restore", whole)
	step(exitUsage, "was changed or is cut off", "restore", damaged, "--replace")
	step(0, "ben", "account", "list")
	step(0, "2 records, as of 2", "restore", whole, "--replace", "--without-sessions")
	step(0, "ann", "account", "list")
	if got, _ := dragoman(t, "", "account", "list", "--data-dir", dir); strings.Contains(got, "ben") {
		t.Errorf("what was added after the backup is still there:\n%s", got)
	}
	step(exitUsage, "no such file", "restore", filepath.Join(dir, "missing"))
	step(exitUsage, "the folder of the backup: stat "+filepath.Join(dir, "missing")+": no such file", "backup", filepath.Join(dir, "missing", "backup"))
	if files, err := filepath.Glob(filepath.Join(dir, ".dragoman-*")); err != nil || len(files) != 0 {
		t.Errorf("%v is left (%v)", files, err)
	}
}
