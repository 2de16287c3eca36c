package main

import (
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
)

// TestReplicas runs three servers on one PostgreSQL, and in this order asks:
// are they one server, does the death of one lose anything, what happens while
// the database is away, and does a rolling restart disturb anybody.
func TestReplicas(t *testing.T) {
	t.Parallel()
	cluster := pgtest.New(t)
	url, binary := cluster.Database(t), ownBinary(t)
	start := func() *process { return startServe(t, binary, "serve", "--demo", "--store", url) }
	replicas := []*process{start(), start(), start()}
	c := newCaller(t)

	refreshConcurrently(t, c, replicas)
	logoutIsSeen(t, c, replicas)
	replicas[1] = killUnderLoad(t, c, replicas, start)
	outage(t, c, replicas, cluster)
	rollingRestart(t, c, replicas, start, func() {
		if out, err := exec.CommandContext(t.Context(), binary, "keys", "rotate", "--store", url).CombinedOutput(); err != nil {
			t.Errorf("rotate the keys: %v %s", err, out)
		}
	})
}

// TestReplicasBehindPgBouncer: replicas that share few connections of a pooler are one
// server, too.
func TestReplicasBehindPgBouncer(t *testing.T) {
	t.Parallel()
	cluster := pgtest.New(t)
	url, binary, c := cluster.Bouncer(t, cluster.Database(t)), ownBinary(t), newCaller(t)
	var replicas []*process
	for range 3 {
		replicas = append(replicas, startServe(t, binary, "serve", "--demo", "--store", url))
	}
	refreshConcurrently(t, c, replicas)
	logoutIsSeen(t, c, replicas)
	c.CloseIdleConnections()
	for _, replica := range replicas {
		replica.terminate()
	}
}

// refreshConcurrently sends 100 refreshes of one session to all replicas at once:
// all get the same pair.
func refreshConcurrently(t *testing.T, c *caller, replicas []*process) {
	first := c.openSession(replicas[0].url)
	answers := make([]exchange, 100)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = c.refresh(replicas[i%3].url, first) })
	}
	all.Wait()
	next := answers[0].member("access_token")
	for _, answer := range answers {
		if answer.status != 200 || answer.member("access_token") != next || next == first.member("access_token") {
			t.Fatalf("a refresh among many answers %v", answer)
		}
	}
	for _, replica := range replicas {
		list := c.send("GET", replica.url+"/sessions", "", "Authorization: Bearer "+next)
		if list.status != 200 || strings.Count(string(list.body), `"id"`) != 1 {
			t.Errorf("afterwards the sessions are %v", list)
		}
	}
}

// logoutIsSeen shows that no cache is stale: a token that was revoked at one replica
// is rejected by the others from then on.
func logoutIsSeen(t *testing.T, c *caller, replicas []*process) {
	for range 20 {
		token := c.formLogin(replicas[0].url).member("token")
		for _, replica := range replicas {
			if r := c.items(replica.url, token); r.status != 200 {
				t.Fatalf("a token of another replica: %v", r)
			}
		}
		if r := c.formLogout(replicas[1].url, token); r.status != 204 {
			t.Fatalf("log out: %v", r)
		}
		for _, replica := range replicas {
			if r := c.items(replica.url, token); r.status != 401 {
				t.Fatalf("a revoked token: %v", r)
			}
		}
	}
}

// killUnderLoad kills the second replica while it issues and revokes, and looks
// at the others for everything that it had acknowledged.
func killUnderLoad(t *testing.T, c *caller, replicas []*process, start func() *process) *process {
	killed := replicas[1]
	var mu sync.Mutex
	var live, revoked []string
	var all sync.WaitGroup
	enough := make(chan struct{})
	for range 8 {
		all.Go(func() {
			for {
				kept, ended := c.formLogin(killed.url).member("token"), c.formLogin(killed.url).member("token")
				if kept == "" || ended == "" {
					return // it is dead
				}
				gone := c.formLogout(killed.url, ended).status == 204
				mu.Lock()
				live = append(live, kept)
				if gone {
					revoked = append(revoked, ended)
				}
				if len(live) == 100 {
					close(enough)
				}
				mu.Unlock()
			}
		})
	}
	<-enough
	killed.kill()
	all.Wait()
	if len(revoked) == 0 {
		t.Error("nothing was revoked before the kill")
	}
	for status, tokens := range map[int][]string{200: live, 401: revoked} {
		for i, token := range tokens {
			if r := c.items(replicas[i%2*2].url, token); r.status != status {
				t.Errorf("what was acknowledged before the kill is lost: want %d, got %v", status, r)
			}
		}
	}
	return start()
}

// outage stops the database: every answer is 503 with Retry-After, until it is
// back.
func outage(t *testing.T, c *caller, replicas []*process, cluster *pgtest.Cluster) {
	url := replicas[0].url
	session, token := c.openSession(url), c.formLogin(url).member("token")
	unknown := strings.Repeat("0", len(token))
	cluster.Stop("immediate")
	for _, replica := range replicas {
		for what, r := range map[string]exchange{
			"a token": c.items(replica.url, token), "an unknown token": c.items(replica.url, unknown), "a login": c.formLogin(replica.url),
			"a session": c.users(replica.url, session.member("access_token")), "a refresh": c.refresh(replica.url, session),
			"a logout": c.formLogout(replica.url, token),
		} {
			if r.status != 503 || r.header.Get("Retry-After") == "" {
				t.Errorf("without the database %s answers %v", what, r)
			}
		}
	}
	cluster.Start()
	for _, replica := range replicas {
		if r := c.items(replica.url, token); r.status != 200 {
			t.Errorf("with the database back, a token answers %v", r)
		}
		if session = c.refresh(replica.url, session); session.status != 200 {
			t.Fatalf("with the database back, a refresh answers %v", session)
		}
	}
}

// rollingRestart replaces the replicas one by one, and the keys meanwhile, while
// clients go on: no request may fail.
func rollingRestart(t *testing.T, c *caller, replicas []*process, start func() *process, rotate func()) {
	var mu sync.RWMutex // the list does not change while a request is under way, as with a load balancer that drains
	var requests atomic.Int64
	over := make(chan struct{})
	var all sync.WaitGroup
	token := c.formLogin(replicas[0].url).member("token")
	for i := range 4 {
		all.Go(func() {
			pair := c.openSession(replicas[2].url)
			for n := i; ; n++ {
				select {
				case <-over:
					return
				default:
				}
				mu.RLock()
				url := replicas[n%len(replicas)].url
				r := c.items(url, token)
				if n%5 == 0 {
					pair = c.refresh(url, pair)
					r = pair
				}
				mu.RUnlock()
				if r.status != 200 {
					t.Errorf("during a rolling restart: %v", r)
					return
				}
				requests.Add(1)
			}
		})
	}
	for i := range 3 {
		fresh := start()
		mu.Lock()
		old := replicas[0]
		replicas = append(slices.Clone(replicas[1:]), fresh)
		mu.Unlock() // nobody asks the old one any more
		before := requests.Load()
		for requests.Load() < before+20 && !t.Failed() {
			if r := c.items(fresh.url, token); r.status != 200 {
				t.Errorf("the new replica answers %v", r)
			}
		}
		old.terminate()
		if i == 1 {
			rotate()
		}
	}
	close(over)
	all.Wait()
	if requests.Load() < 60 {
		t.Errorf("there were only %d requests", requests.Load())
	}
}
