//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/needs"
)

// TestFullDisk gives the server little room on the disk: writes are answered with 503,
// and what was acknowledged remains. Restarted with enough room, the server writes again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	shell := needs.Program(t, "sh") // it limits the size of files
	binary, c := ownBinary(t), newCaller(t)
	store := "sqlite:" + filepath.Join(t.TempDir(), "dragoman.db")
	p := startServe(t, shell, "-c", `ulimit -f 400 && exec "$@"`, "sh", binary, "serve", "--demo", "--store", store)
	var kept []string
	full := exchange{}
	for range 1000 {
		if full = c.formLogin(p.url); full.status != 200 {
			break
		}
		kept = append(kept, full.member("token"))
	}
	if full.status != 503 || full.header.Get("Retry-After") == "" || len(kept) == 0 {
		t.Fatalf("after %d logins the full disk answers %v", len(kept), full)
	}
	check := func(when, url string) {
		for _, token := range kept {
			if r := c.items(url, token); r.status != 200 {
				t.Fatalf("%s an acknowledged login answers %v", when, r)
			}
		}
	}
	check("on a full disk", p.url)
	if r := c.formLogout(p.url, kept[0]); r.status != 503 {
		t.Errorf("on a full disk a logout answers %v", r)
	}
	p.terminate()
	p = startServe(t, binary, "serve", "--demo", "--store", store)
	check("with room again", p.url)
	if r := c.formLogin(p.url); r.status != 200 {
		t.Errorf("with room again a login answers %v", r)
	}
}

// TestRestartKeepsSessions ends a server in the ordinary way. A server on a copy of the
// one file that is left then knows the sessions.
func TestRestartKeepsSessions(t *testing.T) {
	t.Parallel()
	binary, c := ownBinary(t), newCaller(t)
	left, copied := filepath.Join(t.TempDir(), "dragoman.db"), filepath.Join(t.TempDir(), "copy.db")
	p := startServe(t, binary, "serve", "--demo", "--store", "sqlite:"+left)
	pair := c.openSession(p.url)
	p.terminate()
	text, err := os.ReadFile(left)
	if err == nil {
		err = os.WriteFile(copied, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	p = startServe(t, binary, "serve", "--demo", "--store", "sqlite:"+copied)
	if r := c.users(p.url, pair.member("access_token")); r.status != 200 {
		t.Errorf("after a restart a session answers %v", r)
	}
	if r := c.refresh(p.url, pair); r.status != 200 {
		t.Errorf("after a restart a refresh answers %v", r)
	}
}
