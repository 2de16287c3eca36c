package main

import (
	"crypto/rand"
	"crypto/sha256"
	"maps"
	"sync"
	"time"
)

// The lives that the dialect documents (FRM-02, FRM-03).
const (
	short = 24 * time.Hour
	long  = 30 * 24 * time.Hour
)

// grant is what a login, a look and an extension answer.
type grant struct {
	Token   string    `json:"token"`
	ValidTo time.Time `json:"validTo"`
	User    string    `json:"user"`
}

// tokens are the live tokens, under their digests. It is safe for concurrent use.
type tokens struct {
	mu    sync.Mutex
	live  map[[sha256.Size]byte]grant // without the token itself
	sweep time.Time
}

func newTokens() *tokens { return &tokens{live: map[[sha256.Size]byte]grant{}} }

func (t *tokens) issue(user string, longer bool, now time.Time) grant {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.After(t.sweep) { // what has ended takes no memory for longer than an hour
		maps.DeleteFunc(t.live, func(_ [sha256.Size]byte, g grant) bool { return !now.Before(g.ValidTo) })
		t.sweep = now.Add(time.Hour)
	}
	token := rand.Text() // 130 bits (SEC-01)
	return t.keep(grant{Token: token, User: user}, longer, now)
}

// keep keeps a token until its end, counted from now. The caller holds the lock.
func (t *tokens) keep(g grant, longer bool, now time.Time) grant {
	life := short
	if longer {
		life = long
	}
	g.ValidTo = now.Add(life).UTC().Truncate(time.Second) // what is said is what counts
	t.live[sha256.Sum256([]byte(g.Token))] = grant{ValidTo: g.ValidTo, User: g.User}
	return g
}

func (t *tokens) find(token string, now time.Time) (grant, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.get(token, now)
}

// get is find, for callers that hold the lock.
func (t *tokens) get(token string, now time.Time) (grant, bool) {
	g, ok := t.live[sha256.Sum256([]byte(token))]
	g.Token = token
	return g, ok && now.Before(g.ValidTo)
}

// extend gives the same token a new end, if it has not ended (FRM-11, FRM-13).
func (t *tokens) extend(token string, longer bool, now time.Time) (grant, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g, ok := t.get(token, now)
	if !ok {
		return grant{}, false
	}
	return t.keep(g, longer, now), true
}

func (t *tokens) end(token string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.get(token, now)
	delete(t.live, sha256.Sum256([]byte(token)))
	return ok
}
