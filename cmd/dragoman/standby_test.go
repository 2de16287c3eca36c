package main

import (
	"strings"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
)

// TestStandbyIsPromoted kills the primary of a server's database while it is written to,
// and promotes the standby. Commits wait for the standby, so all that was acknowledged is
// there. Until the promotion every answer is 503; then the same process goes on.
func TestStandbyIsPromoted(t *testing.T) {
	t.Parallel()
	primary := pgtest.New(t)
	database := primary.Database(t)
	standby := primary.Standby(t)
	url := pgtest.Both(t, database, standby) + "&target_session_attrs=read-write"
	p := startServe(t, ownBinary(t), "serve", "--demo", "--store", url)
	primary.SynchronousCommit(t)
	c := newCaller(t)
	w := &writers{known: &acknowledged{}, over: make(chan struct{})}
	w.start(t, c, p.url)
	w.await(t, 50)
	primary.Stop("immediate")
	withoutDatabase(t, c, p.url, w)
	standby.Promote()
	w.await(t, 50)
	close(w.over)
	w.all.Wait()
	if len(w.known.revoked) == 0 || len(w.known.tokens) == 0 || len(w.known.sessions) != 2 {
		t.Errorf("the writers did too little: %+v", w.known)
	}
	w.known.check(t, c, p.url)
	c.CloseIdleConnections()
	p.terminate()
}

// withoutDatabase asks for all that there was before: the answer is 503, and no other.
func withoutDatabase(t *testing.T, c *caller, url string, w *writers) {
	t.Helper()
	w.known.mu.Lock()
	token := w.known.tokens[0]
	w.known.mu.Unlock()
	for range 5 {
		for what, r := range map[string]exchange{
			"a token": c.items(url, token), "an unknown token": c.items(url, strings.Repeat("0", len(token))),
			"a login": c.formLogin(url), "a session": c.openSession(url), "a logout": c.formLogout(url, token),
		} {
			if r.status != 503 || r.header.Get("Retry-After") == "" {
				t.Errorf("before the promotion %s answers %v", what, r)
			}
		}
	}
}

// writers log in, out and refresh until it is over. What is not acknowledged has to be
// a 503.
type writers struct {
	known *acknowledged
	over  chan struct{}
	all   sync.WaitGroup
}

func (w *writers) start(t *testing.T, c *caller, url string) {
	for range 2 {
		w.all.Go(func() {
			for w.goesOn() {
				kept, ended := w.ask(t, "a login", c.formLogin(url), 200), w.ask(t, "a login", c.formLogin(url), 200)
				w.known.keep(&w.known.tokens, kept.member("token"))
				if ended.status == 200 && w.ask(t, "a logout", c.formLogout(url, ended.member("token")), 204).status == 204 {
					w.known.keep(&w.known.revoked, ended.member("token"))
				}
			}
		})
		first := w.ask(t, "a login", c.openSession(url), 200)
		w.all.Go(func() { w.rotate(t, c, url, first) })
	}
}

// rotate refreshes a session. A refresh that got no answer is repeated.
func (w *writers) rotate(t *testing.T, c *caller, url string, pair exchange) {
	for w.goesOn() {
		next := w.ask(t, "a refresh", c.refresh(url, pair), 200)
		if next.status != 200 {
			continue
		}
		pair = next
		w.ask(t, "a token", c.users(url, pair.member("access_token")), 200)
		w.known.mu.Lock()
		w.known.wrote()
		w.known.mu.Unlock()
	}
	w.known.mu.Lock()
	defer w.known.mu.Unlock()
	w.known.sessions = append(w.known.sessions, pair)
}

func (w *writers) goesOn() bool {
	select {
	case <-w.over:
		return false
	default:
		return true
	}
}

func (w *writers) ask(t *testing.T, what string, r exchange, want int) exchange {
	if r.status != want && r.status != 503 {
		t.Errorf("%s answers %v", what, r)
	}
	return r
}

// await returns after so many more acknowledged writes.
func (w *writers) await(t *testing.T, n int) {
	t.Helper()
	w.known.mu.Lock()
	reached := make(chan struct{})
	w.known.enough, w.known.reached = w.known.writes+n, reached
	w.known.mu.Unlock()
	select {
	case <-reached:
	case <-t.Context().Done():
		t.Fatal("the test ended before the writes")
	}
}

// TestStandbyThatWasBehind shows what a standby costs that commits did not wait for: what
// was acknowledged in the last moment has not happened. It is never an error of another
// kind. The URL may name the hosts in any order.
func TestStandbyThatWasBehind(t *testing.T) {
	t.Parallel()
	primary := pgtest.New(t)
	database := primary.Database(t)
	standby := primary.Standby(t)
	url := pgtest.Both(t, standby.At(t, database), primary)
	p, c := startServe(t, ownBinary(t), "serve", "--demo", "--store", url), newCaller(t)
	revoked, before := c.formLogin(p.url).member("token"), c.openSession(p.url)
	primary.StopReplication(t, standby)
	out, after, issued := c.formLogout(p.url, revoked), c.refresh(p.url, before), c.formLogin(p.url).member("token")
	if out.status != 204 || after.status != 200 || issued == "" {
		t.Fatalf("the primary answers %v, %v, %q", out, after, issued)
	}
	primary.Stop("immediate")
	standby.Promote()
	for what, answer := range map[string]struct {
		got  exchange
		want int
	}{
		"a token whose logout was lost":           {c.items(p.url, revoked), 200},
		"a token whose login was lost":            {c.items(p.url, issued), 401},
		"an access token whose refresh was lost":  {c.users(p.url, after.member("access_token")), 401},
		"the access token before it":              {c.users(p.url, before.member("access_token")), 200},
		"a refresh token whose refresh was lost":  {c.refresh(p.url, after), 401},
		"the access token of the session, then":   {c.users(p.url, before.member("access_token")), 401},
		"a login":                                 {c.formLogin(p.url), 200},
		"a login again, of the session's dialect": {c.openSession(p.url), 200},
	} {
		if answer.got.status != answer.want {
			t.Errorf("%s answers %v, want %d", what, answer.got, answer.want)
		}
	}
	c.CloseIdleConnections()
	p.terminate()
}
