package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// TestKillLosesNothing kills a server on SQLite at 200 random moments while it
// is written to. After each start, every login, rotation and revocation that was
// acknowledged before holds.
func TestKillLosesNothing(t *testing.T) {
	t.Parallel()
	const lanes, rounds = 4, 50
	binary := ownBinary(t)
	for lane := range lanes {
		t.Run(fmt.Sprintf("lane %d", lane), func(t *testing.T) {
			t.Parallel()
			store := "sqlite:" + filepath.Join(t.TempDir(), "dragoman.db")
			seed := uint64(time.Now().UnixNano())
			moments := rand.New(rand.NewPCG(seed, uint64(lane)))
			known, c := &acknowledged{}, newCaller(t)
			acks := 0
			for round := range rounds {
				p := startServe(t, binary, "serve", "--demo", "--store", store)
				known.check(t, c, p.url)
				if t.Failed() {
					t.Fatalf("in round %d, seed %d; the server said:\n%s", round, seed, p.logged())
				}
				acks += known.size()
				known = writeUntilKilled(c, p, time.Duration(moments.IntN(60_000))*time.Microsecond)
			}
			p := startServe(t, binary, "serve", "--demo", "--store", store)
			known.check(t, c, p.url)
			p.terminate()
			if acks < rounds {
				t.Errorf("only %d writes were acknowledged in %d rounds: too few to prove anything", acks, rounds)
			}
		})
	}
}

// acknowledged is what a server has said that it did.
type acknowledged struct {
	mu       sync.Mutex
	tokens   []string   // form logins
	revoked  []string   // form logouts
	sessions []exchange // the last pair of each session
}

func (a *acknowledged) size() int { return len(a.tokens) + len(a.revoked) + len(a.sessions) }

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

// writeUntilKilled logs in, rotates and logs out with several clients, kills the
// server after a while, and returns what it had acknowledged.
func writeUntilKilled(c *caller, p *process, after time.Duration) *acknowledged {
	known := &acknowledged{}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { known.logInAndOut(c, p.url) })
		all.Go(func() { known.rotate(c, p.url) })
	}
	<-time.After(after)
	p.kill()
	all.Wait()
	return known
}

// logInAndOut keeps every other token, until the server is gone.
func (a *acknowledged) logInAndOut(c *caller, url string) {
	for {
		kept, ended := c.formLogin(url).member("token"), c.formLogin(url).member("token")
		out := c.formLogout(url, ended)
		a.mu.Lock()
		if kept != "" {
			a.tokens = append(a.tokens, kept)
		}
		if out.status == 204 {
			a.revoked = append(a.revoked, ended)
		}
		a.mu.Unlock()
		if out.err != nil {
			return
		}
	}
}

// rotate refreshes one session over and over and keeps the last pair that came
// back. The last refresh of all may have happened without an answer; then the
// pair before it obtains the same successor again.
func (a *acknowledged) rotate(c *caller, url string) {
	pair := c.openSession(url)
	if pair.status != 200 {
		return
	}
	for next := pair; next.status == 200; next = c.refresh(url, pair) {
		pair = next
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sessions = append(a.sessions, pair)
}
