package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/needs"
)

// TestKillLosesNothing kills a server on SQLite at random moments while it is written to:
// 200 times in CI. After each start, every login, rotation and revocation that was
// acknowledged before is in effect. A moment is a random time after a random number of
// acknowledged writes, so a slow machine proves as much as a fast one.
func TestKillLosesNothing(t *testing.T) {
	t.Parallel()
	const lanes = 4
	rounds := 15
	switch {
	case needs.Whole():
		rounds = 50
	case needs.Raced:
		rounds = 5 // a killed process reports no race
	}
	binary := ownBinary(t)
	for lane := range lanes {
		t.Run(fmt.Sprintf("lane %d", lane), func(t *testing.T) {
			t.Parallel()
			store := "sqlite:" + filepath.Join(t.TempDir(), "dragoman.db")
			seed := uint64(time.Now().UnixNano())
			moments := rand.New(rand.NewPCG(seed, uint64(lane)))
			known, c := &acknowledged{}, newCaller(t)
			for round := range rounds {
				p := startServe(t, binary, "serve", "--demo", "--store", store)
				known.check(t, c, p.url)
				if t.Failed() {
					t.Fatalf("in round %d, seed %d; the server said:\n%s", round, seed, p.logged())
				}
				writes, after := moments.IntN(10), time.Duration(moments.IntN(10_000))*time.Microsecond
				known = writeUntilKilled(c, p, writes, after)
				if known.writes < writes {
					t.Fatalf("in round %d only %d of %d writes were acknowledged; the server said:\n%s",
						round, known.writes, writes, p.logged())
				}
			}
			p := startServe(t, binary, "serve", "--demo", "--store", store)
			known.check(t, c, p.url)
			p.terminate()
		})
	}
}

// acknowledged is what a server has said that it did.
type acknowledged struct {
	mu       sync.Mutex
	tokens   []string   // form logins
	revoked  []string   // form logouts
	sessions []exchange // the last pair of each session

	writes  int // how many answers have acknowledged a write
	enough  int // reached is closed when writes is this
	reached chan struct{}
}

// wrote counts an acknowledged write. The caller has locked mu.
func (a *acknowledged) wrote() {
	if a.writes++; a.writes == a.enough {
		close(a.reached)
	}
}

func (a *acknowledged) check(t *testing.T, c *caller, url string) {
	t.Helper()
	for _, token := range a.tokens {
		if r := c.items(url, token); r.status != 200 {
			t.Errorf("an acknowledged login is lost: %v", r)
		}
	}
	for _, token := range a.revoked {
		if r := c.items(url, token); r.status != 401 {
			t.Errorf("a revoked token lives again: %v", r)
		}
	}
	for _, pair := range a.sessions {
		if r := c.users(url, pair.member("access_token")); r.status != 200 {
			t.Errorf("an acknowledged rotation is lost: %v", r)
		}
		if r := c.refresh(url, pair); r.status != 200 {
			t.Errorf("a session cannot go on: %v", r)
		}
	}
}

// writeUntilKilled logs in, rotates and logs out with several clients. After a number of
// acknowledged writes and some more time it kills the server. It returns what the server
// had acknowledged.
func writeUntilKilled(c *caller, p *process, writes int, after time.Duration) *acknowledged {
	known := &acknowledged{enough: writes, reached: make(chan struct{})}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { known.logInAndOut(c, p.url) })
		all.Go(func() { known.rotate(c, p.url) })
	}
	if writes > 0 {
		select {
		case <-known.reached:
		case <-time.After(time.Minute): // the server acknowledges nothing: the test says so
		}
	}
	<-time.After(after)
	p.kill()
	all.Wait()
	return known
}

// logInAndOut keeps every other token, until the server is gone.
func (a *acknowledged) logInAndOut(c *caller, url string) {
	for {
		a.keep(&a.tokens, c.formLogin(url).member("token"))
		ended := c.formLogin(url).member("token")
		out := c.formLogout(url, ended)
		if out.status == 204 {
			a.keep(&a.revoked, ended)
		}
		if out.err != nil {
			return
		}
	}
}

// keep adds the token of an answer; "" is none.
func (a *acknowledged) keep(tokens *[]string, token string) {
	if token == "" {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	*tokens = append(*tokens, token)
	a.wrote()
}

// rotate refreshes one session again and again, and keeps the last pair that was
// answered. The server may have done one more refresh and not answered it; then that
// pair obtains the same successor again.
func (a *acknowledged) rotate(c *caller, url string) {
	var pair exchange
	for next := c.openSession(url); next.status == 200; next = c.refresh(url, pair) {
		pair = next
		a.mu.Lock()
		a.wrote()
		a.mu.Unlock()
	}
	if pair.status == 200 {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.sessions = append(a.sessions, pair)
	}
}
